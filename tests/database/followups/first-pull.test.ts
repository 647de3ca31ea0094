import { expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { type Account, openAccount } from "../support/account.ts";
import { HOUR_MS, MINUTE_MS } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { writeSequence } from "../support/followups.ts";
import { insertLeads, strangers } from "../support/leads.ts";

const database = await useDatabase();
const { sql } = database;

/** The mirror is as on the day when the account is connected: nothing of it has been read. */
async function forgetMirror(): Promise<void> {
  await sql`delete from amocrm_deals where true`;
  await sql`update amocrm.cursors set is_complete = false, changed_until = null, deleted_until = null where true`;
}

async function pullAll(account: Account): Promise<void> {
  for (let call = 0; call < 10 && (await account.pull()).isMoreDue; call += 1) await account.wait(MINUTE_MS);
}

const entered = async () => {
  for (const job of ["sweep", "sweep_followups", "fold_funnel"]) await sql.unsafe(`select amocrm.${job}()`);
  await sql`select amocrm.work_followup_events(1000)`;
  return (await sql`select count(*)::int as count from amocrm.followup_entries`)[0]?.["count"];
};

test("a first pull lets nobody into a sequence, whatever has become of the deals; a sale after it does", async () => {
  const account = await openAccount(database);
  await sql`insert into amocrm_routes (source, pipeline_id, status_id) values ('*', ${SEED_IDS.sales.pipeline}, ${SEED_IDS.sales.fresh})`;
  for (const event of ["deal.won", "deal.stage_changed"])
    await writeSequence(sql, [
      { sequence: event.replace(".", "_"), step: "mail", event, channel: "mail", stop_on: [] },
    ]);
  await sql`update message_settings set requires_consent = false, quiet_from = null, quiet_until = null where true`;
  await insertLeads(sql, strangers(6));
  await account.drain();
  const deals = account.simulator.state.deals().map(({ id }) => Number(id));
  expect(deals).toHaveLength(6);
  for (const id of deals.slice(0, 3)) account.simulator.control.edit({ action: "win_deal", deal_id: id });
  await account.wait(HOUR_MS);

  await forgetMirror();
  await pullAll(account);
  expect((await sql`select count(*)::int as count from amocrm_deals where status_id = 142`)[0]).toEqual({
    count: 3,
  });
  expect(await entered()).toBe(0);

  account.simulator.control.edit({ action: "win_deal", deal_id: deals[4] ?? 0 });
  await account.wait(HOUR_MS);
  await pullAll(account);
  expect(await entered()).toBe(1);
});
