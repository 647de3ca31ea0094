import { beforeEach, describe, expect, it } from "vitest";
import { HOUR_MS, MINUTE_MS, noonPlus, setTestClock } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { openDrainer } from "../../support/drainer.ts";
import { errorOf } from "../../support/errors.ts";
import { insertLeads, strangers } from "../../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
const OLD = "https://old.amocrm.ru";
const NEW = "https://new.kommo.com";
const service = database.connect({ user: "authenticator", role: "service_role" });

const at = (ms: number) => setTestClock(noonPlus(ms), service, sql);
beforeEach(() => at(0));

const connect = (accountId = 5550001) =>
  service`select amocrm_tokens_connect('p.supabase.co',
    ${JSON.stringify({ access_token: "a", refresh_token: "r" })}::text::jsonb, 86400, ${OLD}, ${accountId}, 'old')`;
const lookUp = async (host: string) =>
  (await service`select amocrm_account_look_up(${host}) as answer`)[0]?.["answer"];
const moved = async (from: string, to: string) =>
  (await service`select amocrm_account_moved(${from}, ${to}) as moved`)[0]?.["moved"];
const read = async () => (await service`select amocrm_account_read() as account`)[0]?.["account"];

describe("an account that was turned away", () => {
  it("is looked up once an hour", async () => {
    await connect();
    expect(await lookUp(OLD)).toEqual({ outcome: "granted" });
    await at(59 * MINUTE_MS);
    expect(await lookUp(OLD)).toEqual({ outcome: "not_yet" });
    await at(HOUR_MS);
    expect(await lookUp(OLD)).toEqual({ outcome: "granted" });
  });

  it("is not looked up if somebody else has found it: the new host is told", async () => {
    await connect();
    await lookUp(OLD);
    expect([await moved(OLD, NEW), await moved(OLD, NEW)]).toEqual([true, false]);
    expect(await lookUp(OLD)).toEqual({ outcome: "moved", host: NEW });
    expect(await read()).toMatchObject({ host: NEW, subdomain: "new", accountId: 5550001 });
  });

  it("is not there at all before the first connection", async () => {
    expect([await lookUp(OLD), await moved(OLD, NEW), await read()]).toEqual([
      { outcome: "not_yet" },
      false,
      null,
    ]);
  });

  it("goes on at the new host if only the old address had stopped it", async () => {
    await connect();
    const open = (code: string) => sql`select amocrm.open_breaker('amocrm', ${code}, 'why', 60, 300)`;
    const breaker = async () =>
      (await sql`select breaker_code from amocrm.queue_control where queue = 'amocrm'`)[0]?.["breaker_code"];
    await open("wrong_address");
    await moved(OLD, NEW);
    expect(await breaker()).toBeNull();
    await open("account_blocked");
    await moved(NEW, OLD);
    expect(await breaker()).toBe("account_blocked");
  });

  it("is named by health for a week", async () => {
    await connect();
    await moved(OLD, NEW);
    const notice = async () => (await service`select notice from amocrm_health`)[0]?.["notice"];
    expect(await notice()).toContain(`moved from ${OLD} to ${NEW}`);
    await at(8 * 24 * HOUR_MS);
    expect(await notice()).not.toContain("moved");
  });
});

describe("leaving an account for another", () => {
  const delivered = async () => {
    const drainer = openDrainer(database);
    await setTestClock(noonPlus(0), drainer.sql);
    await drainer.begin();
    const claimed = await drainer.claim();
    await drainer.settle(
      claimed.map(({ id }) => ({
        id,
        verdict: "delivered" as const,
        contact_id: 900 + id,
        deal_id: 800 + id,
      })),
    );
    return drainer;
  };

  it("forgets contacts, deals, links and progress, pauses, and stops a drain at work", async () => {
    await connect();
    const [leadId = ""] = await insertLeads(sql, strangers(1));
    const drainer = await delivered();
    await insertLeads(sql, [{ email: "person1@example.com" }]);
    const [waiting] = await drainer.claim();
    await drainer.record([{ id: waiting?.id, progress: { contact: true }, contact_id: 901, deal_id: 802 }]);
    await sql`insert into amocrm_fields (entity, path, field_id) values ('deal', 'id', 411), ('deal', 'metadata.tariff', 415)`;
    await sql`insert into amocrm.marker_search (tried_at) values (now())`;
    await service`select amocrm_account_leave()`;

    expect((await errorOf(drainer.extend())).code).toBe("OB001");
    const rows = async (table: string) => (await sql`select count(*)::int as n from ${sql(table)}`)[0]?.["n"];
    expect(
      await Promise.all(
        ["amocrm.contacts", "amocrm.contact_keys", "amocrm.links", "amocrm.pipelines", "amocrm_deals"].map(
          rows,
        ),
      ),
    ).toEqual([0, 0, 0, 0, 0]);
    expect(
      await sql`select amocrm_contact_id from amocrm.people where amocrm_contact_id is not null`,
    ).toHaveLength(0);
    expect(
      (
        await sql`select progress, amocrm_contact_id, amocrm_deal_id from amocrm_outbox where id = ${waiting?.id ?? 0}`
      )[0],
    ).toEqual({ progress: {}, amocrm_contact_id: null, amocrm_deal_id: null });
    expect(await sql`select entity, path from amocrm_fields`).toEqual([
      { entity: "deal", path: "metadata.tariff" },
    ]);
    expect(await sql`select from amocrm.marker_search`).toHaveLength(0);
    expect(await sql`select distinct is_complete from amocrm.cursors`).toEqual([{ is_complete: false }]);
    expect((await service`select verdict, problem from amocrm_health`)[0]).toMatchObject({
      verdict: "paused",
      problem: expect.stringContaining("another account"),
    });
    // What was delivered stays delivered: the lead keeps the ids that it had there, and is never sent again by itself.
    const [lead] =
      await sql`select amocrm_deal_id, amocrm_synced_at from unified_lead_tracking where id = ${leadId}`;
    expect(lead).toMatchObject({ amocrm_deal_id: expect.any(Number), amocrm_synced_at: expect.any(Date) });
  });
});
