import { beforeEach, describe, expect, test } from "vitest";
import { DAY_MS, MINUTE_MS, NOON, SECOND_MS } from "../../support/clock.ts";
import { ACCOUNT, LOST, longLived, openConnection, pair, REVOKED } from "../../support/connection.ts";
import { useDatabase } from "../../support/database.ts";
import { outcomeOf } from "../../support/errors.ts";
import { configureVault, queuedPosts } from "../../support/vault.ts";

const database = await useDatabase();
const { sql } = database;
const { store, service, superuser, at, claim } = await openConnection(database);

beforeEach(() => at(0));

describe("the slot of a token request", () => {
  test("goes past an open breaker without being its probe", async () => {
    await sql`select amocrm_report_fault('account_blocked', null, 'blocked', null, 'send', '{1}', false)`;
    const before = await sql`select breaker_probe_at from amocrm.queue_control where queue = 'amocrm'`;
    const [answer] = await service`select amocrm_reserve_token_slot(null, 1000) as slot`;
    expect(answer?.["slot"]).toMatchObject({ granted: true, is_probe: false });
    expect(await sql`select breaker_probe_at from amocrm.queue_control where queue = 'amocrm'`).toEqual(
      before,
    );
  });

  test("keeps to the pace", async () => {
    await service`select amocrm_reserve_slot(null, null, 1000)`;
    const [answer] = await service`select amocrm_reserve_token_slot(null, 10000) as slot`;
    expect(answer?.["slot"]).toMatchObject({ granted: true, wait_ms: 2000 });
  });
});

describe("the tick", () => {
  const refreshPosts = async () =>
    (await queuedPosts(sql)).filter(({ url }) => url.endsWith("/amocrm-oauth/refresh")).length;
  const tick = async () => {
    await superuser`delete from net.http_request_queue`;
    await sql`select amocrm_tick()`;
    return refreshPosts();
  };
  beforeEach(async () => {
    await configureVault(sql);
    await store.connect(pair("a"), ACCOUNT);
  });

  test("calls for no refresh until a quarter of an hour before the token ends", async () => {
    await at(DAY_MS - 16 * MINUTE_MS);
    expect(await tick()).toBe(0);
    await at(DAY_MS - 15 * MINUTE_MS);
    expect(await tick()).toBe(1);
  });

  test("calls once a minute at most, and not while a refresh is under way or has to wait", async () => {
    await at(DAY_MS);
    expect(await tick()).toBe(1);
    await at(DAY_MS + 10 * SECOND_MS);
    expect(await tick()).toBe(0);
    await at(DAY_MS + MINUTE_MS);
    expect(await tick()).toBe(1);
    const { claim: mine } = await claim(1);
    await at(DAY_MS + MINUTE_MS + 59 * SECOND_MS);
    expect(await tick()).toBe(0);
    await store.fail(mine, 1, { ...LOST, waitMs: 10 * MINUTE_MS });
    await at(DAY_MS + 5 * MINUTE_MS);
    expect(await tick()).toBe(0);
    await at(DAY_MS + 12 * MINUTE_MS);
    expect(await tick()).toBe(1);
  });

  test("calls when the lease of a killed refresh is over", async () => {
    await at(DAY_MS);
    await claim(1);
    await at(DAY_MS + 61 * SECOND_MS);
    expect(await tick()).toBe(1);
  });

  test("calls once a week during a pause, and never for an ended connection or a long-lived token", async () => {
    await sql`select amocrm_pause('moving')`;
    await at(6 * DAY_MS);
    expect(await tick()).toBe(0);
    await at(7 * DAY_MS);
    expect(await tick()).toBe(1);
    await store.fail((await claim(1)).claim, 1, REVOKED);
    await at(8 * DAY_MS);
    expect(await tick()).toBe(0);
    await store.noteLongLived(longLived({ expiresAt: NOON.toISOString() }));
    expect(await tick()).toBe(0);
  });

  test("goes on to the drain when pg_net is broken for the refresh", async () => {
    await at(DAY_MS);
    await superuser`alter table net.http_request_queue rename to gone`;
    try {
      expect(await outcomeOf(sql`select amocrm_tick()`)).toBe("ok");
    } finally {
      await superuser`alter table net.gone rename to http_request_queue`;
    }
  });
});
