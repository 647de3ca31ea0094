import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import postgres from "postgres";
import { inject } from "vitest";
import { type SimulatorServer, startServer } from "#dev/amocrm-simulator/server.ts";
import { type Stack, startStack } from "#dev/stack/stack.ts";
import { waitFor } from "#dev/stack/wait.ts";
import { ROOT } from "./template.ts";

/** Ids of the simulator's default account (dev/amocrm-simulator/account-seed.ts). */
export const ACCOUNT = {
  salesPipelineId: 4400,
  newStageId: 61001,
  qualifiedStageId: 61002,
  tripwirePipelineId: 4500,
  boughtStageId: 62001,
  utmSourceFieldId: 404,
  markerFieldId: 411,
  textFieldId: 410,
  managerId: 7002,
} as const;

const UNLIMITED_RATE = { requests_per_second: 100_000, account_per_second: 0 };

/** The whole product on this machine: database, API, functions under Deno, and a simulated account. */
export interface System {
  stack: Stack;
  simulator: SimulatorServer;
  /** As role postgres, with public in its search path. */
  sql: postgres.Sql;
  /** A visitor of a landing page. */
  anon: SupabaseClient;
  /** Resolves when every message is delivered, dead or superseded; names what is left if it takes too long. */
  delivered(timeoutMs?: number): Promise<void>;
  stop(): Promise<void>;
}

export interface SystemOptions {
  /** Default: no pace at all, for tests that are about something else; then the simulator sets no limit either. */
  minIntervalMs?: number;
  simulator?: Parameters<typeof startServer>[0];
  functionEnv?: Record<string, string>;
  /** Besides those by which the functions reach the simulated account. */
  moreFunctionEnv?: Record<string, string>;
  /** The Deno executable that runs the functions; default: the one of development. */
  deno?: string;
  /** Where the stack is to listen; default: any free port. */
  port?: number;
  /** False: no route, so that leads wait. */
  hasRoute?: boolean;
  /** True: cron pulls each minute, as in the product; else its requests would come between those that a test counts. */
  hasPulls?: boolean;
}

/** Starts a system of its own, with one route for all sources and the marker field. */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const { minIntervalMs } = options;
  const simulator = await startServer({
    ...options.simulator,
    settings: {
      ...(minIntervalMs === undefined ? { rate: UNLIMITED_RATE } : {}),
      ...options.simulator?.settings,
    },
  });
  const stack = await startStack({
    root: ROOT,
    dataTemplate: inject("dataTemplate"),
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.deno === undefined ? {} : { deno: options.deno }),
    functionEnv: options.functionEnv ?? {
      AMOCRM_ENABLED: "true",
      AMOCRM_BASE_URL: simulator.url,
      AMOCRM_ACCESS_TOKEN: simulator.accessToken,
      ...options.moreFunctionEnv,
    },
  });
  const sql = postgres(stack.dbUrl(), { max: 4, onnotice: () => {} });
  // Once a year rather than not at all, which health would tell.
  if (options.hasPulls !== true) {
    await sql`select cron.alter_job(jobid, schedule := '0 0 1 1 *') from cron.job where jobname = 'amocrm-pull-tick'`;
  }
  if (minIntervalMs === undefined) {
    await sql`alter table public.amocrm_settings drop constraint min_interval_keeps_amocrms_limit`;
  }
  await sql`update public.amocrm_settings set min_interval_ms = ${minIntervalMs ?? 1}`;
  if (options.hasRoute !== false) {
    await sql`insert into public.amocrm_routes (source, pipeline_id, status_id)
      values ('*', ${ACCOUNT.salesPipelineId}, ${ACCOUNT.newStageId})`;
  }
  await sql`insert into public.amocrm_fields (entity, path, field_id)
    values ('deal', 'id', ${ACCOUNT.markerFieldId}), ('deal', 'utm_source', ${ACCOUNT.utmSourceFieldId})`;
  return {
    stack,
    simulator,
    sql,
    anon: createClient(stack.url, stack.publishableKey, { auth: { persistSession: false } }),
    async delivered(timeoutMs = 180_000) {
      await waitFor(
        "every message to be settled",
        async () => {
          const left = await sql<{ id: string; state: string; last_error_code: string | null }[]>`
            select id, state, last_error_code from public.amocrm_outbox
            where state not in ('delivered', 'dead', 'superseded', 'cancelled') order by id limit 3`;
          if (left.length > 0) throw new Error(`left: ${JSON.stringify(left)}`);
          return true;
        },
        { timeoutMs },
      );
    },
    async stop() {
      await sql.end({ timeout: 1 });
      await stack.stop();
      await simulator.close();
    },
  };
}

/** Inserts one lead as a visitor; throws if it is refused. */
export async function leave(system: System, input: Record<string, unknown>): Promise<void> {
  const { error } = await system.anon.from("landing_leads").insert(input);
  if (error !== null) throw new Error(`The lead was refused: ${error.code} ${error.message}`);
}
