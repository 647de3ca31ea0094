import { describe, expect, it, test } from "vitest";
import { composeAlertOpened, composeAlertResolved } from "../../../supabase/functions/_shared/mail/alert.ts";
import { ALERT_CODES, alertTexts } from "../../../supabase/functions/_shared/mail/alert-texts.ts";
import type { MailMessage } from "../../../supabase/functions/_shared/mail/message.ts";
import { readText, sourceFiles } from "../../architecture/support/repository.ts";
import { SENDER, SETTINGS, welcome } from "./support/message.ts";

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
      "2031-05-05 12:00 UTC",
      "select amocrm_resume()",
      "docs/runbook.md, breaker_open",
    ]) {
      expect(composed.body.text).toContain(words);
    }
    expect(composed.body.html).toContain("&lt;402&gt;");
  });

  it("says from when to when it lasted once it is over", () => {
    const composed = composeAlertResolved(message(OVER), SETTINGS, SENDER);
    expect(composed).toMatchObject({
      ok: true,
      body: {
        subject: expect.stringMatching(/Over: .* Закончилось: /),
        text: expect.stringContaining("from 2031-05-05 12:00 UTC to 2031-05-05 13:30 UTC"),
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

test("each code that SQL opens has words here and a line in the runbook, in both languages", () => {
  const sql = sourceFiles(".sql").filter(({ path }) => /198\d_|1392_/.test(path));
  const inSql = new Set(
    sql.flatMap(({ text }) =>
      [
        ...text.matchAll(/'([a-z_]+)',\s*'(?:critical|warning)'|then '([a-z_]+)' else '([a-z_]+)' end,$/gm),
      ].flatMap((found) => found.slice(1).filter((code) => code !== undefined)),
    ),
  );
  expect(inSql.size).toBeGreaterThan(15);
  expect([...inSql].filter((code) => !ALERT_CODES.includes(code))).toEqual([]);
  const runbook = readText("docs/runbook.md");
  expect(ALERT_CODES.filter((code) => !runbook.includes(`| \`${code}\` |`))).toEqual([]);
});
