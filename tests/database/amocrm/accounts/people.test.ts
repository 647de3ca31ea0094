import { beforeEach, describe, expect, test } from "vitest";
import { useDatabase } from "../../support/database.ts";
import type { Drainer } from "../../support/drainer.ts";
import { appendTo, openSecondAccount, openTwoDrainers, SECOND, workFor } from "../../support/two-accounts.ts";

const database = await useDatabase();
const { sql } = database;
const sqlOfSecond = database.connect();
await workFor(SECOND, sqlOfSecond);
const { first, second } = await openTwoDrainers(database);

const EMAIL = "ada@example.com";
const PHONE = "+77010000001";
const ROW = "00000000-0000-4000-8000-00000000000a";
const OTHER_ROW = "00000000-0000-4000-8000-00000000000b";

beforeEach(async () => {
  await openSecondAccount(database);
  for (const drainer of [first, second]) expect(await drainer.begin()).toBe("granted");
});

/** Claims the one message that is due, and delivers it as amoCRM's contact and deal. */
async function deliver(drainer: Drainer, contactId: number, dealId: number): Promise<void> {
  const [message] = await drainer.claim();
  if (message === undefined) throw new Error("Nothing is due");
  const ids = { contact_id: contactId, deal_id: dealId };
  await drainer.record([{ id: message.id, ...ids, makes_contact: true, progress: { deal: "created" } }]);
  await drainer.settle([{ id: message.id, verdict: "delivered", ...ids }]);
}
const people = () =>
  sql`select account, person_id, amocrm_contact_id as contact_id, merged_into from amocrm.people order by person_id`;
const links = () =>
  sql`select account, object, amocrm_id as id from amocrm.links where subject_id = ${ROW} order by account, object`;

describe("two accounts that know one e-mail", () => {
  test("have a person, a contact and links each, though row, contact and deal have equal ids", async () => {
    await appendTo("amocrm", database, { subjectId: ROW, email: EMAIL });
    await appendTo(SECOND, database, { subjectId: ROW, email: EMAIL });
    await deliver(first, 7, 70);
    // The first one's contact is no contact of the second.
    expect((await people()).map(({ contact_id }) => contact_id)).toEqual([7]);
    await deliver(second, 7, 71);
    expect(await people()).toEqual([
      { account: "amocrm", person_id: 1, contact_id: 7, merged_into: null },
      { account: SECOND, person_id: 2, contact_id: 7, merged_into: null },
    ]);
    expect(await links()).toEqual([
      { account: "amocrm", object: "contact", id: 7 },
      { account: "amocrm", object: "deal", id: 70 },
      { account: SECOND, object: "contact", id: 7 },
      { account: SECOND, object: "deal", id: 71 },
    ]);
    expect(
      await sql`select account, person_id from amocrm.person_keys where key = ${EMAIL} order by account`,
    ).toEqual([
      { account: "amocrm", person_id: 1 },
      { account: SECOND, person_id: 2 },
    ]);
  });

  test("know the deals, the card's values and the contact of their own messages only", async () => {
    await appendTo("amocrm", database, { subjectId: ROW, email: EMAIL });
    await deliver(first, 7, 70);
    await appendTo(SECOND, database, { subjectId: OTHER_ROW, email: EMAIL });
    await deliver(second, 7, 71);
    const deals = async (session: typeof sql) =>
      (await session`select amocrm.deals_of_contact(7) as ids`)[0]?.["ids"];
    expect([await deals(sql), await deals(sqlOfSecond)]).toEqual([[70], [71]]);
    const ofOthers = async ({ sql: session }: Drainer) =>
      (
        await session`select amocrm_drain_deals_of_others(${"00000000-0000-4000-8000-00000000000c"}, '{70, 71}') as ids`
      )[0]?.["ids"];
    expect([await ofOthers(first), await ofOthers(second)]).toEqual([[70], [71]]);
    const isOn = async (session: typeof sql) =>
      (
        await session`select count(*)::int as count from amocrm.card_values where amocrm_contact_id = 7 and account = amocrm.account()`
      )[0]?.["count"];
    expect([await isOn(sql), await isOn(sqlOfSecond)]).toEqual([1, 1]);

    // The next message about a row goes with the deal that its own account has for it.
    await sql`delete from amocrm.outbox where state = 'delivered'`;
    const firstId = await appendTo("amocrm", database, { subjectId: ROW, email: EMAIL });
    const secondId = await appendTo(SECOND, database, { subjectId: ROW, email: EMAIL });
    expect(await first.claim()).toMatchObject([{ id: firstId, contactId: 7, dealId: 70 }]);
    expect(await second.claim()).toMatchObject([{ id: secondId, contactId: 7, dealId: null }]);
    const match = async ({ sql: session }: Drainer, id: number) =>
      (await session`select amocrm_drain_match(${[id]}::bigint[]) as found`)[0]?.["found"][0];
    expect(await match(first, firstId)).toMatchObject({ by: "link", contact: { id: 7, dealIds: [70] } });
    expect(await match(second, secondId)).toMatchObject({ by: "link", contact: { id: 7, dealIds: [71] } });
  });

  test("lose a contact one without the other", async () => {
    await appendTo("amocrm", database, { subjectId: ROW, email: EMAIL });
    await appendTo(SECOND, database, { subjectId: ROW, email: EMAIL });
    await deliver(first, 7, 70);
    await deliver(second, 7, 71);
    await appendTo(SECOND, database, { subjectId: OTHER_ROW, email: EMAIL });
    const [message] = await second.claim();
    await second.record([{ id: message?.id, drops_contact: true }]);
    expect(await sql`select account from amocrm.contacts where amocrm_contact_id = 7 and is_deleted`).toEqual(
      [{ account: SECOND }],
    );
    expect((await people()).map(({ contact_id }) => contact_id)).toEqual([7, null]);
  });

  test("merge their people apart, and list and settle their pairs apart", async () => {
    for (const account of ["amocrm", SECOND]) {
      await appendTo(account, database, { subjectId: ROW, email: EMAIL });
      await appendTo(account, database, { subjectId: OTHER_ROW, phone: PHONE });
    }
    await sql`select amocrm.place('amocrm', 10)`;
    await sql`select amocrm.place(${SECOND}, 10)`;
    expect(await people()).toHaveLength(4);
    // One submission with both: in the second account the two are one.
    await appendTo(SECOND, database, {
      subjectId: "00000000-0000-4000-8000-00000000000d",
      email: EMAIL,
      phone: PHONE,
    });
    await sql`select amocrm.place(${SECOND}, 10)`;
    expect(
      await sql`select account, count(merged_into)::int as merged_count from amocrm.people group by account order by account`,
    ).toEqual([
      { account: "amocrm", merged_count: 0 },
      { account: SECOND, merged_count: 1 },
    ]);
    for (const session of [sql, sqlOfSecond]) {
      await session`select amocrm.note_duplicate('contact', 7, 8, 'they share a phone', null)`;
    }
    const pairs = async (session: typeof sql) => session`select id from amocrm_duplicates`;
    expect([await pairs(sql), await pairs(sqlOfSecond)]).toEqual([[{ id: 1 }], [{ id: 2 }]]);
    await expect(sqlOfSecond`select amocrm_resolve_duplicate(1, 'same')`).rejects.toThrow("no pair 1");
    await sqlOfSecond`select amocrm_resolve_duplicate(2, 'same')`;
    const isSame = async (session: typeof sql) =>
      (await session`select amocrm.is_same_contact(7, 8) as it_is`)[0]?.["it_is"];
    expect([await isSame(sql), await isSame(sqlOfSecond)]).toEqual([false, true]);
  });

  test("forget contacts and leave an account each for itself", async () => {
    for (const [account, drainer] of [
      ["amocrm", first],
      [SECOND, second],
    ] as const) {
      await appendTo(account, database, { subjectId: ROW, email: EMAIL });
      await deliver(drainer, 7, 70);
    }
    await sql`insert into amocrm.forgettings default values`;
    await sqlOfSecond`select amocrm.forget_mirror(1, '{7}', '{70}')`;
    const pulled = JSON.stringify([{ id: 7, rawFields: [] }]);
    const without = async (session: typeof sql) =>
      (
        await session`select jsonb_array_length(amocrm.without_forgotten('contact', ${pulled}::text::jsonb)) as count`
      )[0]?.["count"];
    expect([await without(sql), await without(sqlOfSecond)]).toEqual([1, 0]);
    await second.sql`select amocrm_account_leave()`;
    expect(await links()).toEqual([
      { account: "amocrm", object: "contact", id: 7 },
      { account: "amocrm", object: "deal", id: 70 },
    ]);
    expect((await people()).map(({ contact_id }) => contact_id)).toEqual([7, null]);
    expect(await sql`select queue from amocrm.queue_control where paused_at is not null`).toEqual([
      { queue: SECOND },
    ]);
  });
});
