import { beforeEach, describe, expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { type Account, openAccount } from "../../support/account.ts";
import { MINUTE_MS, noonPlus, SECOND_MS } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { openDrainer } from "../../support/drainer.ts";
import { insertLeads, messages } from "../../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
let account: Account;
beforeEach(async () => {
  account = await openAccount(database);
  await sql`insert into amocrm_routes (source, on_repeat) values ('*', 'note'), ('call', 'note_and_task')`;
  await sql`insert into amocrm_fields (entity, path, field_id) values ('deal', 'id', ${SEED_IDS.dealFields.leadId})`;
});

const ADA = { full_name: "Ada", email: "ada@example.com" };
const LEADS = "/api/v4/leads";
const control = () => account.simulator.control;
const state = () => account.simulator.state;
const loseAnswers = (path: string, times?: number) =>
  control().addFaults({ kind: "lost_answer", method: "POST", path, ...(times && { times }) });
const rows = () => messages(sql);
const duplicates = () =>
  sql`select type, kept_id::int, other_id::int, outbox_id::int from amocrm_duplicates order by id`;

/** A contact that a manager typed in. */
async function typeContact(...fields: [code: "EMAIL" | "PHONE", value: string][]): Promise<number> {
  const answer = (await account.post("/api/v4/contacts", [
    {
      name: "Typed",
      custom_fields_values: fields.map(([field_code, value]) => ({
        field_code,
        values: [{ value, enum_code: "WORK" }],
      })),
    },
  ])) as { _embedded: { contacts: { id: number }[] } };
  return answer._embedded.contacts[0]?.id ?? 0;
}
/** A deal that carries a lead's id, as a create makes it whose answer got lost. */
async function makeDeal(leadId: string): Promise<number> {
  const answer = (await account.post(LEADS, [
    {
      name: "x",
      custom_fields_values: [{ field_id: SEED_IDS.dealFields.leadId, values: [{ value: leadId }] }],
    },
  ])) as { _embedded: { leads: { id: number }[] } };
  return answer._embedded.leads[0]?.id ?? 0;
}

describe("a deal whose answer was lost", () => {
  test("is adopted when the look finds it, and nothing is made again", async () => {
    loseAnswers(`${LEADS}/complex`);
    await insertLeads(sql, [ADA]);
    await account.drain();
    expect(await rows()).toMatchObject([
      { state: "uncertain", step: "create_deal_with_contact", next_attempt_at: expect.any(Date) },
    ]);
    await account.drainAfter(10 * SECOND_MS);
    expect(await rows()).toMatchObject([
      { state: "delivered", warnings: [{ code: "answer_lost" }], amocrm_deal_id: state().deals()[0]?.id },
    ]);
    expect([state().deals().length, state().contacts().length]).toEqual([1, 1]);
  });

  test("is looked for in the list by time first; a search comes only when it has to be made again", async () => {
    control().addFaults({ kind: "status", status: 502, method: "POST", path: `${LEADS}/complex`, times: 1 });
    await sql`update amocrm.cursors set is_complete = false`;
    await insertLeads(sql, [ADA]);
    await account.drain();
    account.simulator.log.clear();
    for (const seconds of [10, 50]) {
      await account.drainAfter(seconds * SECOND_MS);
      expect(account.requests()).toEqual([`GET ${LEADS}`]);
      account.simulator.log.clear();
    }
    await account.drainAfter(250 * SECOND_MS);
    expect(account.requests()).toEqual([`GET ${LEADS}`, "GET /api/v4/contacts", `POST ${LEADS}/complex`]);
    expect(await rows()).toMatchObject([{ state: "delivered", attempt_count: 2 }]);
  });

  test("and that stands there several times: the oldest is adopted, the others are listed", async () => {
    control().addFaults({ kind: "status", status: 502, method: "POST", path: `${LEADS}/complex`, times: 1 });
    const [leadId] = await insertLeads(sql, [ADA]);
    await account.drain();
    const [first, second, third] = [
      await makeDeal(`${leadId}`),
      await makeDeal(`${leadId}`),
      await makeDeal(`${leadId}`),
    ];
    await account.drainAfter(10 * SECOND_MS);
    expect(await rows()).toMatchObject([{ state: "delivered", amocrm_deal_id: first }]);
    expect(await duplicates()).toEqual([
      { type: "deal", kept_id: first, other_id: second, outbox_id: 1 },
      { type: "deal", kept_id: first, other_id: third, outbox_id: 1 },
    ]);
  });

  test("and whose look is refused stays uncertain, waiting ever longer: a refused look decides nothing", async () => {
    loseAnswers(`${LEADS}/complex`);
    await insertLeads(sql, [ADA]);
    await account.drain();
    control().addFaults({ kind: "status", status: 400, method: "GET", path: LEADS });
    await account.drainAfter(10 * SECOND_MS);
    expect(await rows()).toMatchObject([
      {
        state: "uncertain",
        step: "create_deal_with_contact",
        attempt_count: 1,
        last_error_code: "refusal_unexplained",
      },
    ]);
    control().clearFaults();
    await account.drainAfter(MINUTE_MS);
    expect(await rows()).toMatchObject([{ state: "delivered" }]);
    expect(state().deals()).toHaveLength(1);
  });
});

describe("contacts of amoCRM with the same e-mail", () => {
  test.each([true, false])(
    "the one changed last is used, the others are listed (mirror complete: %s)",
    async (hasMirror) => {
      await sql`update amocrm.cursors set is_complete = ${hasMirror} where entity = 'contact'`;
      if (hasMirror)
        await sql`update amocrm.cursors set changed_until = ${noonPlus(-MINUTE_MS)} where entity = 'contact'`;
      const older = await typeContact(["EMAIL", ADA.email]);
      await account.drainAfter(2 * MINUTE_MS);
      const younger = await typeContact(["EMAIL", ADA.email]);
      await account.drainAfter(2 * MINUTE_MS);
      await insertLeads(sql, [ADA]);
      await account.drain();
      expect(await rows()).toMatchObject([{ state: "delivered", amocrm_contact_id: younger }]);
      expect(await duplicates()).toEqual([
        { type: "contact", kept_id: younger, other_id: older, outbox_id: 1 },
      ]);
      expect(state().contacts()).toHaveLength(2);
    },
  );
});

describe("two people of ours who are one contact in amoCRM", () => {
  beforeEach(async () => {
    await sql`update amocrm.cursors set changed_until = ${noonPlus(-MINUTE_MS)} where entity = 'contact'`;
    await typeContact(["EMAIL", ADA.email], ["PHONE", "+79000000001"]);
    await account.drainAfter(2 * MINUTE_MS);
  });

  test("get one deal, although the answer to the first one's was lost when the second came", async () => {
    loseAnswers(LEADS, 1);
    await insertLeads(sql, [ADA]);
    await account.drain();
    await insertLeads(sql, [{ full_name: "Ada L.", phone: "+79000000001" }]);
    await account.drainAfter(SECOND_MS);
    expect(await rows()).toMatchObject([
      { state: "uncertain", step: "create_deal" },
      { state: "pending", last_error_code: "contact_in_use", attempt_count: 0 },
    ]);
    for (let minute = 0; minute < 3; minute++) await account.drainAfter(MINUTE_MS);
    const [first, second] = await rows();
    expect([first, second]).toMatchObject([
      { state: "delivered", progress: { deal: "created" } },
      { state: "delivered", progress: { deal: "reused" }, amocrm_deal_id: first?.amocrm_deal_id },
    ]);
    expect(state().deals()).toHaveLength(1);
  });

  test("and whose messages are claimed together, the first of them in doubt", async () => {
    loseAnswers(LEADS, 1);
    await insertLeads(sql, [ADA]);
    await account.drain();
    await insertLeads(sql, [{ full_name: "Ada L.", phone: "+79000000001" }]);
    await account.drainAfter(10 * SECOND_MS);
    await account.drainAfter(SECOND_MS);
    expect((await rows()).map((row) => [row.state, row.progress["deal"]])).toEqual([
      ["delivered", "created"],
      ["delivered", "reused"],
    ]);
    expect(state().deals()).toHaveLength(1);
  });
});

describe("a task whose answer was lost", () => {
  /** A second lead of a person whose route wants a task, with the fault on its task. */
  async function repeatWith(fault: () => void): Promise<void> {
    await insertLeads(sql, [{ ...ADA, source: "call" }]);
    await account.drain();
    fault();
    await insertLeads(sql, [{ ...ADA, source: "call" }]);
    await account.drainAfter(SECOND_MS);
    expect((await rows())[1]).toMatchObject({ state: "uncertain", step: "create_tasks" });
  }
  const tasks = () =>
    state()
      .tasks()
      .map(({ text }) => String(text).split("\n"));

  test("is found on the deal by our reference and not made again", async () => {
    await repeatWith(() => loseAnswers("/api/v4/tasks"));
    await account.drainAfter(10 * SECOND_MS);
    expect((await rows())[1]).toMatchObject({ state: "delivered", progress: { task: true }, warnings: [] });
    expect(tasks()).toEqual([["Повторная заявка: Ada", expect.stringMatching(/^#lead-[0-9a-f]{8}-2$/)]]);
  });

  test("is made again when it is not there after all looks", async () => {
    await repeatWith(() =>
      control().addFaults({ kind: "status", status: 502, method: "POST", path: "/api/v4/tasks", times: 1 }),
    );
    for (const seconds of [10, 50, 250]) await account.drainAfter(seconds * SECOND_MS);
    expect((await rows())[1]).toMatchObject({ state: "delivered", progress: { task: true } });
    expect(tasks()).toHaveLength(1);
  });
});

describe("a message that killed three workers alone, with its deal unanswered", () => {
  /** The deal is made as told, the worker dies before it hears of it, three times. */
  async function killThrice(): Promise<string> {
    const [leadId] = await insertLeads(sql, [ADA]);
    for (let death = 0; death < 3; death++) {
      const drainer = openDrainer(database);
      await sql`update amocrm.queue_control set drain_token = null, drain_expires_at = null where queue = 'amocrm'`;
      await drainer.sql`select set_config('amocrm.test_clock', ${noonPlus(0).toISOString()}, false)`;
      expect(await drainer.begin()).toBe("granted");
      await drainer.claim();
      await drainer.markSent([1], "create_deal_with_contact");
    }
    await account.drainAfter(15 * SECOND_MS);
    return `${leadId}`;
  }

  test("is delivered when a look finds the deal", async () => {
    const leadId = await killThrice();
    await makeDeal(leadId);
    await account.drainAfter(MINUTE_MS);
    expect(await rows()).toMatchObject([{ state: "delivered" }]);
    expect(state().deals()).toHaveLength(1);
  });

  test("is dead when all looks agree that there is none, with nothing outstanding and nothing sent again", async () => {
    await killThrice();
    for (const seconds of [60, 60, 300]) await account.drainAfter(seconds * SECOND_MS);
    expect(await rows()).toMatchObject([{ state: "dead", step: null, last_error_code: "worker_died" }]);
    expect(account.requests().filter((request) => request.startsWith("POST"))).toEqual([]);
  });
});
