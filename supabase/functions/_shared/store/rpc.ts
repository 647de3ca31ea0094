import type { SupabaseClient } from "@supabase/supabase-js";
import { LeaseLostError } from "../outbox/port.ts";

/** SQLSTATE raised by `amocrm.lock_queue_as_drain`; the one code that TypeScript tells apart. */
const LEASE_LOST_SQLSTATE = "OB001";

/** Calls one named SQL function; throws LeaseLostError or an Error that names the function and the SQLSTATE. */
export type Rpc = (name: string, args?: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** Rpc over the Data API. Failed calls are not repeated here: the lease makes the next drain pick up. */
export function createRpc(client: SupabaseClient): Rpc {
  return async (name, args = {}) => {
    const { data, error } = await client.rpc(name, args);
    if (error === null) return data;
    if (error.code === LEASE_LOST_SQLSTATE) throw new LeaseLostError(error.message);
    throw new Error(`Cannot call ${name}: ${error.code || "no answer"} ${error.message}`, { cause: error });
  };
}
