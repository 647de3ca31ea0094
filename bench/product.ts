import postgres from "postgres";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { type SimulatorServer, startServer } from "#dev/amocrm-simulator/server.ts";
import { type Stack, startStack } from "#dev/stack/stack.ts";
import { waitFor } from "#dev/stack/wait.ts";
import { ROOT } from "./bench-server.ts";

/** The whole product against a simulated account: database, API, functions under Deno. */
export interface Product {
  sql: postgres.Sql;
  simulator: SimulatorServer;
  functionsUrl: string;
  /** The CPU that each call of a function took, in ms. */
  calls: Stack["calls"];
  /** Resolves when nothing is left to do; throws with what is left after ten minutes. */
  delivered(): Promise<void>;
  stop(): Promise<void>;
}

const UNLIMITED = { requests_per_second: 100_000, account_per_second: 0 };
const DELIVERY_TIMEOUT_MS = 600_000;

/** `hasPace` false takes the account's limit away, for what is not about speed. */
export async function startProduct({
  contactCount,
  dealCount = Math.floor(contactCount / 4),
  minIntervalMs,
  hasPace,
}: {
  contactCount: number;
  dealCount?: number;
  minIntervalMs: number;
  hasPace: boolean;
}): Promise<Product> {
  const simulator = await startServer({
    population: { contacts: contactCount, deals: dealCount },
    ...(hasPace ? {} : { settings: { rate: UNLIMITED } }),
  });
  const stack: Stack = await startStack({
    root: ROOT,
    functionEnv: {
      AMOCRM_ENABLED: "true",
      AMOCRM_BASE_URL: simulator.url,
      AMOCRM_ACCESS_TOKEN: simulator.accessToken,
    },
  });
  const sql = postgres(stack.dbUrl(), { max: 2, onnotice: () => {} });
  if (!hasPace) {
    await sql`alter table public.amocrm_settings drop constraint min_interval_keeps_amocrms_limit`;
  }
  await sql`update public.amocrm_settings set min_interval_ms = ${minIntervalMs}`;
  await sql`insert into public.amocrm_routes (source, pipeline_id, status_id)
    values ('*', ${SEED_IDS.sales.pipeline}, ${SEED_IDS.sales.fresh})`;
  await sql`insert into public.amocrm_fields (entity, path, field_id) values
    ('deal', 'id', ${SEED_IDS.dealFields.leadId}), ('deal', 'utm_source', ${SEED_IDS.dealFields.utmSource})`;
  return {
    sql,
    simulator,
    functionsUrl: stack.functionsUrl,
    calls: stack.calls,
    delivered: () =>
      waitFor(
        "every message to be settled",
        async () => {
          const left = await sql`select id, state, last_error_code from public.amocrm_outbox
            where state not in ('delivered', 'dead', 'superseded', 'cancelled') order by id limit 3`;
          if (left.length > 0) throw new Error(`left: ${JSON.stringify(left)}`);
          return true;
        },
        { timeoutMs: DELIVERY_TIMEOUT_MS },
      ).then(() => undefined),
    async stop() {
      await sql.end({ timeout: 1 });
      await stack.stop();
      await simulator.close();
    },
  };
}

/** Loads the mirror as a finished first pull leaves it, without spending the benchmark's time on the pull. */
export async function loadMirror({ sql, simulator }: Product): Promise<void> {
  const contacts = simulator.simulator.state.contacts() as unknown as readonly Record<string, unknown>[];
  for (let from = 0; from < contacts.length; from += 1000) {
    const rows = contacts.slice(from, from + 1000).map((contact) => ({
      id: contact["id"],
      name: contact["name"],
      dealIds: (contact["_embedded"] as { leads: { id: number }[] }).leads.map(({ id }) => id),
      rawFields: contact["custom_fields_values"] ?? [],
      createdAt: contact["created_at"],
      updatedAt: contact["updated_at"],
      isDeleted: contact["is_deleted"],
    }));
    await sql`select amocrm.store_contacts(${JSON.stringify(rows)}::text::jsonb)`;
  }
  await sql`update amocrm.cursors set is_complete = true, changed_until = clock_timestamp(),
    deleted_until = clock_timestamp(), pulled_at = clock_timestamp() where true`;
  await sql`analyze amocrm.contacts, amocrm.card_keys`;
}

/** Saves leads while sending is paused, so that all are there when the first request goes out. */
export async function leaveTogether({ sql }: Product, leads: readonly object[]): Promise<void> {
  await sql`select amocrm_pause('the benchmark collects leads first')`;
  await sql`insert into public.landing_leads (full_name, email, phone, source, utm_source)
    select full_name, email, phone, source, utm_source from jsonb_to_recordset(${JSON.stringify(leads)}::text::jsonb)
      as lead (full_name text, email text, phone text, source text, utm_source text)`;
  await sql`select amocrm_resume()`;
}
