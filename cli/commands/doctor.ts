import type { Outcome } from "../../supabase/functions/_shared/admin/doctor/finding.ts";
import { finding } from "../../supabase/functions/_shared/admin/doctor/finding.ts";
import { askFindings } from "../doctor/ask.ts";
import { languageOf } from "../doctor/language.ts";
import { findProject } from "../doctor/project.ts";
import { type Told, tell, WORDS } from "../doctor/words.ts";
import { EXIT } from "../failure.ts";
import type { Output } from "../output.ts";
import { fitRemedy } from "../remedy.ts";

export const DOCTOR_HELP = `
Looks at everything a lead needs on its way to amoCRM: this command's and the functions' variables, extensions, cron, Vault,
the database's call of the functions, the token, the account, every pipeline, stage, user and field that the tables name,
clocks, pace and backlog. One line each:

  ✓ is as it should be      ✗ is wrong: leads do not arrive, or not as configured
  ! should be looked at     – cannot be checked, because of another line

What follows the arrow is the remedy. It changes nothing, and asks amoCRM at the account's pace: a few requests.

Exit code: 0 if nothing is wrong (warnings are printed), 1 on any ✗ (also if the project cannot be asked), 2 for wrong usage.

Examples:
  npm run amocrm -- doctor
  npm run amocrm -- doctor --lang ru
  npx amocrm doctor --json | jq '.findings[] | select(.outcome == "wrong")'`;

/** The flags of `doctor`, as typed. */
export interface DoctorFlags {
  lang?: string;
}

/** What doctor works with; it finds its project by itself, because that may be what is wrong. */
export interface DoctorContext {
  local: string | true | undefined;
  environment: Readonly<Record<string, string | undefined>>;
  output: Output;
  fetch: typeof globalThis.fetch;
  nowMs(): number;
}

const MARKS: Readonly<Record<Outcome, string>> = { ok: "✓", warning: "!", wrong: "✗", unknown: "–" };

/** `doctor`: what is wrong and how to mend it. */
export async function runDoctor(flags: DoctorFlags, context: DoctorContext): Promise<number> {
  const { local, environment, output, fetch, nowMs } = context;
  const words = WORDS[languageOf(flags.lang, environment)];
  const { target, findings } = findProject(environment, local);
  const asked = target === null ? [finding("rest_unasked")] : await askFindings(target, fetch, nowMs);
  const told = [...findings, ...asked]
    .map((found) => tell(found, words))
    .map((one) => ({ ...one, remedy: one.remedy === null ? null : fitRemedy(one.remedy, target) }));
  const isWell = told.every(({ outcome }) => outcome !== "wrong");
  output.document({ ok: isWell, project: target?.url ?? null, findings: told });
  for (const line of lines(told)) output.line(line);
  return isWell ? EXIT.ok : EXIT.wrong;
}

function lines(told: readonly Told[]): string[] {
  const width = Math.max(...told.map(({ title }) => [...title].length));
  return told.map(({ outcome, title, message, remedy }) => {
    const head = `${MARKS[outcome]} ${title}${" ".repeat(width - [...title].length)}  ${message}`;
    return remedy === null ? head : `${head} → ${remedy}`;
  });
}
