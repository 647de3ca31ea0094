import { createInbox } from "../outbox/inbox-connection.ts";
import type { HttpParts } from "../platform/http.ts";
import type { Log, LogFacts } from "../platform/log.ts";
import type { Rpc } from "../platform/rpc.ts";
import { createQtickets, createTimepad } from "./adapters.ts";
import { pullOrders } from "./pull.ts";
import type { QticketsAccess } from "./settings.ts";
import { createOrderStore, timepadEventsDue } from "./store.ts";
import { pullTimepad } from "./timepad-pull.ts";
import type { TimepadAccess } from "./timepad-settings.ts";

interface SellersParts extends Pick<HttpParts, "fetch" | "clock"> {
  rpc: Rpc;
  log: Log;
  newToken(): string;
}

/** One run for each seller that is set up, one after the other. */
export async function pullSellers(
  { qtickets, timepad }: { qtickets: QticketsAccess | null; timepad: TimepadAccess | null },
  isNightly: boolean,
  { rpc, fetch, clock, log, newToken }: SellersParts,
): Promise<LogFacts> {
  const ports = { clock, log, newToken };
  const http = { fetch, clock };
  const facts: LogFacts[] = [];
  if (qtickets !== null) {
    const seller = createQtickets(qtickets, http);
    const [store, inbox] = [createOrderStore(rpc, "qtickets"), createInbox(rpc, "qtickets")];
    facts.push(await pullOrders({ ...ports, seller, store, inbox }, isNightly));
  }
  if (timepad !== null) {
    const seller = createTimepad(timepad, http);
    const store = createOrderStore(rpc, "timepad");
    const due = (isAsked: boolean) => timepadEventsDue(rpc, isAsked);
    facts.push(await pullTimepad({ ...ports, seller, store, due }, isNightly));
  }
  return Object.assign({}, ...facts);
}
