import { randomUUID } from "node:crypto";
import type { Session, TestDatabase } from "./database.ts";

export interface ClaimedMessage {
  id: number;
  kind: string;
  lane: string;
  personId: number;
  step: string | null;
  progress: Record<string, unknown>;
  payload: Record<string, unknown>;
  attemptCount: number;
  isPoison: boolean;
  contactId: number | null;
  dealId: number | null;
  emailKey: string | null;
  phoneKey: string | null;
  subjectId: string;
  subject: Record<string, unknown> | null;
}

export interface Result {
  id: number;
  verdict: "delivered" | "retry" | "uncertain" | "rejected" | "blocked" | "superseded";
  policy?: string;
  is_sent?: boolean;
  told_wait_ms?: number;
  jitter?: number;
  /** These two say outright what else follows from the policy. */
  spends_attempt?: boolean;
  wait_ms?: number;
  code?: string;
  message?: string;
  contact_id?: number;
  deal_id?: number;
  progress?: Record<string, unknown>;
  warnings?: { code: string; message: string }[];
  duplicates?: { type: string; kept_id: number; other_id: number; reason: string }[];
}

export interface Slot {
  granted: boolean;
  is_probe: boolean;
  wait_ms: number | null;
  interval_ms: number;
  code: string | null;
  message: string | null;
}

interface SlotOptions {
  sinceDepartureMs?: number | null;
  maxWaitMs?: number;
  /** A request outside of a drain. */
  withoutToken?: boolean;
}

/** What the edge function amocrm-drain does to the database, over its own session, as service_role. */
export interface Drainer {
  sql: Session;
  token: string;
  begin(): Promise<string>;
  claim(limit?: number): Promise<ClaimedMessage[]>;
  markSent(ids: number[], step: string): Promise<number[]>;
  record(facts: Record<string, unknown>[]): Promise<number[]>;
  settle(results: Result[]): Promise<number[]>;
  extend(): Promise<void>;
  release(ids: number[]): Promise<number>;
  end(): Promise<boolean>;
  lookAgain(): Promise<boolean>;
  slot(options?: SlotOptions): Promise<Slot>;
}

export function openDrainer(database: TestDatabase, token: string = randomUUID()): Drainer {
  const sql = database.connect({ user: "authenticator", role: "service_role" });
  const json = (value: unknown): string => JSON.stringify(value);
  return {
    sql,
    token,
    begin: async () => (await sql`select amocrm_drain_begin(${token}) as outcome`)[0]?.["outcome"],
    claim: async (limit = 50) =>
      (await sql`select amocrm_drain_claim(${token}, ${limit}) as answer`)[0]?.["answer"].messages,
    markSent: async (ids, step) =>
      (await sql`select amocrm_drain_mark_sent(${token}, ${ids}::bigint[], ${step}) as ids`)[0]?.["ids"],
    record: async (facts) =>
      (await sql`select amocrm_drain_record(${token}, ${json(facts)}::text::jsonb) as ids`)[0]?.["ids"],
    settle: async (results) =>
      (await sql`select amocrm_drain_settle(${token}, ${json(results)}::text::jsonb) as ids`)[0]?.["ids"],
    extend: async () => {
      await sql`select amocrm_drain_extend(${token})`;
    },
    release: async (ids) =>
      (await sql`select amocrm_drain_release(${token}, ${ids}::bigint[]) as count`)[0]?.["count"],
    end: async () => (await sql`select amocrm_drain_end(${token}) as is_due`)[0]?.["is_due"],
    lookAgain: async () => (await sql`select amocrm_drain_look_again() as is_due`)[0]?.["is_due"],
    slot: async ({ sinceDepartureMs = null, maxWaitMs = 600_000, withoutToken = false } = {}) =>
      (
        await sql`select amocrm_reserve_slot(${withoutToken ? null : token}, ${sinceDepartureMs}, ${maxWaitMs}) as slot`
      )[0]?.["slot"],
  };
}

/** Claims until nothing is due and delivers all of it; tells the claimed messages in order. */
export async function deliverAll(drainer: Drainer, result: Partial<Result> = {}): Promise<ClaimedMessage[]> {
  const delivered: ClaimedMessage[] = [];
  for (;;) {
    const messages = await drainer.claim();
    if (messages.length === 0) return delivered;
    await drainer.settle(messages.map(({ id }) => ({ id, verdict: "delivered", ...result })));
    delivered.push(...messages);
  }
}
