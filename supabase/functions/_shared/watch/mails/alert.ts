import type { Compose, Composed, Sender } from "../../mail/compose.ts";
import { escapeHtml } from "../../mail/escape.ts";
import type { MailMessage, MailSettings } from "../../mail/message.ts";
import { LANGUAGES, type Language, sayIn } from "../../platform/text.ts";
import { minuteOf, tellingIn } from "../told.ts";
import { ALERT_MAIL } from "../words/alert-mail.ts";
import { alertTexts } from "./alert-texts.ts";

/** What waited longer than this while no mail could go out tells the admin nothing any more. */
const STALE_MS = 3 * 24 * 3_600_000;

/** An incident has opened: what is wrong, and what to do. */
export const composeAlertOpened: Compose = (message, settings, sender) =>
  compose(message, settings, sender, (alert) =>
    alert.resolvedAt === null ? null : "The incident was over before its mail could go out",
  );

/** An incident has been over for an hour. */
export const composeAlertResolved: Compose = (message, settings, sender) =>
  compose(message, settings, sender, (alert) =>
    alert.resolvedAt === null ? "The incident has come back meanwhile" : null,
  );

type Alert = NonNullable<MailMessage["alert"]>;

function compose(
  { id, subjectId, alert }: MailMessage,
  settings: MailSettings,
  { from, adminEmail, project }: Sender,
  whyNot: (alert: Alert) => string | null,
): Composed {
  if (alert === null) return superseded("alert_deleted", "The row of amocrm_alerts was deleted meanwhile");
  // Never dead: a mail that nobody is to get must not raise an alert in its turn.
  if (adminEmail === null) return superseded("no_admin_email", "ADMIN_EMAIL is not set, or is no address");
  if (alert.ageMs > STALE_MS) return superseded("stale", "No mail could go out for three days");
  const reason = whyNot(alert);
  if (reason !== null) return superseded("overtaken", reason);
  const paragraphs = paragraphsOf(alert, settings, project);
  return {
    ok: true,
    body: {
      from,
      to: [adminEmail],
      subject: subjectOf(alert, settings),
      html: `<!doctype html>\n<html><head><meta charset="utf-8"></head><body>\n${paragraphs
        .map((text) => `<p>${escapeHtml(text).replaceAll("\n", "<br>\n")}</p>`)
        .join("\n")}\n</body></html>\n`,
      text: `${paragraphs.join("\n\n")}\n`,
      tags: [
        { name: "message_id", value: String(id) },
        { name: "subject_id", value: subjectId },
      ],
    },
  };
}

/** The languages that the admin reads. */
function languagesOf({ alert_language: language }: MailSettings): readonly Language[] {
  return language === null ? LANGUAGES : [language];
}

function subjectOf({ code, resolvedAt }: Alert, settings: MailSettings): string {
  const texts = alertTexts(code);
  const titles = languagesOf(settings).map((language) =>
    resolvedAt === null
      ? texts[language].title
      : sayIn(language)(ALERT_MAIL.over, { title: texts[language].title }),
  );
  return `[${settings.course_name}] ${titles.join(" · ")}`;
}

function paragraphsOf(alert: Alert, settings: MailSettings, project: string): string[] {
  const { code, severity, detail, remedy, firstSeenAt, resolvedAt } = alert;
  const time = (at: string): string => minuteOf(at, settings.time_zone);
  const told = tellingIn(settings.time_zone);
  return languagesOf(settings).flatMap((language) => {
    const say = sayIn(language);
    const { title, advice } = alertTexts(code)[language];
    const since = time(firstSeenAt);
    if (resolvedAt !== null) {
      const lasted = say(ALERT_MAIL.lasted, { title, since, until: time(resolvedAt) });
      return [lasted, say(told(detail)), say(ALERT_MAIL.project, { project })];
    }
    return [
      say(ALERT_MAIL.opened, { title, since, severity: ALERT_MAIL[severity], advice }),
      remedy === null ? say(told(detail)) : `${say(told(detail))}\n${say(told(remedy))}`,
      `${say(ALERT_MAIL.project, { project })}\n${say(ALERT_MAIL.runbook, { place: `docs/operate/runbook.md, ${code}` })}`,
    ];
  });
}

function superseded(code: string, message: string): Composed {
  return { ok: false, verdict: "superseded", code, message };
}
