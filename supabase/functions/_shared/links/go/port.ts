import type { AddressHeaders } from "../../platform/address-headers.ts";
import type { Verdict } from "./rules/verdict.ts";

/** Where a code leads, as the database has it. */
export interface OpenedLink {
  target_url: string;
  is_expired: boolean;
}

/** One opening of a link, as it is counted. */
export interface Hit extends Verdict {
  /** Drawn here, so that counting may be repeated. */
  id: string;
  code: string;
  agent: string;
  /** Those that may hold the visitor's address. Of it the database keeps the hash of the network alone. */
  headers: AddressHeaders;
}

/** Port: links in the database. Throws if it cannot be asked. */
export interface LinkStore {
  open(code: string): Promise<OpenedLink | null>;
  /** Each with its age, so that what is told late is booked on its own second. */
  count(hits: readonly (Hit & { age_ms: number })[]): Promise<void>;
}
