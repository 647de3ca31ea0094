import { z } from "zod";
import { linkAddress } from "../../links/address.ts";
import { greetingName } from "../../mail/greeting-name.ts";
import type { ComposedSms, ComposeSms } from "../../sms/compose.ts";
import { fillText } from "../rules/fill-text.ts";

/** What the database tells of a step besides its message. */
const StepDetails = z.object({
  language: z.enum(["ru", "kk", "en"]).nullable(),
  body: z.string().nullable(),
  fullName: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()),
  links: z.record(z.string(), z.string().nullable()),
});

/** An SMS of a sequence. */
export const composeFollowupSms: ComposeSms = (message, settings, variables): ComposedSms => {
  const parsed = StepDetails.safeParse(message.details);
  if (!parsed.success) return none("superseded", "gone", "The entry of this step is gone");
  const { language, body, fullName, metadata, links } = parsed.data;
  if (language === null || body === null) {
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
  const text = fillText(body, {
    name: greetingName(fullName),
    metadata,
    links: Object.fromEntries(
      Object.entries(links).map(([name, code]) => [name, linkAddress(code ?? "", variables)]),
    ),
    language,
    zone: settings.timeZone,
  });
  return { ok: true, text: text.trim() };
};

function none(verdict: "rejected" | "superseded", code: string, message: string): ComposedSms {
  return { ok: false, verdict, code, message };
}
