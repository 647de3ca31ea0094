import type { AccountAccess } from "../../amocrm/access.ts";
import type { Clock } from "../../platform/clock.ts";
import type { OpenAlert } from "../../watch/report.ts";
import type { OptionalParts } from "./channels.ts";
import type { Answered, DoctorFacts } from "./facts.ts";

/** Port: what the database tells, by two named functions. */
export interface DoctorStore {
  /** Also makes the database call amocrm-drain once, to try the road. */
  facts(): Promise<DoctorFacts>;
  /** How that call ended; null as long as it has not. */
  callAnswer(callId: number): Promise<Answered>;
}

/** What waits for a person, whatever else is well. */
export interface Standing {
  quarantined_count: number;
  incidents: readonly OpenAlert[];
}

/** What examining a whole setup needs. */
export interface DoctorPorts {
  doctorStore: DoctorStore;
  standing(): Promise<Standing>;
  account: AccountAccess;
  /** The functions' own variables. */
  environment: Readonly<Record<string, string | undefined>>;
  optionalParts: OptionalParts;
  /** The Supabase project that the functions run in, as the connection remembers the one that made it. */
  project: string;
  clock: Clock;
  /** How far amoCRM's clock is ahead of the function's, by the last answer; null before the first. */
  accountClockOffsetMs(): number | null;
}
