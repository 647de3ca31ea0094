import { beforeEach, describe, expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { type SettingsInput, UNLIMITED_SETTINGS } from "#dev/amocrm-simulator/settings.ts";
import { answerHook } from "#shared/amocrm/webhook/endpoint.ts";
import { createHookStore } from "#shared/amocrm/webhook/store.ts";
import { sha256Of } from "#shared/platform/secrets.ts";
import { type Account, openAccount } from "../../support/account.ts";
import { HOUR_MS, MINUTE_MS, NOON, SECOND_MS, setTestClock } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, strangers } from "../../support/leads.ts";
import { openRpc } from "../../support/rpc.ts";

const database = await useDatabase();
const { sql } = database;
const service = database.connect({ user: "authenticator", role: "service_role" });
const store = createHookStore(await openRpc(service));
const SECRET = "a-secret-of-forty-three-characters-1234567";
const HERE = `https://here.test/functions/v1/amocrm-webhook/${SECRET}`;
const EVENTS = ["lead", "contact"].flatMap((one) =>
  ["add", "update", "delete", "restore"].map((act) => `${act}_${one}`),
);
const logged: string[] = [];

const deliver = (body: string, url = HERE, method = "POST"): Promise<Response> =>
  answerHook(new Request(url, method === "GET" ? { method } : { method, body }), {
    store,
    log: (level, event, facts) => logged.push(JSON.stringify([level, event, facts ?? {}])),
  });

/** An account with a complete mirror whose hooks come here; they wait for `settle`. */
async function openHooked(
  hooks: SettingsInput["hooks"] = {},
): Promise<Account & { settle(): Promise<void> }> {
  let waiting: { url: string; body: string }[] = [];
  const account = await openAccount(database, {
    simulator: {
      settings: { ...UNLIMITED_SETTINGS, hooks: { delay_ms: 0, ...hooks } },
      sleep: async () => undefined,
      post: async (url, body) => {
        waiting.push({ url, body });
        return 200;
      },
    },
  });
  account.simulator.control.populate({ contacts: 20, deals: 20, days: 3 });
  await sql`update amocrm.cursors set is_complete = false`;
  await account.pull();
  account.simulator.hooks.subscribe(HERE, [...EVENTS, "status_lead", "responsible_lead"], 10, 1);
  const settle = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    await setTestClock(new Date(account.nowMs()), service);
    const now = waiting;
    waiting = [];
    for (const { url, body } of now) expect((await deliver(body, url)).status).toBe(200);
  };
  await account.wait(10 * SECOND_MS);
  return { ...account, settle };
}

beforeEach(async () => {
  logged.length = 0;
  await setTestClock(NOON, sql, service);
  await sql`insert into amocrm.accounts (queue, account_id, host, access) values ('amocrm', ${SEED_IDS.account}, 'https://sim.amocrm.ru', 'long_lived')`;
  await sql`insert into amocrm.webhook_control (secret_hash, made_at, state, checked_at) values (${await sha256Of(SECRET)}, amocrm.clock(), 'on', amocrm.clock())`;
});

const hook = (id: number, account: number = SEED_IDS.account) =>
  `leads[update][0][id]=${id}&account[id]=${account}`;
const gather = () => sql`select amocrm.gather_hints()`;
const hints = async () =>
  (await gather()) &&
  (await sql`select entity, amocrm_id, due_at is not null as is_due from amocrm.hints order by 1, 2`);

describe("a delivery", () => {
  test.each([
    ["with the secret", hook(7), HERE, "POST", 200],
    ["without a secret", hook(7), "https://here.test/functions/v1/amocrm-webhook", "POST", 404],
    ["with a wrong secret", hook(7), `${HERE}x`, "POST", 404],
    ["of another account", hook(7, 99), HERE, "POST", 200],
    ["that nobody can read", "garbage", HERE, "POST", 200],
    ["of two mebibytes", "x".repeat(2 ** 21), HERE, "POST", 413],
    ["by GET", "", HERE, "GET", 405],
  ])("%s is answered", async (_name, body, url, method, status) => {
    expect((await deliver(body, url, method)).status).toBe(status);
    expect(logged.join()).not.toContain(SECRET);
  });

  test("is 503 while the database does not keep it", async () => {
    const broken = { receive: () => Promise.reject(new Error("no database")) };
    const response = await answerHook(new Request(HERE, { method: "POST", body: hook(7) }), {
      store: broken,
      log: () => {},
    });
    expect(response.status).toBe(503);
  });

  test("leaves its ids, one row an entity, and nothing of itself; an unreadable one is kept and counted", async () => {
    await deliver(hook(7));
    await deliver(`${hook(7)}&leads[status][0][id]=7&contacts[add][0][id]=9&leads[update][0][name]=Anna`);
    await deliver(hook(7));
    await deliver(hook(8, 99));
    await deliver("garbage");
    expect(await hints()).toEqual([
      { entity: "contact", amocrm_id: 9, is_due: true },
      { entity: "deal", amocrm_id: 7, is_due: true },
    ]);
    expect(await sql`select state, body from amocrm.inbox order by id`).toEqual([
      { state: "worked", body: null },
      { state: "worked", body: null },
      { state: "unreadable", body: "garbage" },
    ]);
    const counts = await sql`select outcome || ' ' || sum(delivery_count) as count from amocrm.inbox_counts
      group by outcome order by 1`;
    expect(counts.map(({ count }) => count)).toEqual([
      "duplicate 1",
      "ignored 1",
      "stored 2",
      "unreadable 1",
    ]);
    const [everything] = await sql`select string_agg(t::text, '') as text from (
      select inbox::text as t from amocrm.inbox union all select hints::text from amocrm.hints union all select hint_notes::text from amocrm.hint_notes union all select webhook_control::text from amocrm.webhook_control) as rows`;
    expect(everything?.["text"]).not.toContain(SECRET);
    expect(everything?.["text"]).not.toContain("Anna");
  });

  test("with the secret before is good for two hours", async () => {
    await sql`update amocrm.webhook_control set former_hash = secret_hash, former_until = amocrm.clock() + interval '2 hours', secret_hash = 'x'`;
    expect((await deliver(hook(7))).status).toBe(200);
    await sql`update amocrm.webhook_control set former_until = amocrm.clock() - interval '1 second'`;
    expect((await deliver(hook(7))).status).toBe(404);
  });
});

describe("what hooks named", () => {
  const mirrored = async () =>
    (await sql`select amocrm_deal_id, status_id, is_deleted from amocrm_deals order by 1`).map((row) => ({
      ...row,
    }));
  const events = async () =>
    (await sql`select event from amocrm_deal_events order by id`).map(({ event }) => event);
  const readAgain = async (account: Account & { settle(): Promise<void> }) => {
    await account.settle();
    await account.wait(5 * SECOND_MS);
    account.simulator.log.clear();
    return account.pull();
  };

  test("is read again at once: many hooks of many deals are one request, and one event each", async () => {
    const account = await openHooked({
      entries_max: 1,
      doubled: 0.5,
      order: "shuffled",
      brackets: "mixed",
      odd_values: true,
    });
    const ids = account.simulator.state.deals().map(({ id }) => Number(id));
    for (const id of ids) account.simulator.control.edit({ action: "win_deal", deal_id: id });
    for (const id of ids) account.simulator.control.edit({ action: "rename", entity: "deal", id, name: "X" });
    await readAgain(account);
    expect(account.requests()).toEqual(["GET /api/v4/leads"]);
    expect((await mirrored()).every(({ status_id }) => status_id === 142)).toBe(true);
    expect(await events()).toEqual(ids.map(() => "won"));
    // The same deliveries once more, and the regular pull: nothing is read again, nothing told again.
    await account.wait(MINUTE_MS);
    await setTestClock(new Date(account.nowMs()), service);
    for (const id of ids) await deliver(hook(id));
    await gather();
    await sql`update amocrm.hints set must_read = false, updated_at = amocrm.clock() - interval '70 seconds'`;
    account.simulator.log.clear();
    expect((await account.pull()).outcome).toBe("not_due");
    await account.wait(HOUR_MS + HOUR_MS);
    await account.pull();
    expect(await events()).toHaveLength(ids.length);
  });

  test("deleted, restored and merged ones follow too", async () => {
    const account = await openHooked();
    const [deal, other] = account.simulator.state.deals().map(({ id }) => Number(id));
    const [into, from] = account.simulator.state.contacts().map(({ id }) => Number(id));
    account.simulator.control.edit({ action: "delete_deal", deal_id: deal ?? 0 });
    account.simulator.control.edit({ action: "merge_contacts", into_id: into ?? 0, from_id: from ?? 0 });
    await readAgain(account);
    expect(await sql`select amocrm_deal_id as id from amocrm_deals where is_deleted`).toEqual([{ id: deal }]);
    expect(await sql`select amocrm_contact_id as id from amocrm.contacts where is_deleted`).toEqual([
      { id: from },
    ]);
    await account.wait(MINUTE_MS);
    account.simulator.control.edit({ action: "restore", entity: "deal", id: deal ?? 0 });
    account.simulator.control.edit({ action: "restore", entity: "contact", id: from ?? 0 });
    account.simulator.control.edit({
      action: "set_responsible",
      entity: "deal",
      id: other ?? 0,
      user_id: SEED_IDS.users.manager,
    });
    await readAgain(account);
    expect(await sql`select amocrm_deal_id as id from amocrm_deals where is_deleted`).toEqual([]);
    expect(await sql`select amocrm_contact_id as id from amocrm.contacts where is_deleted`).toEqual([]);
    expect((await events()).toSorted()).toEqual(["deleted", "responsible_changed", "restored"]);
  });

  test("what does not come is asked for three times and then left to the regular pull", async () => {
    const account = await openHooked();
    await setTestClock(new Date(account.nowMs()), service);
    await deliver(hook(123_456));
    let requestCount = 0;
    for (let minute = 0; minute < 10; minute++) {
      await account.wait(MINUTE_MS);
      account.simulator.log.clear();
      await account.pull();
      requestCount += account.requests().filter((one) => one === "GET /api/v4/leads").length;
    }
    expect(requestCount).toBe(3);
    expect(await hints()).toEqual([{ entity: "deal", amocrm_id: 123_456, is_due: false }]);
  });

  test.each([["given"], ["missing"]] as const)(
    "our own writes cost no request and no call, with the time %s",
    async (updated_at) => {
      const account = await openHooked({ updated_at });
      await sql`insert into amocrm_routes (source, pipeline_id, status_id) values ('*', ${SEED_IDS.sales.pipeline}, ${SEED_IDS.sales.fresh})`;
      await insertLeads(sql, strangers(5));
      await account.drain();
      await account.settle();
      expect((await hints()).filter(({ is_due }) => is_due)).toHaveLength(10);
      await account.wait(30 * SECOND_MS);
      await sql`select amocrm.ring_for_hints()`;
      expect(await sql`select url from net.http_request_queue`).toEqual([]);
      account.simulator.log.clear();
      expect((await account.pull()).outcome).toBe("not_due");
      expect(account.requests()).toEqual([]);
      // A manager's change of one of them is none of ours.
      const [deal] = account.simulator.state
        .deals()
        .map(({ id }) => Number(id))
        .slice(-1);
      account.simulator.control.edit({ action: "win_deal", deal_id: deal ?? 0 });
      await readAgain(account);
      expect(account.requests()).toEqual(["GET /api/v4/leads"]);
    },
  );

  test("nothing that comes in makes a message", async () => {
    const account = await openHooked();
    const [deal] = account.simulator.state.deals().map(({ id }) => Number(id));
    account.simulator.control.edit({ action: "win_deal", deal_id: deal ?? 0 });
    await readAgain(account);
    expect(await sql`select count(*)::int as count from amocrm.outbox`).toEqual([{ count: 0 }]);
  });

  test("pulls rest four times as long while hooks are healthy, and count what hooks had missed", async () => {
    const account = await openHooked();
    const deals = account.simulator.state.deals().map(({ id }) => Number(id));
    account.simulator.control.edit({ action: "win_deal", deal_id: deals[0] ?? 0 });
    await readAgain(account);
    expect(await sql`select amocrm.pull_rest()::text as rest`).toEqual([{ rest: "01:00:00" }]);
    account.simulator.hooks.meddle({ action: "remove" });
    for (const id of deals.slice(1, 13)) account.simulator.control.edit({ action: "lose_deal", deal_id: id });
    await account.wait(30 * MINUTE_MS);
    expect((await account.pull()).outcome).toBe("not_due");
    await account.wait(31 * MINUTE_MS);
    await account.pull();
    expect(
      await sql`select sum(hook_count)::int as hook, sum(pull_count)::int as pull from amocrm.change_counts`,
    ).toEqual([{ hook: 1, pull: 12 }]);
    expect(await sql`select amocrm.hooks_are_deaf() as deaf, amocrm.pull_rest()::text as rest`).toEqual([
      { deaf: true, rest: "00:15:00" },
    ]);
  });
});
