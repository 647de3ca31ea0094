import { ChoicesAnswer } from "#shared/admin/answers.ts";
import type { SetupRequestInput } from "#shared/admin/request.ts";
import { filled } from "#shared/platform/text.ts";
import type { Context } from "../context.ts";
import { EXIT, Failure } from "../failure.ts";
import { told } from "../language/told.ts";
import { rowsOfOlderVariables } from "../older-variables.ts";
import type { Prompts } from "../prompts.ts";
import type { Terminal } from "../terminal.ts";
import { SETUP } from "../words/setup.ts";
import { QUESTIONS } from "../words/setup-questions.ts";
import { askAlerts } from "./ask-alerts.ts";
import { askFields } from "./ask-fields.ts";
import { askParts } from "./ask-parts.ts";
import { askRoutes } from "./ask-routes.ts";
import { askStages } from "./ask-stages.ts";
import { summaryOf } from "./summary.ts";

/**
 * Asks what is to be set up, by the names that the account has, shows all of it, and asks once more. Null if the answer
 * is no. The older variables are what is proposed. `given` is what needs no question: Vault, and addresses of alerts.
 */
export async function askSetup(
  { askAdmin, output, say, environment, target }: Context,
  prompts: Prompts,
  terminal: Terminal,
  given: Pick<SetupRequestInput, "vault" | "alerts">,
): Promise<SetupRequestInput | null> {
  const older = rowsOfOlderVariables(environment);
  terminal.showProgress(say(QUESTIONS.asking));
  const choices = await askAdmin({ action: "choices" }, ChoicesAnswer).finally(() =>
    terminal.showProgress(""),
  );
  const { account, configured, reason } = choices;
  if (account === null) {
    throw new Failure(
      "not_answered",
      filled(SETUP.unasked, { reason: told(reason ?? "") }),
      SETUP.unaskedRemedy,
      EXIT.unreached,
    );
  }
  const preset = older.routes[0]?.pipeline_id ?? null;
  const routes = await askRoutes(prompts, account, configured.routes, preset, say);
  const stages = await askStages(prompts, account, choices, older.stages, say);
  const { fields, marker, utm } = await askFields(prompts, account, say);
  const alerts = given.alerts ?? (await askAlerts(prompts, choices.alert_roads, say));
  const commands = await askParts(prompts, choices.unset_variables, target, say);
  const { vault } = given;
  const request: SetupRequestInput = {
    action: "setup",
    ...(routes.length === 0 ? {} : { routes }),
    ...(stages.length === 0 ? {} : { stages }),
    ...(fields.length === 0 ? {} : { fields }),
    ...(marker ? { marker } : {}),
    ...(utm ? { utm } : {}),
    ...(vault === undefined ? {} : { vault }),
    ...(alerts === undefined ? {} : { alerts }),
  };
  output.line();
  for (const line of summaryOf(request, account, say)) output.line(line);
  if (commands.length > 0) output.line();
  for (const line of commands) output.line(line);
  return (await prompts.confirm(say(QUESTIONS.write), true)) ? request : null;
}
