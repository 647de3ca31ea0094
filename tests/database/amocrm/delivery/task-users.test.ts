import { beforeEach, expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { type Account, openAccount } from "../../support/account.ts";
import { SECOND_MS } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, messages } from "../../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
const { manager, admin, dismissed } = SEED_IDS.users;
const ADA = { full_name: "Ada", email: "ada@example.com" };
let account: Account;
beforeEach(async () => {
  account = await openAccount(database);
  await sql`insert into amocrm_fields (entity, path, field_id) values ('deal', 'id', ${SEED_IDS.dealFields.leadId})`;
});

/** A lead of somebody who has a deal, whose route names a user. */
async function repeatFor(userId: number | null, between: (dealId: number) => void = () => {}) {
  await sql`insert into amocrm_routes (source, responsible_user_id, on_repeat) values ('*', ${userId}, 'note_and_task')`;
  await insertLeads(sql, [ADA]);
  await account.drain();
  between(Number(account.simulator.state.deals()[0]?.id));
  await insertLeads(sql, [ADA]);
  await account.drainAfter(SECOND_MS);
  const [, repeat] = await messages(sql);
  const tasks = account.simulator.state.tasks().map((task) => task["responsible_user_id"]);
  return { repeat, tasks };
}

test("a task for a user who was dismissed since is for the deal's own responsible, with a warning", async () => {
  const { repeat, tasks } = await repeatFor(manager, (dealId) => {
    account.simulator.control.edit({ action: "set_responsible", entity: "deal", id: dealId, user_id: admin });
    account.simulator.control.edit({ action: "dismiss_user", user_id: manager });
  });
  expect(repeat).toMatchObject({
    state: "delivered",
    progress: { note: true, task: true },
    warnings: [{ code: "responsible_user_refused" }],
  });
  expect(tasks).toEqual([admin]);
});

test("where the deal's responsible was dismissed as well, amoCRM says for whom it is", async () => {
  const { repeat, tasks } = await repeatFor(manager, () =>
    account.simulator.control.edit({ action: "dismiss_user", user_id: manager }),
  );
  expect(repeat).toMatchObject({ state: "delivered", progress: { task: true } });
  expect(tasks).toEqual([admin]);
});

test("a route that names nobody gives the task to the deal's own responsible", async () => {
  const { repeat, tasks } = await repeatFor(null, (dealId) =>
    account.simulator.control.edit({
      action: "set_responsible",
      entity: "deal",
      id: dealId,
      user_id: manager,
    }),
  );
  expect(repeat).toMatchObject({ state: "delivered", warnings: [] });
  expect(tasks).toEqual([manager]);
});

test("a route that names somebody unknown from the start still gets its task", async () => {
  const { repeat, tasks } = await repeatFor(dismissed);
  expect(repeat).toMatchObject({ state: "delivered", warnings: [{ code: "responsible_user_refused" }] });
  expect(tasks).toEqual([admin]);
});
