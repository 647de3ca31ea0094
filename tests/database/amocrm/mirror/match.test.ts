import { beforeEach, describe, expect, test } from "vitest";
import { useDatabase } from "../../support/database.ts";
import { type Drainer, openDrainer } from "../../support/drainer.ts";
import { insertLeads } from "../../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
let drainer: Drainer;
beforeEach(async () => {
  drainer = openDrainer(database);
  await drainer.begin();
});

interface MirroredContact {
  id: number;
  updatedAt?: number;
  name?: string;
  emails?: string[];
  phones?: string[];
  dealIds?: number[];
  isDeleted?: boolean;
}

/** Stores contacts as a look before a batch does. */
async function store(...contacts: MirroredContact[]): Promise<void> {
  const field = (code: string, values: string[] = []) => ({
    field_code: code,
    values: values.map((value) => ({ value })),
  });
  const read = contacts.map(({ emails, phones, ...contact }) => ({
    name: "",
    responsibleUserId: 1,
    companyId: null,
    dealIds: [],
    createdAt: 1,
    updatedAt: 1_000,
    isDeleted: false,
    ...contact,
    rawFields: [field("EMAIL", emails), field("PHONE", phones)],
  }));
  await drainer.sql`select amocrm_drain_look(${JSON.stringify(read)}::text::jsonb, null)`;
}
/** The match of the only message that is claimed. */
async function match() {
  const ids = (await drainer.claim()).map(({ id }) => id);
  const [row] = await drainer.sql`select amocrm_drain_match(${ids}::bigint[]) as matches`;
  expect(row?.["matches"]).toHaveLength(1);
  return row?.["matches"][0];
}
const LEAD = { email: "a@example.com", phone: "+77001112233" };

describe("a message is matched with a contact of the mirror", () => {
  beforeEach(() => insertLeads(sql, [LEAD]));

  test("by e-mail, however amoCRM spells it, before one by phone", async () => {
    await store(
      { id: 501, emails: [" A@Example.COM"], dealIds: [601] },
      { id: 502, phones: ["8 700 111-22-33"] },
    );
    expect(await match()).toMatchObject({ by: "email", contact: { id: 501, dealIds: [601] }, otherIds: [] });
  });

  test("by phone, if nobody has the e-mail", async () => {
    await store({ id: 502, phones: ["8 (700) 111-22-33"] }, { id: 503, emails: ["b@example.com"] });
    expect(await match()).toMatchObject({ by: "phone", contact: { id: 502 } });
  });

  test("by our own link, whatever keys the contact has by now", async () => {
    await sql`update unified_lead_tracking set amocrm_contact_id = 504`;
    await sql`select amocrm.place('amocrm', 10)`;
    await sql`update amocrm.people set amocrm_contact_id = 504`;
    await store({ id: 504, name: "Ann" }, { id: 501, emails: [LEAD.email] });
    expect(await match()).toMatchObject({ by: "link", contact: { id: 504, name: "Ann" } });
  });

  test("anew, if the linked contact was deleted in amoCRM", async () => {
    await sql`select amocrm.place('amocrm', 10)`;
    await sql`update amocrm.people set amocrm_contact_id = 504`;
    await store({ id: 504, isDeleted: true }, { id: 501, emails: [LEAD.email] });
    expect(await match()).toMatchObject({ by: "email", contact: { id: 501 }, linkedIsDeleted: true });
  });

  test("with the latest activity, if several have the key, and the others are named", async () => {
    await store(
      { id: 501, emails: [LEAD.email], updatedAt: 1000 },
      { id: 502, emails: [LEAD.email], updatedAt: 3000 },
      { id: 503, emails: [LEAD.email], updatedAt: 2000 },
    );
    expect(await match()).toMatchObject({ contact: { id: 502 }, otherIds: [503, 501] });
  });

  test("never with a deleted one, and with none if none has its keys", async () => {
    await store({ id: 501, emails: [LEAD.email], isDeleted: true });
    expect(await match()).toMatchObject({ by: null, contact: null, otherIds: [] });
  });
});

test("a message that names another person's phone is not matched by it", async () => {
  await insertLeads(sql, [LEAD, { email: "b@example.com", phone: "+77009998877" }]);
  const claimed = await drainer.claim();
  await drainer.settle(claimed.map(({ id }) => ({ id, verdict: "delivered" })));
  await store({ id: 502, phones: ["+77009998877"] });
  await insertLeads(sql, [{ email: LEAD.email, phone: "+77009998877" }]);
  expect(await match()).toMatchObject({ by: null });
});

describe("the mirror", () => {
  const keys = () => sql`select type, key, amocrm_contact_id as id from amocrm.contact_keys order by 1, 2, 3`;

  test("keeps the newest version of a contact, in whatever order they come", async () => {
    await store({ id: 501, updatedAt: 2000, name: "new", emails: ["new@example.com"] });
    await store({ id: 501, updatedAt: 1000, name: "old", emails: ["old@example.com"] });
    expect(await sql`select name from amocrm.contacts`).toEqual([{ name: "new" }]);
    expect(await keys()).toEqual([{ type: "email", key: "new@example.com", id: 501 }]);
  });

  test("takes the newest of two versions in one answer", async () => {
    await store({ id: 501, updatedAt: 1000, name: "old" }, { id: 501, updatedAt: 2000, name: "new" });
    expect(await sql`select name from amocrm.contacts`).toEqual([{ name: "new" }]);
  });

  test("forgets the keys that a contact does not have any more", async () => {
    await store({ id: 501, emails: ["a@example.com", "b@example.com"], phones: ["89121112648"] });
    await store({ id: 501, updatedAt: 2000, emails: ["b@example.com"], phones: ["нет"] });
    expect(await keys()).toEqual([{ type: "email", key: "b@example.com", id: 501 }]);
  });

  test("knows the deals that we made ourselves, and those of a pull that were not deleted", async () => {
    await store({ id: 501, emails: [LEAD.email], dealIds: [601] });
    await sql`insert into amocrm_deals (amocrm_deal_id, amocrm_contact_id, is_deleted) values (602, 501, false), (603, 501, true)`;
    await insertLeads(sql, [LEAD]);
    const [first] = await drainer.claim();
    await drainer.settle([{ id: first?.id ?? 0, verdict: "delivered", contact_id: 501, deal_id: 604 }]);
    await insertLeads(sql, [LEAD]);
    expect((await match()).contact.dealIds.toSorted()).toEqual([601, 602, 604]);
  });

  test("knows the deal of a message whose worker died before settling it", async () => {
    await insertLeads(sql, [LEAD, LEAD]);
    const [first] = await drainer.claim();
    await drainer.record([
      {
        id: first?.id ?? 0,
        progress: { deal: "created" },
        contact_id: 501,
        deal_id: 604,
        makes_contact: true,
      },
    ]);
    expect(await sql`select amocrm.deals_of_contact(501) as ids`).toEqual([{ ids: [604] }]);
  });

  test("is known to be complete up to the latest moment that a look reported, and never goes back", async () => {
    const until = async () =>
      (await sql`select changed_until as at from amocrm.cursors where entity = 'contact'`)[0]?.["at"];
    const look = (at: Date) => drainer.sql`select amocrm_drain_look('[]', ${at})`;
    await look(new Date("2040-01-01"));
    await look(new Date("2039-01-01"));
    expect(await until()).toEqual(new Date("2040-01-01"));
    await sql`update amocrm.cursors set is_complete = false where entity = 'contact'`;
    await look(new Date("2041-01-01"));
    expect(await until()).toEqual(new Date("2040-01-01"));
  });
});
