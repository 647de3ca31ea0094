import { RpcError } from "../platform/rpc.ts";
import { LeaseLostError } from "./port.ts";
import { StoreError } from "./store-error.ts";

/** SQLSTATE raised by `amocrm.lock_queue_as_drain`. */
const LEASE_LOST_SQLSTATE = "OB001";

type Methods = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;

/** The same store, each of whose failures is known by its class: a StoreError, or the lost lease. */
export function failingAsStore<Store extends object>(store: Store): Store {
  return failingWith(store, (error) => (error instanceof StoreError ? error : new StoreError(error)));
}

/** The same store, whose lost lease is a LeaseLostError; every other failure stays what it is. */
export function losingLease<Store extends object>(store: Store): Store {
  return failingWith(store, (error) => error);
}

function failingWith<Store extends object>(store: Store, failure: (error: unknown) => unknown): Store {
  const methods = Object.entries(store as unknown as Methods).map(([name, method]) => [
    name,
    async (...args: never[]) => {
      try {
        return await method(...args);
      } catch (error) {
        if (error instanceof LeaseLostError) throw error;
        if (error instanceof RpcError && error.code === LEASE_LOST_SQLSTATE) {
          throw new LeaseLostError(error.reason);
        }
        throw failure(error);
      }
    },
  ]);
  return Object.fromEntries(methods) as Store;
}
