import { storable } from "./storable.ts";

/** Data exception, integrity constraint violation, program limit exceeded: what was given is at fault. */
const UNSTORABLE_SQLSTATE = /^(22|23|54)/;

/** Calls one named SQL function; throws an error of `rpcError`. */
export type Rpc = (name: string, args?: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** The part of a client of the Data API that calls SQL functions: supabase-js has it, and its postgrest-js alone. */
export interface RpcClient {
  rpc(
    name: string,
    args: Readonly<Record<string, unknown>>,
  ): PromiseLike<{ data: unknown; error: { code: string; message: string } | null }>;
}

/** A call that failed: its SQLSTATE, empty if the database was not reached, and the database's own words. */
export class RpcError extends Error {
  override readonly name: string = "RpcError";
  readonly code: string;
  readonly reason: string;

  constructor(functionName: string, code: string, reason: string, cause: unknown) {
    super(`Cannot call ${functionName}: ${code || "no answer"} ${reason}`, { cause });
    this.code = code;
    this.reason = reason;
  }
}

/** The database refuses what it was given to store. Given again it is refused again. */
export class UnstorableError extends RpcError {
  override readonly name = "UnstorableError";
}

/**
 * Rpc over the Data API. Failed calls are not repeated here: the lease makes the next drain pick up. Whatever text came
 * along, from whoever: it can be stored, so that no call fails for a character.
 */
export function createRpc(client: RpcClient): Rpc {
  return async (name, args = {}) => {
    const { data, error } = await client.rpc(name, storable(args));
    if (error === null) return data;
    throw rpcError(name, error.code, error.message, error);
  };
}

/** An error that names the function and the SQLSTATE; what a SQLSTATE means is for the caller's module to say. */
export function rpcError(name: string, code: string, reason: string, cause: unknown): RpcError {
  return UNSTORABLE_SQLSTATE.test(code)
    ? new UnstorableError(name, code, reason, cause)
    : new RpcError(name, code, reason, cause);
}
