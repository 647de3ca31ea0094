import { expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { type Account, openAccount } from "../../support/account.ts";
import { SECOND_MS } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads } from "../../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
const { sales, dealFields } = SEED_IDS;

async function pullAll(account: Account): Promise<void> {
  for (let turn = 0; turn < 30; turn++) {
    await account.wait(SECOND_MS);
    if (!(await account.pull()).isMoreDue) return;
  }
  throw new Error("The pull comes to no end");
}

test("a stage that was told is an event of ours, and a manager's of nobody of us; telling makes no message by what comes back", async () => {
  const account = await openAccount(database);
  await sql`insert into amocrm_routes (source) values ('*')`;
  await sql`insert into amocrm_fields (entity, path, field_id) values ('deal', 'id', ${dealFields.leadId})`;
  const [leadId = ""] = await insertLeads(sql, [{ full_name: "Ada", email: "ada@example.com" }]);
  await account.drain();
  await pullAll(account);
  const move = { pipeline_id: sales.pipeline, status_id: sales.qualified };
  await sql`select amocrm_tell(${sql.json({ lead_id: leadId })}, 'deal.move', ${sql.json(move)})`;
  await account.drain();
  await sql`select amocrm_pull_tick()`;
  await account.wait(900 * SECOND_MS);
  await pullAll(account);
  const [deal] = account.simulator.state.deals();
  account.simulator.control.edit({ action: "win_deal", deal_id: deal?.id ?? 0 });
  await account.wait(900 * SECOND_MS);
  await pullAll(account);
  expect(
    await sql`select event, to_status_id::int as stage, is_ours, lead_id::text from amocrm_deal_events order by id`,
  ).toEqual([
    { event: "stage_changed", stage: sales.qualified, is_ours: true, lead_id: leadId },
    { event: "won", stage: 142, is_ours: false, lead_id: leadId },
  ]);
  expect(await sql`select kind from amocrm_outbox order by id`).toEqual([
    { kind: "lead.created" },
    { kind: "deal.move" },
  ]);
});
