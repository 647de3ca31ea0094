import type { Slots } from "../outbox/slots.ts";
import { systemClock } from "../platform/clock.ts";
import { createUnisender } from "./unisender/client.ts";
import type { UnisenderService } from "./unisender-port.ts";
import type { UnisenderAccess } from "./unisender-settings.ts";

/** The real way to Unisender: fetch, the machine's clock, and the slots that it is given. */
export function connectUnisender(access: UnisenderAccess, slots: Slots): UnisenderService {
  return createUnisender({ ...access, fetch: globalThis.fetch, slots, clock: systemClock });
}
