import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { KINDS } from "#pages/dashboard/words.ts";
import { ACTIONS, actionWord } from "#pages/dashboard/words-of-actions.ts";
import { detailWord } from "#pages/dashboard/words-of-details.ts";
import { RULES, refusalWord } from "#pages/dashboard/words-of-refusals.ts";

const SCHEMAS = path.join(import.meta.dirname, "../../../supabase/schemas");
const sql = fs
  .readdirSync(SCHEMAS, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".sql"))
  .map((file) => fs.readFileSync(path.join(SCHEMAS, file), "utf8"))
  .join("\n");

describe("the dashboard has a word for", () => {
  it("each kind of message of the queues that it shows, to be filtered by", () => {
    const inserted = [...sql.matchAll(/insert into amocrm\.kinds \([^)]*\)[\s\S]*?;/g)].flatMap(([text]) => [
      ...text.matchAll(/\('([a-z]+\.[a-z]+)', '(amocrm\.\w+|amocrm|message|sms|unisender)'/g),
    ]);
    const shown = inserted.filter(([, , queue]) => queue !== "unisender").map(([, kind = ""]) => kind);
    expect(shown.length).toBeGreaterThan(15);
    expect(KINDS.toSorted()).toEqual([...new Set(shown)].toSorted());
  });

  it("each action that is written down", () => {
    const written = [...sql.matchAll(/note_action\('(\w+)'(?: \|\| p_action)?/g)].map(
      ([, name = ""]) => name,
    );
    const unknown = [...new Set(written)].filter((name) => name !== "bulk_" && !(name in ACTIONS));
    expect(unknown).toEqual([]);
    expect([actionWord("ru", "set_route"), actionWord("en", "some_day")]).toEqual([
      "назначить маршрут",
      "some day",
    ]);
  });
});

describe("a refused setting", () => {
  it.each(Object.entries(RULES))(
    "%s is a rule of a table, and its numbers are the rule's",
    (rule, [en, ru]) => {
      const text =
        new RegExp(`constraint ${rule} check \\(([\\s\\S]*?)(?=\\n *constraint|\\n *--|\\n\\))`).exec(
          sql,
        )?.[1] ?? "";
      expect(text).not.toBe("");
      const numbers = (words: string) => [...words.matchAll(/\d+/g)].map(([number]) => number);
      for (const number of numbers(en).filter((one) => !["0", "1"].includes(one)))
        expect(text).toMatch(new RegExp(`\\b${number}\\b`));
      expect(numbers(ru)).toEqual(numbers(en));
    },
  );

  it("is told in the reader's language; what has words of its own keeps them", () => {
    const message =
      'new row for relation "amocrm_settings" violates check constraint "max_attempts_is_sensible"';
    expect(refusalWord("ru", { code: "23514", message })).toBe("от 1 до 100 попыток");
    expect(refusalWord("en", { code: "22P02", message: "invalid input syntax" })).toBe(
      "this is not a number",
    );
    expect(refusalWord("en", { code: "22023", message: "there is no step" })).toBeUndefined();
  });
});

describe("details of an event", () => {
  const asked: string[] = [];
  const inWords = async (sentence: string) => {
    asked.push(sentence);
    return "потому что";
  };
  it.each([
    ["source landing, spring", "источник landing, spring"],
    ["lead.created, lane live", "lead.created, сразу"],
    ["then dead, validation_failed, took 0.5 s", "затем: не доставлено, validation_failed, длилась 0,5 с"],
    ["pair 3, people 1 and 2: both are one", "пара 3, люди 1 и 2: потому что"],
    ["", ""],
  ])("%s are said in Russian", async (detail, russian) => {
    expect(await detailWord("ru", detail, inWords)).toBe(russian);
    expect(await detailWord("en", detail, inWords)).toBe(detail);
  });
  it("ask the database for a sentence of its own", () => expect(asked).toEqual(["both are one"]));
});
