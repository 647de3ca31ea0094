import type { Slots } from "../amocrm/transport.ts";
import type { Mailer } from "../mail/port.ts";
import { createResendMailer } from "../mail/resend-mailer.ts";
import type { MailAccess } from "../mail/settings.ts";
import { systemClock } from "./clock.ts";

/** The real way to Resend: fetch, the machine's clock, and the slots that it is given. */
export function connectResend({ baseUrl, apiKey }: MailAccess, slots: Slots): Mailer {
  return createResendMailer({ baseUrl, apiKey, fetch: globalThis.fetch, slots, clock: systemClock });
}
