import postgres from "postgres";
import { type Rpc, rpcError } from "#shared/platform/rpc.ts";
import { storable } from "#shared/platform/storable.ts";
import type { Session } from "../../database/support/database.ts";
import { emptyTables } from "../../database/support/empty-tables.ts";
import { openSafeUpdate, rpcStatements } from "../../database/support/rpc.ts";
import type { Edit } from "../mutants/mutant.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** `simple` is what statements without arguments are by default, and those are parsed and planned each time. */
const AS_PLANNED: { prepare: boolean } = { prepare: true, ...{ simple: false } };

export const FUNCTIONS_URL = "http://127.0.0.1:54321/functions/v1";

/** One real Postgres database with the real migrations, used by one run after the other, over a single connection. */
export interface QueueDatabase {
  sql: Session;
  /** Back to the state right after the migrations, at the hour, with a doorbell that may ring. */
  reset(nowMs: number): Promise<void>;
  /** Breaks functions of the engine as told; answers what puts them right again. */
  breakFunctions(edits: readonly Edit[]): Promise<() => Promise<void>>;
  /** Statements and calls of the world: one at a time, each at its virtual hour. */
  enter(time: VirtualTime, asSent?: (json: string) => string): QueueAccess;
  close(): Promise<void>;
}

export interface QueueAccess {
  /** As the Data API calls a function: arguments and result are JSON. */
  rpc: Rpc;
  /** How far the database's clock is ahead of the functions'. */
  clockOffsetMs: number;
  query<Row extends object>(statement: string, values?: unknown[]): Promise<Row[]>;
  /** A query that only reads. */
  look<Row extends object>(statement: string): Promise<Row[]>;
  /** How often something was asked that may have changed the database. */
  readonly changeCount: number;
  /** Calls a function and then asks, in one round trip. */
  callThenQuery<Row extends object>(call: string, statement: string): Promise<Row[]>;
}

/** Opens a migrated database as the superuser, who may empty the tables. */
export async function openQueueDatabase(url: string): Promise<QueueDatabase> {
  const sql = postgres(url, {
    max: 1,
    onnotice: () => {},
    types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } },
  }) as unknown as Session;
  await sql.unsafe(
    "set synchronous_commit = off; set jit = off; set client_min_messages = error; set pg_stat_statements.track = none",
  );
  await fixPlans(sql);
  const statements = await rpcStatements(sql);
  let assertSafe = await openSafeUpdate(sql);
  const setClock = (nowMs: number) =>
    sql`select set_config('amocrm.test_clock', ${new Date(nowMs).toISOString()}, false)`;

  return {
    sql,
    async reset(nowMs) {
      await sql`reset role`;
      await setClock(nowMs);
      await emptyTables(sql, { truncates: true });
      await sql`update amocrm.installation set installed_at = amocrm.clock() - interval '1 hour'`;
      await sql`select vault.create_secret(${FUNCTIONS_URL}, 'amocrm_functions_url')`;
      await sql`select vault.create_secret('sb_secret_simulated', 'amocrm_cron_key')`;
      // Whose functions they are: a plan over tables with row security is made anew whenever another role asks for it.
      await sql`set role postgres`;
    },
    async breakFunctions(edits) {
      const sound = new Map<string, string>();
      for (const edit of edits) {
        const [row] = await sql<{ source: string }[]>`
          select pg_get_functiondef(to_regproc(${edit.function})) as source`;
        const source = row?.source ?? "";
        if (!sound.has(edit.function)) sound.set(edit.function, source);
        // A mutant whose place is gone would prove nothing.
        if (!source.includes(edit.from))
          throw new Error(`Cannot break ${edit.function}: it does not hold ${edit.from}`);
        await sql.unsafe(source.replaceAll(edit.from, () => edit.to));
      }
      assertSafe = await openSafeUpdate(sql);
      return async () => {
        for (const source of sound.values()) await sql.unsafe(source);
        assertSafe = await openSafeUpdate(sql);
      };
    },
    enter(time, asSent = (json) => json) {
      let changeCount = 0;
      // All statements travel together: one round trip.
      const send = <Row extends object>(
        call: string | null,
        statement: string,
        values: unknown[] = [],
        mayChange = true,
      ): Promise<Row[]> =>
        time.outside(async () => {
          if (mayChange) changeCount += 1;
          const clock = setClock(time.nowMs() + access.clockOffsetMs);
          const called = call === null ? null : sql.unsafe(call, [], AS_PLANNED);
          const rows = sql.unsafe(statement, values as never[], AS_PLANNED);
          await Promise.all([clock, called, rows]);
          return [...(await rows)] as unknown as Row[];
        });
      const query: QueueAccess["query"] = (statement, values) => send(null, statement, values);
      const access: QueueAccess = {
        query,
        look: (statement) => send(null, statement, [], false),
        get changeCount() {
          return changeCount;
        },
        callThenQuery: send,
        clockOffsetMs: 0,
        async rpc(name, args = {}) {
          const statement = statements.get(name);
          if (statement === undefined) throw new Error(`Cannot call ${name}: PGRST202 no such function`);
          assertSafe(name);
          try {
            const rows = await query<{ answer: unknown }>(statement, [
              asSent(JSON.stringify(storable(args))),
            ]);
            return rows[0]?.answer ?? null;
          } catch (error) {
            if (!(error instanceof postgres.PostgresError)) throw error;
            throw rpcError(name, error.code, error.message, error);
          }
        },
      };
      return access;
    },
    async close() {
      await sql.end({ timeout: 1 });
    },
  };
}

/**
 * Rows that no statement orders come in the order of the plan. A plan must then not depend on how often a session has
 * run it, nor on when the server looked at a table: else a seed would not tell the same history each time.
 */
async function fixPlans(sql: Session): Promise<void> {
  await sql.unsafe(`set plan_cache_mode = force_generic_plan;
    do $$ declare v_table regclass; begin
      for v_table in select oid::regclass from pg_class
        where relkind = 'r' and relnamespace in ('amocrm'::regnamespace, 'public'::regnamespace, 'net'::regnamespace)
      loop
        execute format('alter table %s set (autovacuum_enabled = false)', v_table);
      end loop;
    end $$`);
}
