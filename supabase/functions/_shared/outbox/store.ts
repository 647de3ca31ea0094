import { z } from "zod";
import type { Rpc } from "../platform/rpc.ts";
import { wholeMs } from "../platform/whole-ms.ts";
import type { Pace, Slot } from "./port.ts";
import { failingAsStore } from "./store-failures.ts";

const SlotRow = z.object({
  granted: z.boolean(),
  is_probe: z.boolean().nullable(),
  wait_ms: z.int().nullable(),
  interval_ms: z.int().nullable(),
  code: z.string().nullable(),
  message: z.string().nullable(),
});
const Meaning = z.enum(["stop", "counts", "harmless"]);

/** The pace and breaker of a queue over the SQL functions of its own. */
export function createPaceStore(rpc: Rpc, queue: "amocrm" | "message" = "amocrm"): Pace {
  return paceOver((name, args) => rpc(`${queue}_${name}`, args));
}

/** The pace and breaker of a queue that has no functions of its own for them. */
export function createQueuePaceStore(rpc: Rpc, queue: string): Pace {
  return paceOver((name, args) => rpc(`outbox_${name}`, { p_queue: queue, ...args }));
}

/** The account's pace in the pull lane: a slot only while nothing live is due. */
export function createPullPaceStore(rpc: Rpc): Pace {
  return paceOver((name, args) =>
    rpc(name === "reserve_slot" ? "amocrm_reserve_pull_slot" : `amocrm_${name}`, args),
  );
}

/** `call` knows which SQL function a name stands for. */
function paceOver(call: Rpc): Pace {
  return failingAsStore<Pace>({
    async reserveSlot(token, sinceDepartureMs, maxWaitMs) {
      return slotOf(
        await call("reserve_slot", {
          p_token: token,
          p_since_departure_ms: sinceDepartureMs,
          p_max_wait_ms: maxWaitMs,
        }),
      );
    },
    async reserveTokenSlot(sinceDepartureMs, maxWaitMs) {
      return slotOf(
        await call("reserve_token_slot", {
          p_since_departure_ms: sinceDepartureMs,
          p_max_wait_ms: maxWaitMs,
        }),
      );
    },
    async reportFault({ code, causeCode, message, toldWaitMs, operation, messageIds, isProbe }) {
      return Meaning.parse(
        await call("report_fault", {
          p_code: code,
          p_cause_code: causeCode,
          p_message: message,
          p_told_wait_ms: wholeMs(toldWaitMs),
          p_operation: operation,
          p_message_ids: messageIds,
          p_is_probe: isProbe,
        }),
      );
    },
    async reportAnswer(operations) {
      await call("report_answer", { p_operations: operations });
    },
    async closeBreaker() {
      await call("breaker_close");
    },
  });
}

function slotOf(answer: unknown): Slot {
  const row = SlotRow.parse(answer);
  return row.granted
    ? {
        granted: true,
        isProbe: row.is_probe ?? false,
        waitMs: row.wait_ms ?? 0,
        intervalMs: row.interval_ms ?? 0,
      }
    : { granted: false, code: row.code ?? "refused", message: row.message ?? "", waitMs: row.wait_ms };
}
