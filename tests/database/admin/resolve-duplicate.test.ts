import { beforeEach, describe, expect, test } from "vitest";
import { NOON, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { type Drainer, openDrainer } from "../support/drainer.ts";
import { errorOf } from "../support/errors.ts";
import { insertLeads, messages } from "../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });
let drainer: Drainer;
/** Ann and Bob have an e-mail and a phone each; a third lead names Ann's e-mail and Bob's phone. */
beforeEach(async () => {
  drainer = openDrainer(database);
  await setTestClock(NOON, sql, drainer.sql, superuser);
  await drainer.begin();
  await insertLeads(sql, [
    { email: "ann@example.com", phone: "+77071111111" },
    { email: "bob@example.com", phone: "+77072222222" },
  ]);
  await sql`select amocrm.place('amocrm', 10)`;
  await insertLeads(sql, [{ email: "ann@example.com", phone: "+77072222222" }]);
  await sql`select amocrm.place('amocrm', 10)`;
});

const resolve = async (id: number | null, resolution: string | null) =>
  (await sql`select amocrm_resolve_duplicate(${id}, ${resolution}) as outcome`)[0]?.["outcome"];
const person = async (key: string) =>
  (await sql`select person_id from amocrm.person_keys where key = ${key}`)[0]?.["person_id"];

describe("amocrm_resolve_duplicate", () => {
  test("same makes one person of the two, whose messages then go out in order", async () => {
    expect(await resolve(1, "same")).toMatch(/^person \d+ is person \d+ from now on$/);
    const ann = await person("ann@example.com");
    expect(await person("bob@example.com")).toBe(ann);
    expect(await person("+77072222222")).toBe(ann);
    expect(await messages(sql)).toMatchObject([
      { person_id: ann, is_head: true },
      { person_id: ann, is_head: false },
      { person_id: ann, is_head: false },
    ]);
    expect(await sql`select from amocrm_duplicates`).toHaveLength(0);
    expect(await sql`select resolution, resolved_at from amocrm.duplicates`).toEqual([
      { resolution: "same", resolved_at: NOON },
    ]);
  });

  test("different keeps them two, and the pair is not listed again", async () => {
    expect(await resolve(1, "different")).toBe("they stay two");
    expect(await person("bob@example.com")).not.toBe(await person("ann@example.com"));
    await insertLeads(sql, [{ email: "ann@example.com", phone: "+77072222222" }]);
    await sql`select amocrm.place('amocrm', 10)`;
    expect(await sql`select from amocrm_duplicates`).toHaveLength(0);
  });

  test("same keeps the one contact that there is", async () => {
    await superuser`update amocrm.people set amocrm_contact_id = 7 where person_id = ${await person("bob@example.com")}`;
    await resolve(1, "same");
    const ann = await person("ann@example.com");
    expect(await sql`select amocrm_contact_id from amocrm.people where person_id = ${ann}`).toEqual([
      { amocrm_contact_id: 7 },
    ]);
  });

  test("same of two who both have a contact sends later leads to the kept one, and to the other if that one is gone", async () => {
    await superuser`update amocrm.people set amocrm_contact_id = 100 + person_id`;
    const [ann, bob] = [await person("ann@example.com"), await person("bob@example.com")];
    expect(await resolve(1, "same")).toBe(`person ${bob} is person ${ann} from now on`);
    const contact = async () =>
      (await sql`select amocrm_contact_id::int as id from amocrm.people where person_id = ${ann}`)[0]?.["id"];
    expect(await contact()).toBe(100 + ann);
    // Neither is it asked again of the contacts.
    await superuser`select amocrm.note_duplicate('contact', ${100 + bob}, ${100 + ann}, 'same phone', null)`;
    expect(await sql`select from amocrm_duplicates`).toHaveLength(0);
    await superuser`insert into amocrm.contacts (amocrm_contact_id, updated_at, is_deleted) values (${100 + ann}, ${NOON}, true)`;
    await superuser`update amocrm.people set amocrm_contact_id = 100 + person_id`;
    await superuser`update amocrm.people set merged_into = null where person_id = ${bob}`;
    await superuser`update amocrm.duplicates set resolved_at = null, resolution = null where type = 'people'`;
    await resolve(1, "same");
    expect(await contact()).toBe(100 + bob);
  });

  test("same is refused while something of theirs is on its way", async () => {
    await drainer.claim(1);
    const error = await errorOf(resolve(1, "same"));
    expect(error.code).toBe("55006");
    expect(error.hint).toContain("amocrm_blocked_people");
  });

  test("of people who became one in the meantime only notes it", async () => {
    await resolve(1, "same");
    await superuser`update amocrm.duplicates set resolved_at = null, resolution = null`;
    expect(await resolve(1, "same")).toBe("they are one person already");
  });

  test("same of contacts joins the people behind them, and later leads of either go to the kept contact", async () => {
    await superuser`update amocrm.people set amocrm_contact_id = 501 where person_id = ${await person("bob@example.com")}`;
    await superuser`insert into amocrm.contacts (amocrm_contact_id, updated_at) values (501, ${NOON}), (502, ${NOON})`;
    await superuser`insert into amocrm.contact_keys (type, key, amocrm_contact_id) values
      ('email', 'bob@example.com', 501), ('email', 'robert@example.com', 502), ('phone', '+77073333333', 502)`;
    await superuser`select amocrm.note_duplicate('contact', 501, 502, 'same phone', null)`;
    expect(await resolve(2, "same")).toBe(
      "leads of both go to contact 501 from now on; nothing is merged in amoCRM",
    );
    await insertLeads(sql, [{ email: "robert@example.com" }, { phone: "+77073333333" }]);
    await sql`select amocrm.place('amocrm', 10)`;
    const bob = await person("bob@example.com");
    expect((await messages(sql)).slice(3).map((message) => message.person_id)).toEqual([bob, bob]);
    // Whichever comes first in another listing: it was answered.
    await superuser`select amocrm.note_duplicate('contact', 502, 501, 'same phone', null)`;
    expect(await sql`select from amocrm_duplicates where type = 'contact'`).toHaveLength(0);
  });

  test("same of contacts that only amoCRM knows makes their person known, and of one whose message is on its way is refused", async () => {
    await superuser`insert into amocrm.contacts (amocrm_contact_id, updated_at) values (601, ${NOON}), (602, ${NOON})`;
    await superuser`insert into amocrm.contact_keys (type, key, amocrm_contact_id) values ('email', 'eve@example.com', 602)`;
    await superuser`select amocrm.note_duplicate('contact', 601, 602, 'same phone', null)`;
    await resolve(2, "same");
    await insertLeads(sql, [{ email: "eve@example.com" }]);
    await sql`select amocrm.place('amocrm', 10)`;
    expect(
      await sql`select amocrm_contact_id::int as id from amocrm.people where person_id = ${await person("eve@example.com")}`,
    ).toEqual([{ id: 601 }]);
    await superuser`update amocrm.people set amocrm_contact_id = 701 where person_id = ${await person("ann@example.com")}`;
    await superuser`update amocrm.people set amocrm_contact_id = 702 where person_id = ${await person("bob@example.com")}`;
    await superuser`insert into amocrm.duplicates (type, kept_id, other_id, reason) values ('contact', 701, 702, 'x')`;
    await drainer.claim(1);
    expect((await errorOf(resolve(3, "same"))).code).toBe("55006");
  });

  test("of deals tells what to do in amoCRM", async () => {
    await superuser`select amocrm.note_duplicate('deal', 501, 502, 'same lead', null)`;
    expect(await resolve(2, "same")).toBe("merge deal 501 and 502 in amoCRM; nothing of ours changes");
  });

  test("different is never asked again: the other way round, of who they became, or of their contacts", async () => {
    const [ann, bob] = [await person("ann@example.com"), await person("bob@example.com")];
    await resolve(1, "different");
    const ask = (type: string, one: number, two: number) =>
      superuser`select amocrm.note_duplicate(${type}, ${one}, ${two}, 'again', null)`;
    await ask("people", bob, ann);
    await superuser`update amocrm.people set amocrm_contact_id = 100 + person_id`;
    await ask("contact", 100 + bob, 100 + ann);
    const [carl] = await superuser`insert into amocrm.people default values returning person_id::int as id`;
    await superuser`update amocrm.people set merged_into = ${carl?.["id"]} where person_id = ${bob}`;
    await ask("people", carl?.["id"], ann);
    expect(await sql`select from amocrm_duplicates`).toHaveLength(0);
    await ask("people", bob, 999);
    expect(await sql`select from amocrm_duplicates`).toHaveLength(1);
  });

  test.each([
    { of: [99, "same"], message: "no pair 99 in amocrm_duplicates" },
    { of: [1, "maybe"], message: "p_resolution is maybe, must be same or different" },
    { of: [1, null], message: "p_resolution is null, must be same or different" },
  ] as const)("refuses $of", async ({ of: [id, resolution], message }) => {
    expect(await errorOf(resolve(id, resolution))).toMatchObject({ code: "22023", message });
  });

  test("refuses a pair that is resolved already", async () => {
    await resolve(1, "different");
    expect(await errorOf(resolve(1, "same"))).toMatchObject({
      code: "22023",
      message: "pair 1 was resolved on 2031-05-05 as different",
    });
  });
});
