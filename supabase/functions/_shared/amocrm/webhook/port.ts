import type { Hint } from "./read-hook.ts";

/** A delivery as it is kept: ids only, or the body of one that nobody can read. */
export interface KeptDelivery {
  /** The same when it is repeated. */
  key: string;
  accountId: number | null;
  /** Null if the body cannot be read. */
  hints: readonly Hint[] | null;
  body: string | null;
}

/** Port: keeps deliveries. `unknown` says that the secret is nobody's. Throws if the database cannot be asked. */
export interface HookStore {
  receive(
    secretHash: string,
    delivery: KeptDelivery,
  ): Promise<"stored" | "duplicate" | "full" | "other_account" | "unknown">;
}

/** How the subscription stands, as we know it. */
interface SubscriptionState {
  state: "off" | "on" | "broken";
  secretHash: string | null;
  /** The address of our function, before the secret; null while nobody has said where the functions are. */
  address: string | null;
  /** Most changes of late were found by pulls only. */
  isDeaf: boolean;
  isCheckDue: boolean;
}

/** Port: what we keep of the subscription; never its secret. */
export interface SubscriptionStore {
  read(): Promise<SubscriptionState>;
  /** The former secret stays good for two hours. */
  keep(secretHash: string, isHealed: boolean): Promise<void>;
  note(state: "on" | "broken", problemCode: string | null): Promise<void>;
  switchOff(): Promise<void>;
}
