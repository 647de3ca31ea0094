import type { Clock } from "../../platform/clock.ts";
import type { AccountAccess } from "../port.ts";
import type { Answered, DoctorFacts } from "./facts.ts";

/** Port: what the database tells, by two named functions. */
export interface DoctorStore {
  /** Also makes the database call amocrm-drain once, to try the road. */
  facts(): Promise<DoctorFacts>;
  /** How that call ended; null as long as it has not. */
  callAnswer(callId: number): Promise<Answered>;
}

/** What examining a whole setup needs. */
export interface DoctorPorts {
  doctorStore: DoctorStore;
  account: AccountAccess;
  /** The functions' own variables. */
  environment: Readonly<Record<string, string | undefined>>;
  /** The Supabase project that the functions run in, as the connection remembers the one that made it. */
  project: string;
  clock: Clock;
  /** How far amoCRM's clock is ahead of the function's, by the last answer; null before the first. */
  accountClockOffsetMs(): number | null;
}
