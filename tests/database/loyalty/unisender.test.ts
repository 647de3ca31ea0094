import { beforeEach, describe, expect, test } from "vitest";
import { sized } from "../../support/sizes.ts";
import { MINUTE_MS } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { openUnisenderOffice, type UnisenderOffice } from "../support/unisender-office.ts";
import { configureVault } from "../support/vault.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });
const HOUR_MS = 60 * MINUTE_MS;
let office: UnisenderOffice;

beforeEach(async () => {
  await configureVault(superuser);
  office = await openUnisenderOffice(database);
});

const memberOf = async (email: string): Promise<string> =>
  String(
    (await sql`select member_id from loyalty_identities where external_id = ${email}`)[0]?.["member_id"],
  );

/** Several full calls of five hundred. */
const PEOPLE = sized(2000, 20_000);

describe("contacts", () => {
  test(`${PEOPLE} go in ${PEOPLE / 500} calls, and nothing is told twice`, { timeout: 300_000 }, async () => {
    await office.join(PEOPLE);
    await office.pass(3 * MINUTE_MS);
    expect(office.unisender.contacts.size).toBe(PEOPLE);
    expect(office.unisender.requestCount("importContacts")).toBe(PEOPLE / 500);
    const messages =
      await sql`select state, count(*)::int as count from unisender_outbox group by 1 order by 1`;
    expect(messages).toEqual([{ state: "delivered", count: PEOPLE }]);
    // Without the service role's eight seconds, which all of them at once exceed on a busy machine.
    await superuser`update loyalty_members set mailing = true`;
    await office.pass(MINUTE_MS);
    expect(office.unisender.requestCount("importContacts")).toBe(PEOPLE / 500);
    expect(office.unisender.requestCount("createList")).toBe(1);
    // Neither the key nor an address is anywhere in the log.
    expect(office.log.join()).not.toMatch(new RegExp(`${office.unisender.apiKey}|@example`));
  });

  test("follow consents: who bought only is told once consent is there, and taken out by a withdrawal, a bounce or a complaint", async () => {
    await office.join(4);
    await office.service`update loyalty_members set mailing = false`;
    await office.pass(MINUTE_MS);
    expect(office.listed()).toEqual([]);
    for (const number of [1, 2, 3])
      await office.service`insert into message_consents (email_key, channel) values (${`guest${number}@example.com`}, 'mail')`;
    await office.pass(MINUTE_MS);
    expect(office.listed()).toEqual(["guest1@example.com", "guest2@example.com", "guest3@example.com"]);
    await office.service`select message_withdraw('guest1@example.com')`;
    await sql`insert into amocrm.suppressed_addresses (email_key, reason) values ('guest2@example.com', 'complained')`;
    // Whoever puts the member in cannot overrule a withdrawal.
    await office.service`update loyalty_members set mailing = true where id = ${await memberOf("guest1@example.com")}`;
    await office.pass(MINUTE_MS);
    expect(office.listed()).toEqual(["guest3@example.com"]);
    expect(office.unisender.requestCount("exclude")).toBe(2);
  });

  test("carry segment and tier as tags, and one change of several things is one call", async () => {
    await office.join(1);
    await office.pass(MINUTE_MS);
    expect(office.unisender.contacts.get("guest1@example.com")?.tags).toEqual(["tier_bronze"]);
    const member = await memberOf("guest1@example.com");
    await office.service`insert into loyalty_orders (provider, external_id, member_id, amount, paid_at)
      values ('manual', 'one', ${member}, 60000, ${new Date(office.nowMs())})`;
    await office.service`select loyalty_recompute()`;
    await office.pass(MINUTE_MS);
    expect(office.unisender.contacts.get("guest1@example.com")?.tags).toEqual(["champions", "tier_silver"]);
    expect(office.unisender.requestCount("importContacts")).toBe(2);
  });

  test("that are refused keep back no other, named by their index or not", async () => {
    await office.join(5);
    await office.service`update loyalty_identities set external_id = 'info@example.com' where external_id = 'guest3@example.com'`;
    await office.pass(MINUTE_MS);
    expect(office.listed()).toHaveLength(4);
    expect(await office.service`select error_code, error_message from unisender_dead_letters`).toEqual([
      {
        error_code: "unisender_contact_refused",
        error_message: "Unisender does not take this contact (invalid_email)",
      },
    ]);
    await office.join(8, "late");
    office.unisender.failBy((method) =>
      method === "importContacts" && office.unisender.requestCount(method) === 2
        ? { kind: "code", code: "invalid_arg" }
        : undefined,
    );
    await office.pass(MINUTE_MS);
    expect(office.listed()).toHaveLength(12);
  });

  test("wait out lost answers, limits and outages", async () => {
    await office.join(30);
    office.unisender.fail(
      { kind: "page", status: 502 },
      { kind: "reset", isTaken: true },
      { kind: "silence" },
      { kind: "code", code: "retry_later" },
      { kind: "code", code: "api_call_limit_exceeded_for_api_key" },
    );
    await office.pass(15 * MINUTE_MS);
    expect(office.listed()).toHaveLength(30);
    expect(await sql`select from unisender_outbox where state <> 'delivered'`).toHaveLength(0);
  });

  test("of a forgotten person are deleted, and the address goes out of our messages", async () => {
    await office.join(2);
    const id = await office.confirm();
    await office.pass(MINUTE_MS);
    await office.service`select amocrm_forget('guest1@example.com')`;
    await office.pass(MINUTE_MS);
    expect([...office.unisender.contacts.keys()]).toEqual(["guest2@example.com"]);
    const rows = await sql`select from unisender_outbox where email_key = 'guest1@example.com'
      union all select from amocrm.unisender_contacts where email_key = 'guest1@example.com'`;
    expect(rows).toHaveLength(0);
    expect(await sql`select from amocrm.loyalty_audience where campaign_id = ${id}`).toHaveLength(1);
  });
});

describe("unsubscribing at Unisender", () => {
  test("withdraws from news here, by a signed call or by the day's reading", async () => {
    await office.join(4);
    await office.pass(MINUTE_MS);
    const said = { event_name: "unsubscribe", event_data: { email: "guest1@example.com" } };
    expect(await office.tell(office.unisender.event([said], "another key"))).toBe(401);
    expect(await sql`select from message_consents`).toHaveLength(0);
    expect(await office.tell(office.unisender.event([said]))).toBe(200);
    expect(await office.tell(office.unisender.event([said]))).toBe(200);
    const bounced = {
      event_name: "email_status",
      event_data: { email: "guest2@example.com", status: "err_user_unknown" },
    };
    expect(await office.tell(office.unisender.event([bounced]))).toBe(200);
    office.unisender.unsubscribe("guest3@example.com");
    await office.pass(25 * HOUR_MS, 10 * MINUTE_MS);
    expect(
      await sql`select recipient, topic, state, source from message_consents order by recipient`,
    ).toEqual([
      { recipient: "guest1@example.com", topic: "news", state: "withdrawn", source: "unisender" },
      { recipient: "guest3@example.com", topic: "news", state: "withdrawn", source: "unisender" },
    ]);
    expect(await sql`select email_key, reason from amocrm.suppressed_addresses`).toEqual([
      { email_key: "guest2@example.com", reason: "bounced" },
    ]);
    expect(office.listed()).toEqual(["guest4@example.com"]);
  });
});
