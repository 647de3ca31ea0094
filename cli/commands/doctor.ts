import { finding, type Outcome } from "#shared/admin/answers.ts";
import type { Language } from "#shared/platform/text.ts";
import { askFindings } from "../doctor/ask.ts";
import { findProject } from "../doctor/project.ts";
import { type Told, tell } from "../doctor/words.ts";
import { EXIT } from "../failure.ts";
import type { Output } from "../output.ts";

/** What doctor works with; it finds its project by itself, because that may be what is wrong. */
export interface DoctorContext {
  local: string | true | undefined;
  environment: Readonly<Record<string, string | undefined>>;
  language: Language;
  output: Output;
  fetch: typeof globalThis.fetch;
  nowMs(): number;
}

const MARKS: Readonly<Record<Outcome, string>> = { ok: "✓", warning: "!", wrong: "✗", unknown: "–" };

/** `doctor`: what is wrong and how to mend it. */
export async function runDoctor({ local, environment, ...context }: DoctorContext): Promise<number> {
  const { language, output, fetch, nowMs } = context;
  const { target, findings } = findProject(environment, local);
  const asked = target === null ? [finding("rest_unasked")] : await askFindings(target, fetch, nowMs);
  const told = [...findings, ...asked].map((found) => tell(found, language, target));
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
