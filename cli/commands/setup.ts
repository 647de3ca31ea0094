import { SetupAnswer, type Step } from "../../supabase/functions/_shared/admin/answer.ts";
import type { ConsentFlags } from "../consent.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../failure.ts";
import { tableOf } from "../output.ts";
import type { Prompts } from "../prompts.ts";
import { askSetup } from "../setup/dialogue.ts";
import { type SetupFlags, setupOrderOf } from "../setup-order.ts";
import type { Terminal } from "../terminal.ts";

export const SETUP_HELP = `
At a terminal and without flags it asks: where leads go, who is responsible, which stages students' deals move to, which
values go into which fields, by the names that the account has; it shows what it will write, and asks once more.

With flags, with --yes, with --json or in a pipe it asks nothing. Without flags then: leads of all sources go to the account's
main pipeline (a route that is there already stays), the marker field is made, and the utm columns are mapped. Running it
again changes nothing. A route, stage or field that is named replaces that row, with its defaults where a flag is not given;
all other rows stay.

Older variables count as flags: AMOCRM_PIPELINE_ID (route *), AMOCRM_TRIPWIRE_PIPELINE_ID with
AMOCRM_TRIPWIRE_STAGE_BOUGHT_ID (stage student.created) and AMOCRM_STAGE_LESSON_1..3 (stages lesson.67 to lesson.69).
A flag for the same row wins.

A hosted project's Vault gets the functions' URL (--functions-url, AMOCRM_FUNCTIONS_URL, else SUPABASE_URL with
/functions/v1) and a secret key (--cron-key, AMOCRM_CRON_KEY, else SUPABASE_SECRET_KEY).

Alerts go around the functions by two addresses in Vault: --alert-url (AMOCRM_ALERT_URL) takes a post {"text": …} and gets a
test at once; --dead-man-url (AMOCRM_DEAD_MAN_URL) is called each 5 minutes while all is well. https only; an empty one is
taken away, one that is not given stays. Only their hosts are told, since the rest is often a token.

Exit code: 0 if nothing was refused (warnings are printed), 1 if a step was refused, 2 for wrong usage, 3 if the
project cannot be asked.

Examples:
  npm run amocrm -- setup
  npm run amocrm -- setup --yes
  npm run amocrm -- setup --pipeline 4400 --status 61001 --tag site --tag lead
  npm run amocrm -- setup --source webinar --pipeline 4400 --on-repeat deal --deal-name '{name} — webinar'
  npm run amocrm -- setup --stage student.created=4500:62001 --stage lesson.67=4500:62002
  npm run amocrm -- setup --field deal.metadata.tariff=415 --field contact.metadata.telegram=303
  npm run amocrm -- setup --min-interval-ms 500 --marker --utm --json
  npm run amocrm -- setup --alert-url 'https://hooks.slack.com/services/…'`;

const MARKS: Readonly<Record<Step["outcome"], string>> = {
  done: "✓",
  unchanged: "=",
  warning: "!",
  refused: "✗",
};

/** What `setup` asks with; null where nobody can be asked. */
export interface SetupDialogue {
  prompts: Prompts;
  terminal: Terminal;
}

/** `setup`: writes routes, stages, fields, settings and Vault, as flags say or as somebody answers. */
export async function runSetup(
  { yes, ...flags }: SetupFlags & ConsentFlags,
  context: Context,
  dialogue: SetupDialogue | null,
): Promise<number> {
  const { target, environment, output, askAdmin } = context;
  const isAsked = yes !== true && !output.isJson && Object.keys(flags).length === 0;
  const order = setupOrderOf(flags, environment, target);
  const request =
    isAsked && dialogue !== null
      ? await askSetup(context, dialogue.prompts, dialogue.terminal, order.request)
      : order.request;
  if (request === null) {
    output.line("Nothing was written.");
    return EXIT.ok;
  }
  for (const note of order.notes) output.note(note);
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
