import { createHttpTransport, type HttpTransportParts } from "#shared/amocrm/api/http-transport.ts";
import type { Tokens, Transport } from "#shared/amocrm/api/transport.ts";
import type { Slots } from "#shared/outbox/slots.ts";
import type { Clock } from "#shared/platform/clock.ts";

/** The account that msw stands in for; the name can never resolve. */
export const BASE_URL = "https://account.amocrm.test";

/** Lets everything through at once. */
export const openSlots: Slots = { take: async () => ({ granted: true, waitedMs: 0 }) };

/** A token that the tests look for where it must not be. */
export const SECRET_TOKEN = "secret-token-1";

const tokens: Tokens = { accessToken: async () => ({ ok: true, token: SECRET_TOKEN }) };

/** A clock that stands still: nothing ever times out. */
export const stillClock: Clock = {
  nowMs: () => 1_760_000_000_000,
  sleep: () => new Promise(() => {}),
};

/** A clock on which every wait is over at once; `waits` are the waits that were asked for. */
export function impatientClock(): Clock & { waits: number[] } {
  const waits: number[] = [];
  return {
    waits,
    nowMs: () => 1_760_000_000_000,
    sleep: async (ms) => {
      waits.push(ms);
    },
  };
}

/** The transport under test with the global fetch, which msw intercepts. */
export function transportTo(parts: Partial<HttpTransportParts> = {}): Transport {
  return createHttpTransport({
    baseUrl: BASE_URL,
    fetch: (url, init) => fetch(url, init),
    slots: openSlots,
    tokens,
    clock: stillClock,
    ...parts,
  });
}
