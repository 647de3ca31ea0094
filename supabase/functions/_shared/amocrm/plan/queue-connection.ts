import { createLease } from "../../outbox/lease-store.ts";
import { createPaceStore } from "../../outbox/store.ts";
import type { Rpc } from "../../platform/rpc.ts";
import { createOutboxStore } from "../drain/store.ts";
import type { PlanPorts } from "./plan.ts";

/** The drain's own stores, over calls that a rehearsal answers. */
export const queueOf: PlanPorts["queueOf"] = (rpc: Rpc) => ({
  queue: createLease(rpc, "amocrm"),
  outbox: createOutboxStore(rpc),
  pace: createPaceStore(rpc),
});
