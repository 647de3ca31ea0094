import { beforeEach, describe, expect, test } from "vitest";
import { DAY_MS, noonPlus } from "../../support/clock.ts";
import { ACCOUNT, longLived, openConnection, pair, REVOKED } from "../../support/connection.ts";
import { useDatabase } from "../../support/database.ts";

const database = await useDatabase();
const { sql } = database;
const { store, at, claim, breakerCode, openAlerts } = await openConnection(database);

beforeEach(() => at(0));

const row = async () => (await sql`select * from amocrm.accounts`)[0] ?? {};

describe("AMOCRM_REFRESH_TOKEN", () => {
  const HOST = "https://company.amocrm.ru";

  test("is taken over where nothing is stored, and refreshed before first use", async () => {
    expect(await store.takeOver("refresh-old", HOST)).toBe(true);
    expect(await store.read()).toMatchObject({
      state: "connected",
      accessToken: null,
      expiresInMs: 0,
      isDue: true,
    });
    expect((await claim(1)).refreshToken).toBe("refresh-old");
  });

  test("is never taken over again by a deploy that still has it", async () => {
    await store.takeOver("refresh-old", HOST);
    const { claim: mine } = await claim(1);
    await store.store(mine, 1, pair("b"), null);
    expect(await store.takeOver("refresh-old", HOST)).toBe(false);
    // Nor another one, as long as the stored pair works.
    expect(await store.takeOver("refresh-other", HOST)).toBe(false);
    expect(await store.read()).toMatchObject({ accessToken: "access-b" });
  });

  test("mends an ended connection if it is a new one", async () => {
    await store.takeOver("refresh-old", HOST);
    await store.fail((await claim(1)).claim, 1, REVOKED);
    expect(await store.takeOver("refresh-old", HOST)).toBe(false);
    expect(await store.takeOver("refresh-new", HOST)).toBe(true);
    expect([await breakerCode(), await openAlerts()]).toEqual([null, []]);
    expect((await claim(2)).refreshToken).toBe("refresh-new");
  });
});

describe("a long-lived token", () => {
  test("is noted with its end, and never stored", async () => {
    const endsAt = noonPlus(30 * DAY_MS).toISOString();
    const host = "https://old.amocrm.ru";
    expect(await store.noteLongLived(longLived({ host, expiresAt: endsAt }))).toEqual({
      outcome: "granted",
      accountId: ACCOUNT.accountId,
      host,
    });
    expect(await row()).toMatchObject({
      access: "long_lived",
      state: "connected",
      secret_id: null,
      access_expires_at: noonPlus(30 * DAY_MS),
    });
  });

  test("follows an account that moved, until the settings name another host", async () => {
    await store.noteLongLived(longLived({ host: "https://old.amocrm.ru" }));
    await sql`update amocrm.accounts set host = 'https://new.amocrm.ru'`;
    const hostFor = async (host: string) => await store.noteLongLived(longLived({ host }));
    expect(await hostFor("https://old.amocrm.ru")).toMatchObject({ host: "https://new.amocrm.ru" });
    expect(await hostFor("https://third.amocrm.ru")).toMatchObject({ host: "https://third.amocrm.ru" });
  });

  test("leaves a connection by OAuth alone, which is renewed when it is needed again", async () => {
    await store.connect(pair("a"), ACCOUNT);
    await store.noteLongLived(longLived());
    expect(await store.read()).toMatchObject({ state: "connected", accessToken: null, expiresInMs: 0 });
    const { claim: mine, refreshToken } = await claim(1);
    expect(refreshToken).toBe("refresh-a");
    await store.store(mine, 1, pair("b"), null);
    expect(await store.read()).toMatchObject({ accessToken: "access-b", expiresInMs: DAY_MS });
  });
});
