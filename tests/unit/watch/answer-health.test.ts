import { describe, expect, it } from "vitest";
import { answerHealth } from "#shared/watch/answer-health.ts";
import { languageAsked } from "#shared/watch/language-asked.ts";
import { HealthReport } from "#shared/watch/report.ts";
import { englishIn } from "../words/english.ts";

const REPORT = HealthReport.parse({
  is_well: false,
  verdict: "blocked",
  problem:
    "Sending has stopped since 2031-05-05 12:00:34.1+00 (unpaid): amoCRM failed to handle the request (503)",
  remedy: "Pay the amoCRM account, then: select amocrm_resume()",
  notice: "Vault has no secret amocrm_alert_url",
  version: "0.1.0",
  mail: { verdict: "attention", problem: "3 mails are dead", remedy: null },
  open_alerts: [
    {
      code: "paused",
      severity: "warning",
      detail: "Sending is paused since 2031-05-05 12:00:34.1+00: moving",
      remedy: "select amocrm_resume()",
      first_seen_at: "2031-05-05T12:00:34+00:00",
      over_since: null,
    },
  ],
  language: null,
  time_zone: "Europe/Moscow",
});
const clock = {
  nowMs: () => 0,
  sleep: (_ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve())),
};
const ask = async (report: HealthReport | Error, language: "en" | "ru" | null) => {
  const read = async () => {
    if (report instanceof Error) throw report;
    return report;
  };
  return await answerHealth({ reports: { read }, clock, log: () => {}, language });
};

describe("what a monitor is answered", () => {
  it("is Russian if asked for, under the same keys and with the same facts", async () => {
    const english = await (await ask(REPORT, "en")).json();
    const russian = await (await ask(REPORT, "ru")).json();
    expect(englishIn(JSON.stringify(russian).replaceAll('"', "\n"))).toEqual([]);
    expect(russian.problem).toContain("2031-05-05 15:00, Europe/Moscow");
    const keysOf = (value: object): string[] =>
      Object.entries(value).flatMap(([key, one]) =>
        typeof one === "object" && one !== null ? [key, ...keysOf(one)] : [key],
      );
    expect(keysOf(russian)).toEqual(keysOf(english));
    expect(russian).toMatchObject({
      verdict: "blocked",
      open_alerts: [{ code: "paused", severity: "warning" }],
    });
    expect(english).toMatchObject({ problem: REPORT.problem, notice: REPORT.notice });
    expect(Object.keys(english)).not.toContain("language");
  });

  it("is in the language of the alerts if nothing was asked for, else in English", async () => {
    expect(await (await ask({ ...REPORT, language: "ru" }, null)).json()).toMatchObject({
      remedy: "Оплатите аккаунт amoCRM, затем: npm run amocrm -- resume",
    });
    expect(await (await ask({ ...REPORT, language: "ru" }, "en")).json()).toMatchObject({
      remedy: REPORT.remedy,
    });
    expect(await (await ask(REPORT, null)).json()).toMatchObject({ remedy: REPORT.remedy });
  });

  it("is Russian also if the database cannot be asked", async () => {
    const answer = await ask(new Error("no"), "ru");
    expect(answer.status).toBe(503);
    expect(englishIn(await answer.text())).toEqual([]);
  });
});

describe("the language that a request asks for", () => {
  it.each([
    ["?lang=ru", undefined, "ru"],
    ["?lang=en", "ru", "en"],
    ["?lang=kk", "ru-RU,ru;q=0.9,en;q=0.8", "ru"],
    ["", "en;q=0.5, ru;q=0.9", "ru"],
    ["", "kk, en-GB;q=0.7", "en"],
    ["", "ru;q=0", null],
    ["", "*", null],
    ["", undefined, null],
  ])("of %j with %j is %j", (query, header, language) => {
    const headers: Record<string, string> = header === undefined ? {} : { "accept-language": header };
    expect(languageAsked(new Request(`https://x.example/amocrm-health${query}`, { headers }))).toBe(language);
  });
});
