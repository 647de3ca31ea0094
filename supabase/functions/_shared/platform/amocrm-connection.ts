import { createAmocrmClient } from "../amocrm/client.ts";
import type { AmocrmClient } from "../amocrm/client-port.ts";
import { createHttpTransport } from "../amocrm/http-transport.ts";
import { createStaticTokens } from "../amocrm/static-token.ts";
import type { Slots } from "../amocrm/transport.ts";
import { systemClock } from "./clock.ts";
import type { AmocrmAccess } from "./settings.ts";

/** The real client: fetch, the machine's clock, and the slots that it is given. */
export function connectAmocrm(access: AmocrmAccess, slots: Slots, fetch = globalThis.fetch): AmocrmClient {
  return createAmocrmClient(
    createHttpTransport({
      baseUrl: access.baseUrl,
      fetch,
      slots,
      tokens: createStaticTokens(access.accessToken),
      clock: systemClock,
    }),
  );
}
