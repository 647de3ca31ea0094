import { beforeEach, describe, expect, test } from "vitest";
import { createTokenStore } from "#shared/amocrm/tokens/store.ts";
import { DAY_MS, HOUR_MS, noonPlus, setTestClock } from "../support/clock.ts";
import { longLived } from "../support/connection.ts";
import { useDatabase } from "../support/database.ts";
import { openRpc } from "../support/rpc.ts";
import { configureVault } from "../support/vault.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });
const store = createTokenStore(await openRpc(sql), "ref.supabase.co");

const ACCOUNT = { host: "https://company.amocrm.ru", accountId: 55, subdomain: "company" };
const PAIR = { accessToken: "access-a", refreshToken: "refresh-a", expiresInSeconds: 86_400 };

/** All is well at noon, and the tick ran a moment ago. */
async function standAt(ms: number): Promise<void> {
  await setTestClock(noonPlus(ms), sql);
  await superuser`insert into cron.job_run_details (jobid, username, start_time, end_time)
    select jobid, username, ${noonPlus(ms)}, ${noonPlus(ms)} from cron.job where jobname = 'amocrm-tick'`;
}
beforeEach(async () => {
  await configureVault(sql);
  await standAt(0);
  await sql`select amocrm_heartbeat('amocrm-drain', 'ok', '{}', null)`;
});
const health = async () => (await sql`select * from amocrm_health`)[0] ?? {};

async function failRefresh(code: string, isFinal: boolean): Promise<void> {
  const claim = await store.claim(1);
  if (claim.outcome !== "claimed") throw new Error(`not claimed: ${claim.outcome}`);
  await store.fail(claim.claim, 1, { code, message: `because of ${code}`, isFinal, waitMs: 0 });
}

describe("amocrm_health", () => {
  test("counts down to the end of both tokens", async () => {
    expect(await health()).toMatchObject({ verdict: "ok", token_state: null, token_expires_at: null });
    await store.connect(PAIR, ACCOUNT);
    expect(await health()).toMatchObject({
      verdict: "ok",
      token_state: "connected",
      token_expires_at: noonPlus(DAY_MS),
      refresh_expires_at: new Date("2031-08-05T12:00:00.000Z"),
    });
  });

  test("tells for how much of the last 30 days the connection could be used", async () => {
    const uptime = async () => Number((await health())["token_uptime"] ?? Number.NaN);
    const incident = (code: string, from: number, to: number | null, detail = "(unauthorized): 401") =>
      sql`insert into amocrm_alerts (code, severity, detail, first_seen_at, last_seen_at, resolved_at)
        values (${code}, 'critical', ${detail}, ${noonPlus(from * DAY_MS)}, ${noonPlus(from * DAY_MS)}, ${to === null ? null : noonPlus(to * DAY_MS)})`;
    await sql`update amocrm.installation set installed_at = ${noonPlus(-10 * DAY_MS)}`;
    await incident("token_unusable", -9, -8);
    expect(await uptime()).toBeNaN();
    await store.connect(PAIR, ACCOUNT);
    expect(await uptime()).toBe(0.9);
    await incident("breaker_open", -8.5, -7);
    expect(await uptime()).toBe(0.8);
    // The clock was set back in between.
    await incident("breaker_open", -3, -3.5);
    expect(await uptime()).toBe(0.8);
    await incident("breaker_open", -7, -6, "Sending has stopped (unpaid): 402");
    await incident("pull_failing", -5, null);
    expect(await uptime()).toBe(0.8);
    await incident("reauth_required", -1, null);
    expect(await uptime()).toBe(0.7);
    await sql`update amocrm.installation set installed_at = ${noonPlus(-90 * DAY_MS)}`;
    expect(await uptime()).toBe(0.9);
    await standAt(25 * DAY_MS);
    // What began before the 30 days counts as far as it reaches into them; what is open still goes on.
    expect(await uptime()).toBeCloseTo(1 - 26 / 30, 3);
  });

  test("says blocked, and how to connect, when amoCRM has ended the connection", async () => {
    await store.connect(PAIR, ACCOUNT);
    await failRefresh("token_revoked", true);
    expect(await health()).toMatchObject({
      verdict: "blocked",
      problem: "amoCRM has ended the connection: token_revoked",
      remedy: "npm run amocrm -- connect",
      token_state: "reauth_required",
    });
  });

  test("says blocked when Vault cannot give back the pair", async () => {
    await store.connect(PAIR, ACCOUNT);
    await superuser`delete from vault.secrets where name = 'amocrm_token_pair'`;
    expect(await health()).toMatchObject({
      verdict: "blocked",
      problem: expect.stringContaining("Vault cannot give back the tokens"),
      remedy: "npm run amocrm -- connect",
    });
  });

  test("can still be read when Vault can decrypt nothing, as after a restore, and setup mends it", async () => {
    await superuser`update vault.secrets set secret = encode('no multiple of a block'::bytea, 'base64')`;
    expect(await health()).toMatchObject({
      verdict: "unconfigured",
      problem: expect.stringMatching(/^Vault cannot decrypt the secret amocrm_functions_url/),
      remedy: "npm run amocrm -- setup",
    });
    await sql`select amocrm_set_vault('https://ref.supabase.co/functions/v1', 'sb_secret_new')`;
    expect(await health()).toMatchObject({ verdict: "ok" });
  });

  test("says attention after three refreshes that failed, with the remedy for their reason", async () => {
    await store.connect(PAIR, ACCOUNT);
    for (const hour of [1, 2]) {
      await standAt(hour * HOUR_MS);
      await failRefresh("client_refused", false);
    }
    expect(await health()).toMatchObject({ verdict: "ok" });
    await standAt(3 * HOUR_MS);
    await failRefresh("client_refused", false);
    expect(await health()).toMatchObject({
      verdict: "attention",
      problem: "The token of amoCRM could not be renewed 3 times, the last time: client_refused",
      remedy: expect.stringContaining("AMOCRM_CLIENT_SECRET"),
    });
  });

  test("says attention when the function that renews the token does not answer", async () => {
    await store.connect(PAIR, ACCOUNT);
    await superuser`insert into amocrm.heartbeats (component, unanswered_post_count) values ('amocrm-oauth', 3)`;
    expect(await health()).toMatchObject({
      verdict: "attention",
      remedy: "Deploy the function amocrm-oauth",
    });
  });

  test.each([
    [15, "ok", null],
    [14, "attention", /^AMOCRM_ACCESS_TOKEN ends at 2031-05-19/],
    [0, "blocked", /^AMOCRM_ACCESS_TOKEN ended at 2031-05-05/],
  ])("says, %i days before a long-lived token ends, %s", async (days, verdict, problem) => {
    await store.noteLongLived(longLived({ expiresAt: noonPlus(days * DAY_MS).toISOString() }));
    expect(await health()).toMatchObject({
      verdict,
      problem: problem === null ? null : expect.stringMatching(problem),
    });
  });

  test("says nothing of a long-lived token that does not tell its end", async () => {
    await store.noteLongLived(longLived());
    expect(await health()).toMatchObject({ verdict: "ok", token_state: "connected", token_expires_at: null });
  });

  test("says attention when the refresh token ages, although it should be renewed each week", async () => {
    await store.connect(PAIR, ACCOUNT);
    await standAt(80 * DAY_MS);
    expect(await health()).toMatchObject({
      verdict: "attention",
      problem: expect.stringMatching(/^The connection to amoCRM ends at 2031-08-05/),
    });
  });

  test("points to connecting when a drain found no connection", async () => {
    await sql`select amocrm_report_fault('token_unavailable', 'not_connected', 'amoCRM is not connected', null, 'send', '{1}', false)`;
    expect(await health()).toMatchObject({ verdict: "blocked", remedy: "npm run amocrm -- connect" });
  });
});
