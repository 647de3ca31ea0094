import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { UNLIMITED_SETTINGS } from "#dev/amocrm-simulator/settings.ts";
import { manageWebhook } from "#shared/admin/webhook/manage.ts";
import { createHookReport } from "#shared/admin/webhook/store.ts";
import { createAmocrmClient } from "#shared/amocrm/api/client.ts";
import { createHttpTransport } from "#shared/amocrm/api/http-transport.ts";
import { createStaticTokens } from "#shared/amocrm/tokens/static-token.ts";
import { createSubscriptionStore } from "#shared/amocrm/webhook/subscription-store.ts";
import { sha256Of } from "#shared/platform/secrets.ts";
import { type Account, openAccount } from "../../support/account.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, setTestClock } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { openRpc } from "../../support/rpc.ts";

const database = await useDatabase();
const { sql } = database;
const service = database.connect({ user: "authenticator", role: "service_role" });
const rpc = await openRpc(service);
const ADDRESS = "https://here.test/functions/v1/amocrm-webhook/";
const store = createSubscriptionStore(rpc);
const secrets = { make: randomUUID, hash: sha256Of };
let account: Account;

beforeEach(async () => {
  await sql`select vault.create_secret('https://here.test/functions/v1', 'amocrm_functions_url')`;
  account = await openAccount(database, {
    simulator: { settings: UNLIMITED_SETTINGS, sleep: async () => undefined, post: async () => 200 },
  });
  await sql`update amocrm.cursors set is_complete = true, changed_until = amocrm.clock(), pulled_at = amocrm.clock()`;
});

const manage = async (mode: "on" | "off" | "status") => {
  await setTestClock(new Date(account.nowMs()), service, sql);
  const client = createAmocrmClient(
    createHttpTransport({
      baseUrl: "https://sim.amocrm.ru",
      fetch: account.simulator.fetch,
      slots: { take: async () => ({ granted: true, waitedMs: 0 }) as never },
      tokens: createStaticTokens(account.simulator.accessToken),
      clock: { nowMs: account.nowMs, sleep: () => new Promise(() => {}) },
    }),
  );
  const access = {
    hindrance: null,
    ask: () => Promise.reject(new Error("not asked so")),
    askAside: <T>(request: (one: typeof client) => Promise<T>) => request(client),
  };
  return manageWebhook(
    { action: "webhook", mode },
    { account: access, hooks: { ...store, ...createHookReport(rpc) }, secrets },
  );
};
const destinations = () => account.simulator.hooks.list().map(({ destination }) => destination);
const notice = async () => {
  const [row] =
    await sql`select said.notice, amocrm_in_russian(said.notice) as russian from (select amocrm.hooks_notice() as notice) as said`;
  return { english: row?.["notice"], russian: row?.["russian"] };
};
const alerts = async () =>
  (await sql`select * from amocrm.webhook_conditions()`).map(({ code, detail }) => ({ code, detail }));

describe("the subscription", () => {
  test("is made once: doing it again gives it a new secret, and others' hooks stay", async () => {
    account.simulator.hooks.subscribe("https://other.test/hook", ["add_lead"], 10, 1);
    account.simulator.hooks.subscribe(`${ADDRESS}left-over`, ["add_lead"], 10, 1);
    expect(await manage("on")).toMatchObject({ subscription: "on", problem: null, status: { state: "on" } });
    const [other, first] = destinations();
    expect(other).toBe("https://other.test/hook");
    expect(destinations()).toHaveLength(2);
    const hashOf = (destination = "") => sha256Of(destination.slice(ADDRESS.length));
    await account.wait(MINUTE_MS);
    await manage("on");
    const [, second] = destinations();
    expect(second).not.toBe(first);
    expect(destinations()).toHaveLength(2);
    expect(
      await sql`select secret_hash, former_hash, former_until > amocrm.clock() + interval '119 minutes' as holds from amocrm.webhook_control`,
    ).toEqual([{ secret_hash: await hashOf(second), former_hash: await hashOf(first), holds: true }]);
    expect(await manage("status")).toMatchObject({ subscription: "on", problem: null });
    const requests = JSON.stringify(await sql`select * from amocrm.requests`);
    for (const destination of [first, second])
      expect(requests).not.toContain(destination?.slice(ADDRESS.length));
  });

  test("goes with off, and late deliveries are taken for two hours", async () => {
    expect(await notice()).toEqual({ english: null, russian: null });
    await manage("on");
    expect(await notice()).toEqual({ english: null, russian: null });
    expect(await manage("off")).toMatchObject({
      subscription: "off",
      problem: null,
      status: { state: "off" },
    });
    expect(destinations()).toEqual([]);
    expect(
      await sql`select secret_hash, former_hash is not null as holds from amocrm.webhook_control`,
    ).toEqual([{ secret_hash: null, holds: true }]);
    expect(await manage("status")).toMatchObject({ subscription: "off" });
    expect(await notice()).toEqual({
      english: expect.stringContaining("hooks are off"),
      russian: expect.stringContaining("Вебхуки amoCRM выключены"),
    });
  });

  test("has a line of its own in health while pulls find more than it tells, and when nobody looks at it", async () => {
    await manage("on");
    await sql`insert into amocrm.change_counts (hour, hook_count, pull_count) values (date_trunc('hour', amocrm.clock()), 5, 12)`;
    const deaf = {
      english: expect.stringContaining("pulls found more"),
      russian: expect.stringContaining("чтения нашли"),
    };
    expect(await notice()).toEqual(deaf);
    const [health] = await sql`select notice from amocrm_health`;
    expect(health?.["notice"]).toContain("Of late pulls found more changes in amoCRM than its hooks told");
    await account.wait(27 * HOUR_MS);
    await setTestClock(new Date(account.nowMs()), sql);
    expect(await notice()).toEqual({
      english: expect.stringContaining("was last looked at"),
      russian: expect.stringContaining("последний раз проверяли"),
    });
  });

  test.each([
    [402, "plan"],
    [403, "rights"],
  ] as const)("that is refused with %i says so, and stops no delivery", async (refusal, code) => {
    account.simulator.control.patchSettings({ hooks: { refusal } });
    expect(await manage("on")).toMatchObject({ subscription: "off", problem: { code } });
    expect(await sql`select breaker_code from amocrm.queue_control where queue = 'amocrm'`).toEqual([
      { breaker_code: null },
    ]);
    expect(await sql`select secret_hash from amocrm.webhook_control`).toEqual([]);
  });

  test.each(["remove", "disable"] as const)(
    "is made again within a day when somebody did %s it, with one alert",
    async (action) => {
      await manage("on");
      const [before] = destinations();
      account.simulator.hooks.meddle({ action });
      expect(await manage("status")).toMatchObject({
        subscription: action === "remove" ? "missing" : "disabled",
      });
      let pulls = 0;
      for (; pulls < 26 && (pulls === 0 || (await alerts()).length === 0); pulls++) {
        await account.wait(HOUR_MS);
        await account.pull();
      }
      expect(pulls).toBeLessThanOrEqual(25);
      expect(destinations()).toHaveLength(1);
      expect(destinations()[0]).not.toBe(before);
      expect(account.simulator.hooks.list()).toMatchObject([{ disabled: false }]);
      expect(await alerts()).toMatchObject([{ code: "webhook" }]);
      await account.wait(DAY_MS + HOUR_MS);
      await setTestClock(new Date(account.nowMs()), sql);
      await account.pull();
      expect(await alerts()).toEqual([]);
    },
  );

  test("is made again when it says nothing of ten changes in an hour", async () => {
    account.simulator.control.populate({ contacts: 5, deals: 30, days: 1 });
    await sql`update amocrm.cursors set is_complete = false`;
    await account.pull();
    await manage("on");
    const [before] = destinations();
    account.simulator.control.patchSettings({ hooks: { lost: 1 } });
    await account.wait(HOUR_MS + MINUTE_MS);
    const deals = account.simulator.state.deals().map(({ id }) => Number(id));
    for (const id of deals.slice(0, 12)) account.simulator.control.edit({ action: "win_deal", deal_id: id });
    await account.wait(HOUR_MS / 2);
    await account.pull();
    await account.wait(HOUR_MS / 2);
    await account.pull();
    expect(destinations()).toHaveLength(1);
    expect(destinations()[0]).not.toBe(before);
  });

  test("that cannot be made again is an alert, and the pull goes on", async () => {
    await manage("on");
    account.simulator.hooks.meddle({ action: "remove" });
    account.simulator.control.patchSettings({ hooks: { refusal: 402 } });
    await account.wait(DAY_MS + HOUR_MS);
    expect((await account.pull()).stoppedBy).toBeNull();
    await setTestClock(new Date(account.nowMs()), sql);
    expect(await alerts()).toEqual([
      {
        code: "webhook",
        detail: "The subscription to amoCRM's hooks is gone and could not be made again: plan",
      },
    ]);
    expect(await notice()).toEqual({
      english: expect.stringContaining("hooks do not come (plan)"),
      russian: expect.stringContaining("Вебхуки amoCRM не приходят (plan)"),
    });
    expect(await sql`select breaker_code from amocrm.queue_control where queue = 'amocrm'`).toEqual([
      { breaker_code: null },
    ]);
  });
});
