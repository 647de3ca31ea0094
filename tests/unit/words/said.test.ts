import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { told } from "#cli/language/told.ts";
import { same, sayIn, type Text } from "#shared/platform/text.ts";
import { SAID } from "#shared/watch/all-said.ts";
import { createRecogniser } from "#shared/watch/words/said.ts";
import { englishIn } from "./english.ts";

const SCHEMAS = path.join(import.meta.dirname, "../../../supabase/schemas");

/** Functions of the database whose sentences people read. */
const SPEAKING =
  /^(health_row|mail_health_row|sms_health_row|hold_sms|gate_of_leads|gate_of_students|breaker_remedy|road_remedy|road_problem|tend_forms|(cron|vault|trigger|function|sending|token|pull|lead|inbox|form|alert|tell|webhook)_conditions|(extension|vault|call|cron|trigger|uncopied|token|pull|unended)_problem|[a-z_]+_notice)$/;

/** Refusals that programs of ours read, or whoever applies the migrations, which speak English. */
const FOR_US_ALONE =
  /^(visitors must not wait|nothing could be saved|with these tables|duplicate key|pull lease|drain lease|no queue|the inbox has no source|p_limit must be between 1 and 1000|rehearsed$|the pair has no|account x_1 is connected)/;

const schemaFiles = (): string[] =>
  fs
    .readdirSync(SCHEMAS, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".sql"))
    .map((name) => fs.readFileSync(path.join(SCHEMAS, name), "utf8"));

/** The string literals of each speaking function, without comments. */
function literals(): [name: string, literal: string][] {
  return [
    ...schemaFiles()
      .join("\n")
      .matchAll(/create (?:or replace )?function amocrm\.(\w+)\(.*?\$\$(.*?)\$\$;/gs),
  ]
    .filter(([, name = ""]) => SPEAKING.test(name))
    .flatMap(([, name = "", body = ""]) =>
      [...body.matchAll(/--[^\n]*|'((?:[^']|'')*)'/g)].flatMap(([, text]) =>
        text === undefined ? [] : [[name, text.replaceAll("''", "'")] as [string, string]],
      ),
    );
}

/** A sentence, or a part of one: three words in a row, and no SQL. */
const isProse = (text: string): boolean =>
  !/^\s*(select|update|alter|create|drop|%)\b/.test(text) && englishIn(text).length > 0;

/** Each text as it comes out with one and with several, cut where facts stand. */
const parts = SAID.flatMap(({ en }) =>
  [0, 1].map((form) =>
    en.replace(
      /\{\w+((?:\|[^{}|]*)+)\}/g,
      (_: string, forms: string) => forms.slice(1).split("|")[form] ?? "",
    ),
  ),
).map((text) => text.split(/\{\w+\}/));

describe("what the database says", () => {
  it("stands beside its translation, whatever function says it", () => {
    const prose = literals().filter(([, literal]) => isProse(literal));
    expect(prose.length).toBeGreaterThan(60);
    const untranslated = prose.filter(([, literal]) => {
      if (told(literal.replace(/%[sIL]/g, "x_1")).ru !== literal.replace(/%[sIL]/g, "x_1")) return false;
      const words = literal.trim().replace(/^[,;.:) ]+|[,;:( ]+$/g, "");
      return !parts.some((cut) => cut.some((part: string) => part.includes(words)));
    });
    expect(untranslated).toEqual([]);
  });

  it("refuses nothing in a sentence that has no translation", () => {
    const refused = schemaFiles()
      .flatMap((sql) => [...sql.matchAll(/raise exception '((?:[^']|'')*)'/g)])
      .map(([, sentence = ""]) => sentence.replaceAll("''", "'").replaceAll("%", "x_1"))
      .filter((sentence) => sentence !== "x_1" && !FOR_US_ALONE.test(sentence));
    expect(refused.length).toBeGreaterThan(40);
    expect(refused.filter((sentence) => told(sentence).ru === sentence)).toEqual([]);
  });

  it("comes out in Russian, with its facts", () => {
    for (const text of SAID) {
      const facts = Object.fromEntries(
        [...text.en.matchAll(/\{(\w+)/g)].map(([, name = ""]) => [name, name === "count" ? 3 : "x_1"]),
      );
      const { ru } = told(sayIn("en")(text, facts));
      expect([text.en, englishIn(ru)]).toEqual([text.en, []]);
      for (const fact of Object.values(facts)) expect(ru).toContain(String(fact));
    }
  });

  it.each([
    [
      "Sending is paused since 2026-11-30 06:12:34.17085+00: moving",
      /^Отправка на паузе с 2026-\d\d-\d\d \d\d:\d\d: moving$/,
    ],
    ["1 message is dead: validation_failed", /^Не доставлено 1 сообщение: validation_failed$/],
    ["22 messages are dead, the last: x", /^Не доставлены 22 сообщения, последнее: x$/],
    [
      "Pay the amoCRM account, then: select amocrm_resume()",
      /^Оплатите аккаунт amoCRM, затем: npm run amocrm -- resume$/,
    ],
    [
      "route *: was written, but is not verified: AMOCRM_ENABLED is false",
      /^маршрут \*: записано, но не проверено: AMOCRM_ENABLED выключена$/,
    ],
    ["amoCRM failed to handle the request (503)", /^amoCRM не смогла обработать запрос \(503\)$/],
    ["Something of a newer version", /^Something of a newer version$/],
  ])("says %j", (english, russian) => {
    expect(told(english).ru).toMatch(russian);
  });

  it("shows times to the minute in English, too", () => {
    expect(told("No lead has come since 2026-11-30 06:12:34.17085+00").en).toMatch(
      /since \d{4}-\d\d-\d\d \d\d:12$/,
    );
    expect(told("at 2026-13-45 99:99:99+00").en).toBe("at 2026-13-45 99:99:99+00");
  });
});

describe("the recogniser", () => {
  const texts: Text[] = [
    { en: "{a}: {b}", ru: "{b} у {a}" },
    { en: "{a}: the sky is {b}", ru: "{a}, небо {b}" },
    { en: "blue", ru: "синее" },
    { en: "{n} {n|cat|cats} and {n} more", ru: "{n} {n|кот|кота|котов} и ещё {n}" },
  ];
  const recognise = createRecogniser(texts);

  it("takes the text that has most of the sentence, and facts that are texts themselves", () => {
    expect(recognise("Ada: the sky is blue").ru).toBe("Ada, небо синее");
    expect(recognise("Ada: blue").ru).toBe("синее у Ada");
  });

  it("takes one fact for the same everywhere, and the form that goes with it", () => {
    expect(recognise("5 cats and 5 more").ru).toBe("5 котов и ещё 5");
    expect(recognise("5 cats and 6 more")).toEqual(same("5 cats and 6 more"));
  });
});
