import { SetupAnswer, type Step } from "../../supabase/functions/_shared/admin/answer.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../failure.ts";
import { tableOf } from "../output.ts";
import { type SetupFlags, setupOrderOf } from "../setup-order.ts";

export const SETUP_HELP = `
Without flags: leads of all sources go to the account's main pipeline (a route that is there already stays), the marker
field is made, and the utm columns are mapped. Running it again changes nothing. A route, stage or field that is named
replaces that row, with its defaults where a flag is not given; all other rows stay.

Older variables count as flags: AMOCRM_PIPELINE_ID (route *), AMOCRM_TRIPWIRE_PIPELINE_ID with
AMOCRM_TRIPWIRE_STAGE_BOUGHT_ID (stage student.created) and AMOCRM_STAGE_LESSON_1..3 (stages lesson.67 to lesson.69).
A flag for the same row wins.

A hosted project's Vault gets the functions' URL (--functions-url, AMOCRM_FUNCTIONS_URL, else SUPABASE_URL with
/functions/v1) and a secret key (--cron-key, AMOCRM_CRON_KEY, else SUPABASE_SECRET_KEY).

Exit code: 0 if nothing was refused (warnings are printed), 1 if a step was refused, 2 for wrong usage, 3 if the
project cannot be asked.

Examples:
  npm run amocrm -- setup
  npm run amocrm -- setup --pipeline 4400 --status 61001 --tag site --tag lead
  npm run amocrm -- setup --source webinar --pipeline 4400 --on-repeat deal --deal-name '{name} — webinar'
  npm run amocrm -- setup --stage student.created=4500:62001 --stage lesson.67=4500:62002
  npm run amocrm -- setup --field deal.metadata.tariff=415 --field contact.metadata.telegram=303
  npm run amocrm -- setup --min-interval-ms 500 --marker --utm --json`;

const MARKS: Readonly<Record<Step["outcome"], string>> = {
  done: "✓",
  unchanged: "=",
  warning: "!",
  refused: "✗",
};

/** `setup`: writes routes, stages, fields, settings and Vault, unattended. */
export async function runSetup(flags: SetupFlags, context: Context): Promise<number> {
  const { target, environment, output, askAdmin } = context;
  const { request, notes } = setupOrderOf(flags, environment, target);
  for (const note of notes) output.note(note);
  const answer = await askAdmin(request, SetupAnswer);
  output.document(answer);
  const rows = answer.steps.map(({ step, outcome, detail }) => [
    `${MARKS[outcome]} ${outcome}`,
    step,
    detail,
  ]);
  for (const line of tableOf(["outcome", "step", "detail"], rows)) output.line(line);
  return answer.ok ? EXIT.ok : EXIT.wrong;
}
