import { describe, expect, it } from "vitest";
import { SAYINGS, tell } from "#cli/doctor/words.ts";
import { type Code, finding, KINDS } from "#shared/admin/doctor/finding.ts";

const CODES = Object.keys(KINDS) as Code[];
const placesIn = (text: string): string[] =>
  [...text.matchAll(/\{(\w+)[^}]*\}/g)].map(([, name = ""]) => name).sort();

describe("the words of doctor", () => {
  it("are there for the same codes", () => {
    expect(Object.keys(SAYINGS).sort()).toEqual(Object.keys(KINDS).sort());
  });

  it("name no fact that the finding does not have", () => {
    for (const code of CODES) {
      const facts: readonly string[] = KINDS[code].facts;
      const { says, mend } = SAYINGS[code];
      const named = [says.en, says.ru, mend?.en ?? "", mend?.ru ?? ""].flatMap(placesIn);
      expect([code, named.filter((name) => !facts.includes(name))]).toEqual([code, []]);
    }
  });

  it("have a remedy for everything that is wrong and none for what is well", () => {
    for (const code of CODES) {
      const { outcome } = KINDS[code];
      const { mend } = SAYINGS[code];
      if (outcome === "wrong") expect([code, mend?.en]).toEqual([code, expect.stringMatching(/\S/)]);
      if (outcome === "ok") expect([code, mend]).toEqual([code, undefined]);
    }
  });

  it.each([
    ["amocrm_unauthorized", /401.*token/, /401.*токен/],
    ["amocrm_unpaid", /402.*not paid/, /402.*не оплачен/],
    ["amocrm_forbidden", /403.*lacks rights/, /403.*не хватает прав/],
    ["amocrm_blocked", /403.*blocks/, /403.*блокирует/],
    ["amocrm_wrong_address", /404.*no amoCRM account/, /404.*нет аккаунта/],
    ["amocrm_rate_limited", /429.*too many requests/, /429.*слишком много запросов/],
  ] as const)("say in plain language what %s means", (code, english, russian) => {
    expect(SAYINGS[code].says.en).toMatch(english);
    expect(SAYINGS[code].says.ru).toMatch(russian);
  });
});

describe("tell", () => {
  it("fills in the facts of a finding", () => {
    expect(tell(finding("secret_missing", { name: "amocrm_cron_key" }), "en")).toMatchObject({
      title: "Vault",
      message: "The secret amocrm_cron_key is missing: the database cannot call the functions",
      remedy: "npm run amocrm -- setup",
    });
  });

  it("tells a finding of a newer version by its code and facts", () => {
    const found = { check: "queue", outcome: "wrong", code: "queue_haunted", facts: { ghosts: 3 } } as const;
    expect(tell(found, "ru")).toMatchObject({ message: 'queue_haunted {"ghosts":3}', remedy: null });
  });

  it("names the one thing that can be meant, and leaves the choice of several to a person", () => {
    const place = { row: "amocrm_routes «x»", table: "amocrm_routes", where: "source = 'x'", id: 9999 };
    const one = tell(finding("place_no_pipeline", { ...place, near: "4400 «Продажи»" }), "en");
    expect(one.remedy).toContain("set pipeline_id = 4400, status_id = null where source = 'x'");
    const many = tell(
      finding("place_no_pipeline", { ...place, near: "4400 «Продажи», 4500 «Tripwire»" }),
      "en",
    );
    expect(many.remedy).toContain("set pipeline_id = <id>, status_id = <id> where source = 'x'");
  });
});
