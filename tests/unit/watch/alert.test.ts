import { describe, expect, it, test } from "vitest";
import type { MailMessage } from "#shared/mail/message.ts";
import { composeAlertOpened, composeAlertResolved } from "#shared/watch/mails/alert.ts";
import { ALERT_CODES, alertTexts } from "#shared/watch/mails/alert-texts.ts";
import { readText, sourceFiles } from "../../architecture/support/repository.ts";
import { SENDER, SETTINGS, welcome } from "../mail/support/message.ts";
import { englishIn } from "../words/english.ts";

const ALERT: NonNullable<MailMessage["alert"]> = {
  code: "breaker_open",
  severity: "critical",
  detail: "Sending has stopped (unpaid): amoCRM answered <402>",
  remedy: "select amocrm_resume()",
  firstSeenAt: "2031-05-05T12:00:00+00:00",
  resolvedAt: null,
  ageMs: 1000,
};
const OVER = { ...ALERT, resolvedAt: "2031-05-05T13:30:00+00:00" };
const message = (alert: MailMessage["alert"]) => welcome({ kind: "alert.opened", student: null, alert });

describe("the mail of an incident", () => {
  it("says in both languages what is wrong, since when, and what to do", () => {
    const composed = composeAlertOpened(message(ALERT), SETTINGS, SENDER);
    expect(composed).toMatchObject({ ok: true, body: { to: ["admin@school.example"] } });
    if (!composed.ok) return;
    for (const words of [
      "Sending to amoCRM has stopped",
      "Отправка в amoCRM остановлена",
      "2031-05-05 17:00, Asia/Almaty",
      "select amocrm_resume()",
      "Runbook: docs/operate/runbook.md, breaker_open",
      "Инструкция: docs/operate/runbook.md, breaker_open",
      "Project: abcdefgh.supabase.co\n",
      "Проект: abcdefgh.supabase.co\n",
    ]) {
      expect(composed.body.text).toContain(words);
    }
    expect(composed.body.html).toContain("&lt;402&gt;");
  });

  it("speaks one language, detail and remedy too, where the admin has said which, with times of the school", () => {
    const alert = {
      ...ALERT,
      detail: "Sending is paused since 2031-05-05 12:00:34.17085+00: moving",
      remedy: "select amocrm_resume()",
    };
    const settings = { ...SETTINGS, alert_language: "ru", time_zone: "Europe/Moscow" } as const;
    const composed = composeAlertOpened(message(alert), settings, SENDER);
    if (!composed.ok) throw new Error("not composed");
    expect(composed.body.subject).toBe("[Tripwire] Отправка в amoCRM остановлена");
    expect(composed.body.text).toContain("Отправка на паузе с 2031-05-05 15:00, Europe/Moscow: moving\n");
    expect(composed.body.text).toContain("npm run amocrm -- resume");
    expect(englishIn(composed.body.text)).toEqual([]);
    const english = composeAlertOpened(message(alert), { ...settings, alert_language: "en" }, SENDER);
    expect(english.ok && english.body.text).not.toMatch(/[а-яё]/i);
  });

  it.each(ALERT_CODES)("of %s has no English sentence for an admin who reads Russian", (code) => {
    const settings = { ...SETTINGS, alert_language: "ru" } as const;
    const composed = composeAlertOpened(message({ ...ALERT, code, detail: "-" }), settings, SENDER);
    if (!composed.ok) throw new Error("not composed");
    expect(englishIn(`${composed.body.subject}\n${composed.body.text}`)).toEqual([]);
  });

  it("says from when to when it lasted once it is over", () => {
    const composed = composeAlertResolved(message(OVER), SETTINGS, SENDER);
    expect(composed).toMatchObject({
      ok: true,
      body: {
        subject: expect.stringMatching(/Over: .* Закончилось: /),
        text: expect.stringContaining("from 2031-05-05 17:00, Asia/Almaty to 2031-05-05 18:30, Asia/Almaty"),
      },
    });
  });

  it("is given up and never dead when nobody is to get it, or it comes too late", () => {
    const codeOf = (alert: MailMessage["alert"], sender = SENDER) => {
      const composed = composeAlertOpened(message(alert), SETTINGS, sender);
      return composed.ok ? null : [composed.verdict, composed.code];
    };
    expect(codeOf(ALERT, { ...SENDER, adminEmail: null })).toEqual(["superseded", "no_admin_email"]);
    expect(codeOf({ ...ALERT, ageMs: 4 * 24 * 3_600_000 })).toEqual(["superseded", "stale"]);
    expect(codeOf(OVER)).toEqual(["superseded", "overtaken"]);
    expect(codeOf(null)).toEqual(["superseded", "alert_deleted"]);
    expect(composeAlertResolved(message(ALERT), SETTINGS, SENDER)).toMatchObject({ code: "overtaken" });
  });

  it("is understood for a code of a newer database", () => {
    expect(alertTexts("of_tomorrow").en.title).toBe("of_tomorrow");
  });
});

/** They are chosen between in the same way as codes. */
const SEVERITIES = ["critical", "warning"];

test("each code that SQL opens has words here and a line in the runbook, in both languages", () => {
  const sql = sourceFiles(".sql").filter(({ path }) => /85-watch|token-refresh|quarantine/.test(path));
  const inSql = new Set(
    sql.flatMap(({ text }) =>
      [
        ...text.matchAll(/'([a-z_]+)',\s*'(?:critical|warning)'|then '([a-z_]+)' else '([a-z_]+)' end,$/gm),
      ].flatMap((found) => found.slice(1).filter((code) => code !== undefined && !SEVERITIES.includes(code))),
    ),
  );
  expect(inSql.size).toBeGreaterThan(15);
  expect([...inSql].filter((code) => !ALERT_CODES.includes(code))).toEqual([]);
  const runbook = readText("docs/operate/runbook.md");
  expect(ALERT_CODES.filter((code) => !runbook.includes(`| \`${code}\` |`))).toEqual([]);
});
