import { z } from "zod";
import { linkAddress } from "../../links/address.ts";
import type { Compose, Composed } from "../../mail/compose.ts";
import { greetingName } from "../../mail/greeting-name.ts";
import { TOKEN_PLACEHOLDER } from "../../mail/placeholder.ts";
import { fillText } from "../rules/fill-text.ts";
import { renderHtml, renderText } from "./layout.ts";

/** What the database tells of a step besides its message. */
const FollowupDetails = z.object({
  recipient: z.string(),
  topic: z.string(),
  language: z.enum(["ru", "kk", "en"]).nullable(),
  subject: z.string().nullable(),
  body: z.string().nullable(),
  fullName: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()),
  links: z.record(z.string(), z.string().nullable()),
});

/**
 * A mail of a sequence. It always has the way out in it: for the mailbox's own button (RFC 8058, two headers), and for
 * people a link to the page with a button. The token takes its place just before the request and is stored nowhere.
 */
export const composeFollowup: Compose = (message, settings, sender): Composed => {
  const parsed = FollowupDetails.safeParse(message.details);
  if (!parsed.success) {
    return none("superseded", "gone", "The entry of this step is gone");
  }
  const { recipient, language, subject, body, fullName, metadata, links } = parsed.data;
  if (language === null || subject === null || body === null) {
    return none(
      "rejected",
      "no_template",
      "The step's template is gone: insert it into followup_templates, then requeue",
    );
  }
  const missing = Object.entries(links).find(([, code]) => code === null)?.[0];
  if (missing !== undefined) {
    return none("rejected", "no_link_target", `link_targets has no row ${missing}: insert it, then requeue`);
  }
  const filling = {
    name: greetingName(fullName),
    metadata,
    links: Object.fromEntries(
      Object.entries(links).map(([name, code]) => [name, linkAddress(code ?? "", sender.addresses)]),
    ),
    language,
    zone: settings.time_zone,
  };
  const oneClick = `${sender.unsubscribeUrl}/${TOKEN_PLACEHOLDER}`;
  const wayOut =
    sender.unsubscribePageUrl === null ? oneClick : `${sender.unsubscribePageUrl}#token=${TOKEN_PLACEHOLDER}`;
  const mail = {
    language,
    subject: fillText(subject, filling).replace(/\s+/g, " ").trim(),
    text: fillText(body, filling).trim(),
    senderName: sender.name,
    wayOut,
  };
  return {
    ok: true,
    body: {
      from: sender.from,
      to: [recipient],
      subject: mail.subject,
      html: renderHtml(mail),
      text: renderText(mail),
      ...(sender.replyTo === null ? {} : { reply_to: sender.replyTo }),
      headers: {
        "List-Unsubscribe": `<${oneClick}>`,
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
      },
      tags: [
        { name: "message_id", value: String(message.id) },
        { name: "subject_id", value: message.subjectId },
      ],
    },
  };
};

function none(verdict: "rejected" | "superseded", code: string, message: string): Composed {
  return { ok: false, verdict, code, message };
}
