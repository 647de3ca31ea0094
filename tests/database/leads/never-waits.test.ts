import { describe, expect, test } from "vitest";
import { type Session, useDatabase } from "../support/database.ts";
import { openDrainer } from "../support/drainer.ts";
import { insertLeads, messages } from "../support/leads.ts";
import { configureVault } from "../support/vault.ts";

const database = await useDatabase();
const { sql } = database;
const holder = database.connect();
const visitor = database.connect();

/** Holds the holder's transaction open while the visitor's work runs; a wait for any lock ends it with 55P03. */
async function whileHeld(hold: (sql: Session) => Promise<unknown>, work: (sql: Session) => Promise<unknown>) {
  await holder.unsafe("begin");
  try {
    await hold(holder);
    await visitor.unsafe("set lock_timeout = '50ms'");
    await work(visitor);
  } finally {
    await holder.unsafe("rollback");
  }
}

/** Every row of the amoCRM side that an insert could stumble over. */
const PEOPLE_AND_CONTROL = `select from amocrm.queue_control for update;
  select from amocrm.people for update; select from amocrm.person_keys for update;
  select from amocrm.outbox for update; select from amocrm.heartbeats for update; select from amocrm.linked_rows for update`;

describe("an insert of a lead", () => {
  test("does not wait for an uncommitted insert of the same person", async () => {
    const person = { email: "a@example.com", phone: "+77001112233" };
    await whileHeld(
      (sql) => insertLeads(sql, [person]),
      (sql) => insertLeads(sql, [person]),
    );
    expect(await messages(sql)).toHaveLength(1);
  });

  test("does not wait while another session holds control row, people and messages", async () => {
    await configureVault(sql);
    const person = { email: "a@example.com", phone: "+77001112233" };
    await insertLeads(sql, [person]);
    const drainer = openDrainer(database);
    await drainer.begin();
    await drainer.claim();
    await whileHeld(
      (sql) => sql.unsafe(PEOPLE_AND_CONTROL),
      async (sql) => {
        await insertLeads(sql, [person]);
        await sql`update unified_lead_tracking set full_name = 'Ann' where id <> (select subject_id from amocrm_outbox limit 1)`;
      },
    );
    expect((await messages(sql)).map((message) => message.kind)).toEqual([
      "lead.created",
      "lead.created",
      "lead.updated",
    ]);
  });

  test("does not wait while a drain places, claims and settles in an open transaction", async () => {
    const person = { email: "a@example.com" };
    await insertLeads(sql, [person, { phone: "+77001112233" }]);
    const drainer = openDrainer(database);
    await drainer.begin();
    await drainer.sql.unsafe("begin");
    const claimed = await drainer.claim();
    await drainer.settle(claimed.map(({ id }) => ({ id, verdict: "delivered", contact_id: id })));
    await visitor.unsafe("set lock_timeout = '50ms'");
    await insertLeads(visitor, [person, { ...person, phone: "+77001112233" }]);
    await drainer.sql.unsafe("commit");
    expect(await messages(sql)).toHaveLength(4);
  });
});

test("two bulk inserts of the same people in opposite order neither wait nor deadlock", async () => {
  const people = Array.from({ length: 200 }, (_, index) => ({
    email: `p${index}@example.com`,
    phone: `+7700${String(index).padStart(7, "0")}`,
  }));
  const first = database.connect();
  const second = database.connect();
  for (const session of [first, second]) await session.unsafe("set lock_timeout = '50ms'; begin");
  // Interleaved half by half, each inside one open transaction: whoever waited would wait for the other for ever.
  const opposite = people.toReversed();
  await insertLeads(first, people.slice(0, 100));
  await insertLeads(second, opposite.slice(0, 100));
  await Promise.all([insertLeads(first, people.slice(100)), insertLeads(second, opposite.slice(100))]);
  for (const session of [first, second]) await session.unsafe("commit");
  expect(await messages(sql)).toHaveLength(400);
});

test("a drain does not wait for a lead's row that somebody holds", async () => {
  await insertLeads(sql, [{ email: "a@example.com" }]);
  const drainer = openDrainer(database);
  await drainer.sql.unsafe("set lock_timeout = '50ms'");
  await holder.unsafe("begin; select from public.unified_lead_tracking for update");
  try {
    await drainer.begin();
    const [message] = await drainer.claim();
    expect(
      await drainer.settle([{ id: message?.id ?? 0, verdict: "delivered", contact_id: 1 }]),
    ).toHaveLength(1);
  } finally {
    await holder.unsafe("rollback");
  }
});
