import { beforeEach, describe, expect, test } from "vitest";
import { createTokenStore } from "#shared/amocrm/tokens/store.ts";
import { DAY_MS, HOUR_MS, SECOND_MS } from "../../support/clock.ts";
import { ACCOUNT, LOST, openConnection, pair, REVOKED } from "../../support/connection.ts";
import { useDatabase } from "../../support/database.ts";

const database = await useDatabase();
const { sql } = database;
const { store, rpc, service, superuser, at, claim, breakerCode, openAlerts } = await openConnection(database);

beforeEach(() => at(0));

const row = async () => (await sql`select * from amocrm.accounts`)[0] ?? {};

describe("a connection", () => {
  test("is read with its access token and never with its refresh token", async () => {
    expect(await store.connect(pair("a"), ACCOUNT)).toBe(1);
    expect(await store.read()).toEqual({
      state: "connected",
      host: ACCOUNT.host,
      accountId: 55,
      isProven: true,
      version: 1,
      accessToken: "access-a",
      expiresInMs: DAY_MS,
      isDue: false,
    });
    expect(JSON.stringify(await rpc("amocrm_tokens_read", { p_project: "ref.supabase.co" }))).not.toContain(
      "refresh-a",
    );
  });

  test("is encrypted: the tokens stand in no table in plain text", async () => {
    await store.connect(pair("a"), ACCOUNT);
    const dump = JSON.stringify([await row(), await superuser`select * from vault.secrets`]);
    expect(dump).not.toMatch(/access-a|refresh-a/);
  });

  test("is absent before the first consent and after disconnecting, and Vault keeps nothing", async () => {
    expect(await store.read()).toEqual({ state: "absent", host: null });
    await store.connect(pair("a"), ACCOUNT);
    expect(await store.disconnect()).toBe(true);
    expect(await store.read()).toEqual({ state: "absent", host: null });
    expect(await superuser`select from vault.secrets`).toHaveLength(0);
    expect(await store.disconnect()).toBe(false);
  });

  test("of another project is not used: the first refresh there would end it here", async () => {
    await store.connect(pair("a"), ACCOUNT);
    const copy = createTokenStore(rpc, "copy.supabase.co");
    expect(await copy.read()).toMatchObject({ state: "foreign", project: "ref.supabase.co" });
    expect(await copy.claim(1)).toMatchObject({ outcome: "unusable", tokens: { state: "foreign" } });
    expect(await copy.connect(pair("b"), ACCOUNT)).toBe(2);
    expect(await copy.read()).toMatchObject({ state: "connected", accessToken: "access-b" });
  });

  test.each([
    ["is gone", () => superuser`delete from vault.secrets`],
    // What Vault decrypts under another root key is another text, or an error.
    [
      "gives another text",
      () => superuser`select vault.update_secret(id, '{"refresh_token": "other"}') from vault.secrets`,
    ],
    [
      "raises",
      () => superuser`update vault.secrets set secret = encode('no multiple of a block'::bytea, 'base64')`,
    ],
  ])("whose Vault secret %s is named unreadable, and a new consent mends it", async (_case, spoil) => {
    await store.connect(pair("a"), ACCOUNT);
    await spoil();
    expect(await store.read()).toMatchObject({ state: "unreadable" });
    expect(await store.claim(1)).toMatchObject({ outcome: "unusable" });
    await store.connect(pair("b"), ACCOUNT);
    expect(await store.read()).toMatchObject({ state: "connected", accessToken: "access-b" });
  });

  test("refuses a pair without a refresh token, and does not quote it", async () => {
    const broken = { ...pair("a"), refreshToken: "" };
    await expect(store.connect(broken, ACCOUNT)).rejects.toThrow(/22023 the pair has no refresh_token$/);
  });
});

describe("a refresh", () => {
  beforeEach(async () => {
    await store.connect(pair("a"), ACCOUNT);
  });

  test("is claimed by one at a time, with the refresh token, and the others are told until when", async () => {
    expect(await store.claim(1)).toEqual({
      outcome: "claimed",
      claim: 1,
      version: 1,
      host: ACCOUNT.host,
      refreshToken: "refresh-a",
    });
    await at(20 * SECOND_MS);
    expect(await store.claim(1)).toEqual({ outcome: "busy", waitMs: 40_000 });
    // Meanwhile the old token goes on being used.
    expect(await store.read()).toMatchObject({ state: "refreshing", accessToken: "access-a" });
  });

  test("stores its pair as the next version, and whoever comes with the old one gets it", async () => {
    const { claim: mine } = await claim(1);
    expect(await store.store(mine, 1, pair("b"), null)).toBe("stored");
    expect(await store.claim(1)).toMatchObject({
      outcome: "moved_on",
      tokens: { state: "connected", version: 2, accessToken: "access-b" },
    });
  });

  test("may be begun by another when the lease is over, and the late winner of strict rotation still stores", async () => {
    const late = await claim(1);
    await at(61 * SECOND_MS);
    const next = await claim(1);
    expect(await store.fail(next.claim, 1, REVOKED)).toBe("reauth_required");
    expect([await breakerCode(), await openAlerts()]).toMatchObject([
      "reauth_required",
      [{ severity: "critical" }],
    ]);
    // The first one had the answer all the time: its pair is the only one alive.
    expect(await store.store(late.claim, 1, pair("b"), null)).toBe("stored");
    expect(await store.read()).toMatchObject({ state: "connected", accessToken: "access-b" });
    expect([await breakerCode(), await openAlerts()]).toEqual([null, []]);
  });

  test("of which two were answered, as grace allows, keeps the pair of the later claim in either order", async () => {
    const first = await claim(1);
    await at(61 * SECOND_MS);
    const second = await claim(1);
    expect(await store.store(first.claim, 1, pair("dead"), null)).toBe("stored");
    expect(await store.store(second.claim, 1, pair("alive"), null)).toBe("stored");
    expect(await store.store(first.claim, 1, pair("dead"), null)).toBe("moved_on");
    expect(await store.read()).toMatchObject({ accessToken: "access-alive" });
  });

  test("that is stored twice, because the first answer of the database was lost, is stored once", async () => {
    const { claim: mine } = await claim(1);
    await store.store(mine, 1, pair("b"), null);
    expect(await store.store(mine, 1, pair("b"), null)).toBe("moved_on");
    expect(await store.read()).toMatchObject({ version: 2, accessToken: "access-b" });
  });

  test("never replaces the pair of a new consent", async () => {
    const { claim: mine } = await claim(1);
    await store.connect(pair("consent"), ACCOUNT);
    expect(await store.store(mine, 1, pair("late"), null)).toBe("moved_on");
    expect(await store.fail(mine, 1, REVOKED)).toBe("moved_on");
    expect(await store.read()).toMatchObject({ state: "connected", accessToken: "access-consent" });
  });

  test("that is refused while a later one is under way waits for that one", async () => {
    const first = await claim(1);
    await at(61 * SECOND_MS);
    await claim(1);
    expect(await store.fail(first.claim, 1, REVOKED)).toBe("busy");
    expect(await store.read()).toMatchObject({ state: "refreshing" });
  });

  test("that fails otherwise is tried again later and later, by whoever comes", async () => {
    const waits: number[] = [];
    for (let now = 0, count = 0; count < 6; count++) {
      const { claim: mine } = await claim(1);
      expect(await store.fail(mine, 1, LOST)).toBe("released");
      const answer = await store.claim(1);
      if (answer.outcome !== "not_yet") throw new Error(answer.outcome);
      expect(answer.code).toBe("timeout");
      waits.push(answer.waitMs / SECOND_MS);
      now += answer.waitMs;
      await at(now);
    }
    expect(waits).toEqual([30, 60, 120, 240, 300, 300]);
    expect(await breakerCode()).toBeNull();
  });

  test("that is refused for good is not begun again, until somebody connects", async () => {
    const { claim: mine } = await claim(1);
    await store.fail(mine, 1, REVOKED);
    await at(DAY_MS);
    expect(await store.claim(1)).toMatchObject({
      outcome: "unusable",
      tokens: { state: "reauth_required", lastErrorCode: "token_revoked" },
    });
    expect(await openAlerts()).toEqual([
      { code: "reauth_required", severity: "critical", detail: "connect again" },
    ]);
    await store.connect(pair("b"), ACCOUNT);
    expect([await breakerCode(), await openAlerts()]).toEqual([null, []]);
  });

  test("goes past a pause, but not more than once an hour", async () => {
    await sql`select amocrm_pause('moving')`;
    const { claim: mine } = await claim(1);
    await store.store(mine, 1, pair("b"), null);
    expect(await store.claim(2)).toMatchObject({ outcome: "not_yet", waitMs: HOUR_MS });
    const [slot] = await service<
      { slot: { granted: boolean } }[]
    >`select amocrm_reserve_token_slot(null, 1000) as slot`;
    expect(slot?.slot.granted).toBe(true);
    await at(HOUR_MS);
    expect(await store.claim(2)).toMatchObject({ outcome: "claimed" });
  });

  test("waits for no hour any more once sending goes on: the pair of the stop may have ended", async () => {
    await sql`select amocrm_pause('moving')`;
    const { claim: mine } = await claim(1);
    await store.store(mine, 1, pair("b"), null);
    await sql`select amocrm_resume()`;
    expect(await store.claim(2)).toMatchObject({ outcome: "claimed" });
  });
});
