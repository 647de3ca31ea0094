/** Port: what a plan reads. Nothing of it changes anything. */
export interface PlanStore {
  /** What drains would claim now, one claim after the other, as the database tells it; of one lead or student if given. */
  claims(lead: string | null, limit: number): Promise<PlannedClaims>;
  /** Contacts or deals of the mirror by id, or contacts by an address, as amoCRM would show them. */
  rows(entity: "contacts" | "leads", ids: readonly number[], query: string | null): Promise<unknown[]>;
  /** A function of the drain that only reads. */
  read(name: string, args?: Readonly<Record<string, unknown>>): Promise<unknown>;
}

interface PlannedClaims {
  claims: readonly PlannedClaim[];
  /** How many messages wait behind those that are claimed. */
  waitingCount: number;
}

/** One claim: what the drain parses itself, and what its mirror would match. */
export interface PlannedClaim {
  messages: readonly PlannedMessage[];
  matches: readonly { id: number; by: string | null; contact: { id: number } | null }[];
  configuration: { pipelines: readonly unknown[]; routes: readonly unknown[] };
  [part: string]: unknown;
}

/** A message as a drain would claim it. */
export interface PlannedMessage {
  id: number;
  kind: string;
  subjectTable: string;
  subjectId: string;
  [part: string]: unknown;
}
