import { ChoicesAnswer } from "../../supabase/functions/_shared/admin/choices/answer.ts";
import type { SetupRequestInput } from "../../supabase/functions/_shared/admin/request.ts";
import type { Context } from "../context.ts";
import { EXIT, Failure } from "../failure.ts";
import { rowsOfOlderVariables } from "../older-variables.ts";
import type { Prompts } from "../prompts.ts";
import type { Terminal } from "../terminal.ts";
import { askAlerts } from "./ask-alerts.ts";
import { askFields } from "./ask-fields.ts";
import { askRoutes } from "./ask-routes.ts";
import { askStages } from "./ask-stages.ts";
import { summaryOf } from "./summary.ts";

/**
 * Asks what is to be set up, by the names that the account has, shows all of it, and asks once more. Null if the answer
 * is no. The older variables are what is proposed. `given` is what needs no question: Vault, and addresses of alerts.
 */
export async function askSetup(
  { askAdmin, output, environment }: Context,
  prompts: Prompts,
  terminal: Terminal,
  given: Pick<SetupRequestInput, "vault" | "alerts">,
): Promise<SetupRequestInput | null> {
  const older = rowsOfOlderVariables(environment);
  terminal.showProgress("Asking amoCRM for pipelines, users and fields …");
  const choices = await askAdmin({ action: "choices" }, ChoicesAnswer).finally(() =>
    terminal.showProgress(""),
  );
  const { account, configured, reason } = choices;
  if (account === null) {
    throw new Failure(
      "not_answered",
      `amoCRM cannot be asked what there is to choose from: ${reason ?? ""}`,
      "npm run amocrm -- doctor tells what is missing; setup --yes writes the defaults without asking",
      EXIT.unreached,
    );
  }
  const routes = await askRoutes(prompts, account, configured.routes, older.routes[0]?.pipeline_id ?? null);
  const stages = await askStages(prompts, account, choices, older.stages);
  const { fields, marker, utm } = await askFields(prompts, account);
  const alerts = given.alerts ?? (await askAlerts(prompts, choices.alert_roads));
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
  for (const line of summaryOf(request, account)) output.line(line);
  return (await prompts.confirm("Write this?", true)) ? request : null;
}
