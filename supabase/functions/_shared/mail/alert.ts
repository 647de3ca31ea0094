import { alertTexts } from "./alert-texts.ts";
import type { Compose, Composed, Sender } from "./compose.ts";
import type { MailMessage, MailSettings } from "./message.ts";
import { escapeHtml } from "./templates/escape.ts";

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
  { course_name }: MailSettings,
  { from, adminEmail }: Sender,
  whyNot: (alert: Alert) => string | null,
): Composed {
  if (alert === null) return superseded("alert_deleted", "The row of amocrm_alerts was deleted meanwhile");
  // Never dead: a mail that nobody is to get must not raise an alert in its turn.
  if (adminEmail === null) return superseded("no_admin_email", "ADMIN_EMAIL is not set, or is no address");
  if (alert.ageMs > STALE_MS) return superseded("stale", "No mail could go out for three days");
  const reason = whyNot(alert);
  if (reason !== null) return superseded("overtaken", reason);
  const paragraphs = paragraphsOf(alert);
  return {
    ok: true,
    body: {
      from,
      to: [adminEmail],
      subject: subjectOf(alert, course_name),
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

function subjectOf({ code, resolvedAt }: Alert, courseName: string): string {
  const { en, ru } = alertTexts(code);
  return resolvedAt === null
    ? `[${courseName}] ${en.title} · ${ru.title}`
    : `[${courseName}] Over: ${en.title} · Закончилось: ${ru.title}`;
}

function paragraphsOf({ code, severity, detail, remedy, firstSeenAt, resolvedAt }: Alert): string[] {
  const { en, ru } = alertTexts(code);
  const since = utc(firstSeenAt);
  const runbook = `docs/runbook.md, ${code}`;
  if (resolvedAt !== null) {
    const until = utc(resolvedAt);
    return [
      `${en.title}: over. It lasted from ${since} to ${until}.`,
      `${ru.title}: закончилось. Длилось с ${since} до ${until}.`,
      detail,
    ];
  }
  return [
    `${en.title}. Since ${since}, ${severity}. ${en.advice}`,
    `${ru.title}. С ${since}. ${ru.advice}`,
    remedy === null ? detail : `${detail}\n${remedy}`,
    `Runbook · Инструкция: ${runbook}`,
  ];
}

/** `2031-05-05 12:00 UTC`. */
function utc(at: string): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function superseded(code: string, message: string): Composed {
  return { ok: false, verdict: "superseded", code, message };
}
