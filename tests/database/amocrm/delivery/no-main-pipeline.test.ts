import { beforeEach, expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { type Account, openAccount } from "../../support/account.ts";
import { MINUTE_MS, SECOND_MS } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, messages } from "../../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
let account: Account;
beforeEach(async () => {
  account = await openAccount(database);
  await sql`insert into amocrm_routes (source) values ('*')`;
  await sql`insert into amocrm_fields (entity, path, field_id) values ('deal', 'id', ${SEED_IDS.dealFields.leadId})`;
  account.simulator.control.edit({ action: "archive_pipeline", pipeline_id: SEED_IDS.sales.pipeline });
});

const ADA = { full_name: "Ada", email: "ada@example.com" };

test("leads wait for a pipeline, and are sent once the route has one", async () => {
  await insertLeads(sql, [ADA]);
  await account.drain();
  await account.drainAfter(MINUTE_MS);
  expect(await messages(sql)).toMatchObject([
    { state: "pending", last_error_code: "no_main_pipeline", attempt_count: 0 },
  ]);
  expect(account.simulator.state.deals()).toEqual([]);
  const [bucket] =
    await sql`select bucket from amocrm_reconciliation where subject = 'lead' and row_count > 0`;
  expect(bucket).toEqual({ bucket: "waiting for a route" });

  await sql`update amocrm_routes set pipeline_id = ${SEED_IDS.tripwire.pipeline} where source = '*'`;
  await account.drainAfter(SECOND_MS);
  await insertLeads(sql, [ADA]);
  await account.drainAfter(SECOND_MS);
  expect(await messages(sql)).toMatchObject([
    { state: "delivered", progress: { deal: "created" } },
    { state: "delivered", progress: { deal: "reused" } },
  ]);
  expect(account.simulator.state.deals()).toHaveLength(1);
});
