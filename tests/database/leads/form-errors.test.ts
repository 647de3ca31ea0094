import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { openDataApi } from "../support/data-api.ts";
import { useDatabase } from "../support/database.ts";

const database = await useDatabase();
const visitor = openDataApi(database, "anon");

const TYPED = "what I typed";
/** What a page may send, the code of the answer, and whether the answer quotes it. */
const MISTAKES: { lead: object; code: string; isQuoted: boolean }[] = [
  { lead: { email: TYPED }, code: "23514", isQuoted: false },
  { lead: { phone: TYPED }, code: "23514", isQuoted: false },
  { lead: { email: "a@example.com", full_name: TYPED.repeat(100) }, code: "23514", isQuoted: false },
  { lead: { email: "a@example.com", metadata: [TYPED] }, code: "23514", isQuoted: false },
  {
    lead: { email: "a@example.com", metadata: { text: TYPED.repeat(2000) } },
    code: "23514",
    isQuoted: false,
  },
  { lead: { email: "a@example.com", consent_at: TYPED }, code: "22007", isQuoted: true },
  { lead: { email: "a@example.com", consent_at: "2026-13-45" }, code: "22008", isQuoted: true },
  { lead: { email: "a@example.com", consent_at: "294277-01-01" }, code: "22008", isQuoted: true },
  { lead: { email: "a@example.com", submission_id: TYPED }, code: "22P02", isQuoted: true },
  { lead: { email: "a@example.com", full_name: `${TYPED}\u0000` }, code: "22P05", isQuoted: false },
  { lead: { email: "a@example.com", metadata: { [TYPED]: "\u0000" } }, code: "22P05", isQuoted: false },
  { lead: { email: "a@example.com", [TYPED]: 1 }, code: "PGRST204", isQuoted: true },
  {
    lead: { email: "a@example.com", id: "99999999-9999-4999-8999-999999999999" },
    code: "42501",
    isQuoted: false,
  },
];

const answers = await Promise.all(
  MISTAKES.map(async ({ lead, ...expected }) => {
    const { error } = await visitor.from("landing_leads").insert(lead);
    return { ...expected, error };
  }),
);

test.each(answers)("a page's mistake is answered with $code", ({ code, isQuoted, error }) => {
  expect(error?.code).toBe(code);
  const text = JSON.stringify(error);
  expect([TYPED, "2026-13-45", "294277-01-01"].some((value) => text.includes(value))).toBe(isQuoted);
});

test("docs/areas/forms.md has every code that Postgres gives a page, and says which of them quote what was typed", () => {
  const forms = fs.readFileSync(path.join(import.meta.dirname, "../../../docs/areas/forms.md"), "utf8");
  const errors = forms.slice(
    forms.indexOf("## Errors, and what"),
    forms.indexOf("## How much a form may send"),
  );
  const codesOf = (text: string) => new Set(text.match(/\b(?:2[23][0-9A-Z]{3}|42501|PGRST204)\b/g));
  const listed = codesOf(errors.slice(errors.indexOf("| status |")));
  expect(MISTAKES.map(({ code }) => code).filter((code) => !listed.has(code))).toEqual([]);
  const quoting = errors.match(/Postgres itself quotes[\s\S]*?do not log these/)?.[0] ?? "";
  const quoted = new Set(MISTAKES.filter(({ isQuoted }) => isQuoted).map(({ code }) => code));
  expect(codesOf(quoting)).toEqual(quoted);
});
