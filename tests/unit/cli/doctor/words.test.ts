import { describe, expect, it } from "vitest";
import { tell, WORDS } from "../../../../cli/doctor/words.ts";
import { type Code, finding, KINDS } from "../../../../supabase/functions/_shared/admin/doctor/finding.ts";

const LANGUAGES = Object.entries(WORDS);
const CODES = Object.keys(KINDS) as Code[];
const placesIn = (text: string): string[] =>
  [...text.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name).sort();

describe("the words of doctor", () => {
  it("are there in every language for the same checks and codes", () => {
    const keysOf = (words: object): string[] => Object.keys(words).sort();
    for (const [, { checks, codes }] of LANGUAGES) {
      expect(keysOf(codes)).toEqual(keysOf(KINDS));
      expect(keysOf(checks)).toEqual(keysOf(WORDS.en.checks));
    }
  });

  it.each(LANGUAGES)("name no fact that its finding does not have: %s", (_, { codes }) => {
    for (const code of CODES) {
      const facts: readonly string[] = KINDS[code].facts;
      const named = codes[code].flatMap((text) => placesIn(text ?? ""));
      expect([code, named.filter((name) => !facts.includes(name))]).toEqual([code, []]);
    }
  });

  it("tell the same facts in every language", () => {
    const told = (words: typeof WORDS.en, code: Code): string[] => [
      ...new Set(words.codes[code].flatMap((text) => placesIn(text ?? ""))),
    ];
    for (const code of CODES) {
      expect([code, told(WORDS.ru, code).sort()]).toEqual([code, told(WORDS.en, code).sort()]);
    }
  });

  it.each(LANGUAGES)(
    "have a remedy for everything that is wrong and none for what is well: %s",
    (_, { codes }) => {
      for (const code of CODES) {
        const { outcome } = KINDS[code];
        if (outcome === "wrong") expect([code, codes[code][1]]).toEqual([code, expect.stringMatching(/\S/)]);
        if (outcome === "ok") expect([code, codes[code].length]).toEqual([code, 1]);
      }
    },
  );

  it("are Russian where they are to be", () => {
    for (const [says] of Object.values(WORDS.ru.codes)) expect(says).toMatch(/[а-яё]/i);
  });

  it.each([
    ["amocrm_unauthorized", /401.*token/, /401.*токен/],
    ["amocrm_unpaid", /402.*not paid/, /402.*не оплачен/],
    ["amocrm_forbidden", /403.*lacks rights/, /403.*не хватает прав/],
    ["amocrm_blocked", /403.*blocks/, /403.*блокирует/],
    ["amocrm_wrong_address", /404.*no amoCRM account/, /404.*нет аккаунта/],
    ["amocrm_rate_limited", /429.*too many requests/, /429.*слишком много запросов/],
  ] as const)("say in plain language what %s means", (code, english, russian) => {
    expect(WORDS.en.codes[code][0]).toMatch(english);
    expect(WORDS.ru.codes[code][0]).toMatch(russian);
  });
});

describe("tell", () => {
  it("fills in the facts of a finding", () => {
    expect(tell(finding("secret_missing", { name: "amocrm_cron_key" }), WORDS.en)).toMatchObject({
      title: "Vault",
      message: "The secret amocrm_cron_key is missing: the database cannot call the functions",
      remedy: "npm run amocrm -- setup",
    });
  });

  it("tells a finding of a newer version by its code and facts", () => {
    const found = { check: "queue", outcome: "wrong", code: "queue_haunted", facts: { ghosts: 3 } } as const;
    expect(tell(found, WORDS.ru)).toMatchObject({ message: 'queue_haunted {"ghosts":3}', remedy: null });
  });
});
