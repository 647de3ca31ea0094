import type { ChoicesAnswer } from "../../supabase/functions/_shared/admin/choices/answer.ts";
import { RoadUrl, type SetupRequestInput } from "../../supabase/functions/_shared/admin/request.ts";
import type { Prompts } from "../prompts.ts";

/** Asks where to tell that the functions are down, unless there is a road already; undefined if nowhere. */
export async function askAlerts(
  prompts: Prompts,
  roads: ChoicesAnswer["alert_roads"],
): Promise<SetupRequestInput["alerts"]> {
  if (roads.some(({ host }) => host !== null)) return undefined;
  const alertUrl = await prompts.input(
    'Where to post when the functions are down and no mail can go? A webhook that takes {"text": …} (Enter for nowhere):',
    { fault: (text) => RoadUrl.safeParse(text).error?.issues[0]?.message ?? null },
  );
  return alertUrl === "" ? undefined : { alertUrl };
}
