import type postgres from "postgres";
import { NOON } from "./clock.ts";
import type { Session, TestDatabase } from "./database.ts";
import { type Caller, openDataApi } from "./roles.ts";

export interface VisitOptions {
  /** As the platform's proxy writes it; null for a request without one. */
  address?: string | null;
  /** Further headers, or a whole other way to tell the address. */
  headers?: Record<string, string>;
  table?: "landing_leads" | "unified_lead_tracking";
  caller?: Caller;
  /** Default: noon of the tests' day, at which time stands. */
  at?: Date;
}

type Leads = readonly object[];

/** What a visitor is told: `ok`, or the code, with the answer's status and headers if the database gives them. */
export interface Answer {
  code: string;
  status?: number;
  headers?: Record<string, string>;
  message?: string;
  details?: string;
  hint?: string;
}

/** Leaves leads in one request of the Data API, over a session of its own. */
export type Visit = (leads: Leads, options?: VisitOptions) => Promise<Answer>;

const COLUMNS = "full_name, email, phone, source, metadata";

export function openVisits(database: TestDatabase): Visit {
  const runAs = openDataApi(database);
  return (leads, options = {}) =>
    answerOf(runAs(options.caller ?? { role: "anon" }, (sql) => leave(sql, leads, options)));
}

async function leave(sql: Session, leads: Leads, options: VisitOptions): Promise<void> {
  const { address = "203.0.113.7", table = "landing_leads", at = NOON } = options;
  const headers = { ...(address === null ? {} : { "cf-connecting-ip": address }), ...options.headers };
  await sql`select set_config('request.headers', ${JSON.stringify(headers)}, true),
    set_config('amocrm.test_clock', ${at.toISOString()}, true)`;
  const columns = table === "landing_leads" ? `${COLUMNS}, left_empty` : COLUMNS;
  await sql.unsafe(
    `insert into public.${table} (${columns}) select ${columns} from jsonb_to_recordset($1::text::jsonb)
      as lead (full_name text, email text, phone text, source text, metadata jsonb, left_empty text)`,
    [JSON.stringify(leads)],
  );
}

/** What a statement of the Data API ends with, read as PostgREST reads it. */
export async function answerOf(statement: Promise<unknown>): Promise<Answer> {
  try {
    await statement;
    return { code: "ok" };
  } catch (error) {
    const { code, message, detail } = error as postgres.PostgresError;
    if (code !== "PGRST") return { code, message };
    const { status, headers } = JSON.parse(detail ?? "") as Required<Answer>;
    return { ...(JSON.parse(message) as Answer), status, headers };
  }
}
