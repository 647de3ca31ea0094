import type { ChoicesAnswer } from "#shared/admin/answers.ts";
import { RoadUrl, type SetupRequestInput } from "#shared/admin/request.ts";
import type { Say } from "#shared/platform/text.ts";
import { told } from "../language/told.ts";
import type { Prompts } from "../prompts.ts";
import { QUESTIONS } from "../words/setup-questions.ts";

/** Asks where to tell that the functions are down, unless there is a road already; undefined if nowhere. */
export async function askAlerts(
  prompts: Prompts,
  roads: ChoicesAnswer["alert_roads"],
  say: Say,
): Promise<SetupRequestInput["alerts"]> {
  if (roads.some(({ host }) => host !== null)) return undefined;
  const alertUrl = await prompts.input(say(QUESTIONS.alerts), {
    fault: (text) => {
      const message = RoadUrl.safeParse(text).error?.issues[0]?.message;
      return message === undefined ? null : say(told(message));
    },
  });
  return alertUrl === "" ? undefined : { alertUrl };
}
