import type { Slots } from "../outbox/slots.ts";
import { systemClock } from "../platform/clock.ts";
import type { Mailer } from "./port.ts";
import { createResendMailer } from "./resend/mailer.ts";
import type { MailAccess } from "./settings.ts";

/** The real way to Resend: fetch, the machine's clock, and the slots that it is given. */
export function connectResend({ baseUrl, apiKey }: MailAccess, slots: Slots): Mailer {
  return createResendMailer({ baseUrl, apiKey, fetch: globalThis.fetch, slots, clock: systemClock });
}
