import { beforeEach, expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { type Account, openAccount } from "../../support/account.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, messages } from "../../support/leads.ts";
import { STUDENT_ID } from "../../support/roles.ts";

const database = await useDatabase();
const { sql } = database;
const { tripwire } = SEED_IDS;
let account: Account;
beforeEach(async () => {
  account = await openAccount(database);
  await sql`insert into amocrm_stages (event, pipeline_id, status_id) values
    ('student.created', ${tripwire.pipeline}, ${tripwire.bought}),
    ('lesson.67', ${tripwire.pipeline}, ${tripwire.lesson67})`;
  await sql`insert into auth.users (id) values (${STUDENT_ID})`;
  await sql`insert into tripwire_users (user_id, full_name, email) values (${STUDENT_ID}, 'Anna', 'anna@example.com')`;
});

const deals = () => account.simulator.state.deals();
const completeLesson = () => sql`insert into tripwire_lesson_progress (user_id, lesson_id, completed_at)
  values (${STUDENT_ID}, 67, amocrm.clock())`;

/** The create's answer is lost, and before anybody has looked the admin cancels the message. */
async function cancelInDoubt(): Promise<number> {
  account.simulator.control.addFaults({
    kind: "lost_answer",
    method: "POST",
    path: "/api/v4/leads/complex",
    times: 1,
  });
  await account.drain();
  const [message] = await messages(sql);
  expect(message?.state).toBe("uncertain");
  await sql`select amocrm_cancel(${message?.id ?? 0})`;
  const [deal] = deals();
  return deal?.id ?? 0;
}

test("a deal marked for the student is the student's, although the message that made it was cancelled in doubt", async () => {
  const dealId = await cancelInDoubt();
  await completeLesson();
  await account.drainAfter(10_000);
  expect(deals()).toMatchObject([{ id: dealId, status_id: tripwire.lesson67 }]);
  expect(await sql`select amocrm_deal_id::int as deal from tripwire_users`).toEqual([{ deal: dealId }]);
});

test("it is left as a manager has closed it, and no second deal is made", async () => {
  const dealId = await cancelInDoubt();
  account.simulator.control.edit({ action: "lose_deal", deal_id: dealId });
  await completeLesson();
  await account.drainAfter(10_000);
  expect(deals()).toHaveLength(1);
  expect((await messages(sql)).at(-1)).toMatchObject({
    kind: "lesson.completed",
    state: "delivered",
    last_error_code: "deal_lost",
    amocrm_deal_id: dealId,
  });
});

test("one that a manager has deleted is not: another is made", async () => {
  const dealId = await cancelInDoubt();
  account.simulator.control.edit({ action: "delete_deal", deal_id: dealId });
  await completeLesson();
  await account.drainAfter(10_000);
  expect(deals().filter((deal) => !deal.is_deleted)).toMatchObject([{ status_id: tripwire.lesson67 }]);
  expect(deals()).toHaveLength(2);
});

test("a lead that is sent again after a restore finds its deal by the marker, and its note on it", async () => {
  await sql`insert into amocrm_routes (source) values ('*')`;
  await sql`delete from amocrm.outbox`;
  await insertLeads(sql, [
    { full_name: "Bob", email: "bob@example.com", metadata: { remark: "call at noon" } },
  ]);
  await account.drain();
  const written = () => account.requests().filter((line) => line.startsWith("POST"));
  expect(written().filter((line) => line.endsWith("/notes"))).toHaveLength(1);
  // As the backup had it: the message waits, and nothing is known of what became of it.
  await sql`update amocrm.outbox set state = 'pending', step = null, progress = '{}', amocrm_deal_id = null, delivered_at = null,
    is_head = true, warnings = '[]' where kind = 'lead.created'`;
  await sql`delete from amocrm.links`;
  const before = written().length;
  await account.drainAfter(60_000);
  expect((await messages(sql)).at(-1)).toMatchObject({ kind: "lead.created", state: "delivered" });
  expect(deals()).toHaveLength(1);
  expect(written().length).toBe(before);
});
