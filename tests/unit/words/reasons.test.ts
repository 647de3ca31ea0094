import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { told } from "#cli/language/told.ts";
import { classify, SMS_FAULT_CODES, type SmsOutcome } from "#shared/sms/mobizon/classify.ts";
import { reasonOf } from "#shared/watch/reasons.ts";
import { englishIn } from "./english.ts";

const ROOT = path.join(import.meta.dirname, "../../..");
const read = (folder: string, ending: string): string =>
  fs
    .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .toSorted()
    .map((name) => fs.readFileSync(path.join(ROOT, folder, name), "utf8"))
    .join("\n");

const drain = read("supabase/functions/_shared/sms", ".ts");
const composers = ["mail", "sms"]
  .map((folder) => read(`supabase/functions/_shared/followups/${folder}`, `followup-${folder}.ts`))
  .join("\n");
const sql = ["36-sms", "40-leads", "50-school", "58-followups"]
  .map((area) => read(`supabase/schemas/${area}`, ".sql"))
  .join("\n");

const found = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].flatMap((match) => match.slice(1).filter((one) => one !== undefined));

/** Every code that the drain of SMS, the composers, the gates or the rules of sequences give. */
const codes = new Set([
  ...SMS_FAULT_CODES,
  ...found(drain, /notSendable\(\s*[\w.]+,\s*"(\w+)"/g),
  ...found(drain, /\bcode: (?:isOver \? )?"(\w+)"(?: : "(\w+)")?/g),
  ...found(composers, /none\(\s*"\w+",\s*"(\w+)"/g),
  // A gate's answer, a verdict, a skipped step, an end of an entry.
  ...found(sql, /jsonb_build_object\('(?:id', p_id, ')?code', '(\w+)'/g),
  ...found(sql, /\breason := '(\w+)'/g),
  ...found(sql, /\b(?:end_)?reason = '(\w+)'/g),
  ...found(
    sql,
    /then '(gone|quarantined|late|no_consent|withdrew|no_address|already_entered|student|certificate|won|lost)'/g,
  ),
  ...found(sql, /constraint stop_on_is_known check \(stop_on <@ '\{(\w+),(\w+),(\w+),(\w+)\}/g),
  ...found(sql, /\('(sms_\w+)', '(?:open_breaker|retry|dead)'/g),
  // What became of an SMS, but for those that are well.
  ...found(sql, /when '[A-Z]+' then '(\w+)'/g).filter((outcome) => outcome !== "delivered"),
  ...["bounced", "complained", "failed", "cancelled", "uncertain"],
]);

describe("a reason of a step or an SMS", () => {
  it("is found in the sources, whoever gives it", () => {
    for (const code of ["no_consent", "quiet_hours", "over_cap", "late", "flood", "student_inactive"]) {
      expect(codes).toContain(code);
    }
    for (const code of ["sms_held", "sms_outcome_unknown", "no_template", "rejected", "left", "removed"]) {
      expect(codes).toContain(code);
    }
  });

  it.each([...codes].toSorted())("%s has words in both languages", (code) => {
    const { en, ru } = reasonOf(code);
    expect(en).not.toBe(code === "cancelled" ? "" : code);
    expect(ru).toMatch(/[а-яё]/);
    expect(englishIn(ru)).toEqual([]);
  });

  it("stays what it is if a newer version has made it", () => {
    expect(reasonOf("of_a_newer_version")).toEqual({ en: "of_a_newer_version", ru: "of_a_newer_version" });
  });
});

/** Sentences of ours in a source, with their facts as one word. */
const sentences = (source: string): string[] =>
  found(source.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ""), /"((?:[^"\\\n]|\\.)*)"|`([^`]*)`/g)
    .map((text) => text.replace(/\$\{[^}]*\}/g, "x_1"))
    .filter((text) => /^[A-Z'x]/.test(text) && text.split(" ").length >= 4);

describe("what the drain of SMS and the composers keep with a message", () => {
  const kept = [
    ...sentences(read("supabase/functions/_shared/sms/mobizon", "classify.ts")),
    ...sentences(fs.readFileSync(path.join(ROOT, "supabase/functions/_shared/sms/settlement.ts"), "utf8")),
    ...sentences(fs.readFileSync(path.join(ROOT, "supabase/functions/_shared/sms/deliver.ts"), "utf8")),
    ...sentences(composers),
    // For us alone: the error of the function itself, whose name a log has.
  ].filter((text) => !text.includes("cannot be read"));

  it("is said in Russian as well", () => {
    expect(kept.length).toBeGreaterThan(15);
    expect(kept.filter((text) => told(text).ru === text)).toEqual([]);
  });

  const envelope = (code: number, data: unknown = null): SmsOutcome => ({
    ...{ kind: "answered", httpStatus: 200, bodyFault: null },
    body: JSON.stringify({ code, data, message: "" }),
  });

  it.each([...Array(16).keys(), 30, 98, 99, 999, 12345].filter((code) => code !== 0))(
    "names Mobizon's code %i, in words around it",
    (code) => {
      const answer = classify(envelope(code, { recipient: ["is wrong"] }));
      const text = "fault" in answer ? answer.fault.message : "";
      const { ru } = told(text);
      expect(ru).toMatch(/[а-яё]/);
      expect(englishIn(ru.replace("recipient", ""))).toEqual([]);
    },
  );

  it.each([200, 302, 401, 404, 418, 502])(
    "names the status %i of an answer that is not Mobizon's",
    (status) => {
      const answer = classify({
        ...{ kind: "answered", httpStatus: status, bodyFault: null, body: "<html>" },
      });
      const text = "fault" in answer ? answer.fault.message : "";
      expect(text).toContain(`(${status})`);
      expect(told(text).ru).toMatch(new RegExp(`[а-яё].*\\(${status}\\)$`));
    },
  );
});
