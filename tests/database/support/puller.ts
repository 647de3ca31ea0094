import { randomUUID } from "node:crypto";
import type { Session, TestDatabase } from "./database.ts";

interface PullAnswer {
  outcome: string;
  clock: string;
  pipelinesReadAt: string | null;
  pull: {
    id: number;
    entity: "contact" | "deal";
    kind: string;
    since: string | null;
    position: Record<string, unknown>;
    changedUntil: string | null;
    deletedUntil: string | null;
  };
}

/** What the edge function amocrm-pull does to the database, over its own session, as service_role. */
export interface Puller {
  sql: Session;
  token: string;
  begin(): Promise<PullAnswer>;
  page(
    pullId: number,
    rows: object[],
    options?: { position?: object; asked?: number[] | null; pagesLeft?: number },
  ): Promise<{ isRefused: boolean; deletedCount: number }>;
  missing(limit?: number): Promise<number[]>;
  finish(pullId: number, until: Date): Promise<void>;
  fail(pullId: number, code?: string): Promise<void>;
  end(rings?: boolean): Promise<boolean>;
  slot(): Promise<{ granted: boolean; code: string | null; wait_ms: number | null }>;
}

export function openPuller(database: TestDatabase, token: string = randomUUID()): Puller {
  const sql = database.connect({ user: "authenticator", role: "service_role" });
  const json = (value: unknown): string => JSON.stringify(value);
  return {
    sql,
    token,
    begin: async () => (await sql`select amocrm_pull_begin(${token}) as answer`)[0]?.["answer"],
    page: async (
      pullId,
      rows,
      { position = { kind: "window", phase: "test" }, asked = [], pagesLeft } = {},
    ) =>
      (
        await sql`select amocrm_pull_page(${token}, ${pullId}, ${json(rows)}::text::jsonb, ${json(position)}::text::jsonb,
          ${asked}::bigint[], ${pagesLeft ?? null}) as answer`
      )[0]?.["answer"],
    missing: async (limit = 250) => (await sql`select amocrm_pull_missing(${limit}) as ids`)[0]?.["ids"],
    finish: async (pullId, until) => {
      await sql`select amocrm_pull_finish(${token}, ${pullId}, ${until.toISOString()})`;
    },
    fail: async (pullId, code = "server_error") => {
      await sql`select amocrm_pull_fail(${token}, ${pullId}, ${code}, 'It failed')`;
    },
    end: async (rings = false) =>
      (await sql`select amocrm_pull_end(${token}, ${rings}, null) as is_due`)[0]?.["is_due"],
    slot: async () =>
      (await sql`select amocrm_reserve_pull_slot(${token}, null, 10000) as slot`)[0]?.["slot"],
  };
}

/** A contact as the client tells it. */
export function contactRow(id: number, updatedAt: number, more: object = {}): object {
  return {
    id,
    name: `C${id}`,
    createdAt: 1,
    updatedAt,
    isDeleted: false,
    responsibleUserId: 1,
    companyId: null,
    dealIds: [],
    rawFields: [],
    ...more,
  };
}

/** A deal as the client tells it. */
export function dealRow(id: number, updatedAt: number, more: object = {}): object {
  return {
    id,
    name: `D${id}`,
    price: 100.5,
    pipelineId: 1,
    statusId: 142,
    responsibleUserId: 1,
    createdAt: 1,
    updatedAt,
    closedAt: null,
    isDeleted: false,
    companyId: 9,
    contacts: [],
    rawFields: [],
    ...more,
  };
}
