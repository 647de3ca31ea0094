import type { Slots } from "../outbox/slots.ts";
import { systemClock } from "../platform/clock.ts";
import { createMobizon } from "./mobizon/client.ts";
import type { SmsService } from "./port.ts";
import type { SmsAccess } from "./settings.ts";

/** The real way to Mobizon: fetch, the machine's clock, and the slots that it is given. */
export function connectMobizon({ baseUrl, apiKey }: SmsAccess, slots: Slots): SmsService {
  return createMobizon({ baseUrl, apiKey, fetch: globalThis.fetch, slots, clock: systemClock });
}
