import type { SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import type { Rpc } from "../../platform/rpc.ts";
import { OutboxRow } from "../answer.ts";
import { rowsOf } from "../query-outcome.ts";
import { DeadLetter } from "./answer.ts";
import type { MessageStore, Refusal } from "./port.ts";

/** SQLSTATE of an argument that a function refuses, such as the id of a message that is not dead. */
const INVALID_ARGUMENT = "22023";

const Policies = z.array(z.object({ error_code: z.string(), explanation: z.string() }));

/** Single messages over the admin views and functions, as service_role. */
export function createMessageStore(client: SupabaseClient, rpc: Rpc): MessageStore {
  return {
    async deadLetters({ kind, error_code: errorCode, limit }) {
      let query = client.from("amocrm_dead_letters").select();
      if (kind !== null) query = query.eq("kind", kind);
      if (errorCode !== null) query = query.eq("error_code", errorCode);
      return z.array(DeadLetter).parse(rowsOf("amocrm_dead_letters", await query.order("id").limit(limit)));
    },
    async deadCounts() {
      const rows = rowsOf(
        "amocrm_outbox_status",
        await client.from("amocrm_outbox_status").select().eq("state", "dead"),
      );
      return z
        .array(OutboxRow)
        .parse(rows)
        .map(({ kind, reason, message_count: count }) => ({ kind, error_code: reason, count }));
    },
    async explanations() {
      const rows = rowsOf(
        "amocrm_error_policies",
        await client.from("amocrm_error_policies").select("error_code, explanation"),
      );
      return new Map(Policies.parse(rows).map((row) => [row.error_code, row.explanation]));
    },
    requeue: (id) => refusalOf(rpc("amocrm_requeue", { p_id: id })),
    cancel: (id) => refusalOf(rpc("amocrm_cancel", { p_id: id })),
    async requeueDead({ kind, error_code: errorCode, limit }) {
      return z
        .int()
        .parse(await rpc("amocrm_requeue_dead", { p_kind: kind, p_error_code: errorCode, p_limit: limit }));
    },
    async pause(reason) {
      await rpc("amocrm_pause", { p_reason: reason });
    },
    async resume() {
      await rpc("amocrm_resume");
    },
  };
}

async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
    return null;
  } catch (error) {
    const { cause } = error as { cause?: { code?: unknown; message?: unknown } };
    if (cause?.code !== INVALID_ARGUMENT || typeof cause.message !== "string") throw error;
    return cause.message;
  }
}
