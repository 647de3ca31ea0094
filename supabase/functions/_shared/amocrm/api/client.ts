import { createHooks } from "./client-hooks.ts";
import type { AmocrmClient } from "./client-port.ts";
import { createReads } from "./client-reads.ts";
import { createWrites } from "./client-writes.ts";
import type { Transport } from "./transport.ts";

export type { AmocrmClient } from "./client-port.ts";

/** The client over a transport; it keeps no state of its own. */
export function createAmocrmClient(transport: Transport): AmocrmClient {
  return { ...createReads(transport), ...createWrites(transport), ...createHooks(transport) };
}
