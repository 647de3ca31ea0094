import { beforeEach, describe, expect, test } from "vitest";
import { NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { openDrainer } from "../support/drainer.ts";
import { insertLeads, strangers } from "../support/leads.ts";
import { configureVault, FUNCTIONS_URL, queuedPosts } from "../support/vault.ts";

const database = await useDatabase();
const { sql } = database;

beforeEach(() => setTestClock(NOON, sql));

/** A drainer that lives in the test's hour. */
async function openNoonDrainer() {
  const drainer = openDrainer(database);
  await setTestClock(NOON, drainer.sql);
  return drainer;
}

describe("the doorbell", () => {
  test("calls amocrm-drain once for a bulk insert, with the key from Vault", async () => {
    await configureVault(sql);
    await insertLeads(sql, strangers(500));
    expect(await queuedPosts(sql)).toMatchObject([
      { url: `${FUNCTIONS_URL}/amocrm-drain`, headers: { apikey: "sb_secret_test" } },
    ]);
  });

  test("does not call again while a call is queued", async () => {
    await configureVault(sql);
    for (const lead of strangers(3)) await insertLeads(sql, [lead]);
    expect(await queuedPosts(sql)).toHaveLength(1);
  });

  test("does not call when the insert is rolled back", async () => {
    await configureVault(sql);
    const session = database.connect();
    await session.unsafe("begin");
    await insertLeads(session, strangers(1));
    await session.unsafe("rollback");
    expect(await queuedPosts(sql)).toEqual([]);
  });

  test("is silent while a drain lease is alive, and rings when it has expired", async () => {
    await configureVault(sql);
    await (await openNoonDrainer()).begin();
    await insertLeads(sql, strangers(1));
    expect(await queuedPosts(sql)).toEqual([]);
    await setTestClock(noonPlus(15_000), sql);
    await insertLeads(sql, strangers(1));
    expect(await queuedPosts(sql)).toHaveLength(1);
  });

  test("is silent while the breaker waits, and rings when a probe is due", async () => {
    await configureVault(sql);
    await sql`select amocrm.open_breaker('amocrm', 'blocked', 'amoCRM answered 403', 60, 300)`;
    await insertLeads(sql, strangers(1));
    expect(await queuedPosts(sql)).toEqual([]);
    await setTestClock(noonPlus(60_000), sql);
    await insertLeads(sql, strangers(1));
    expect(await queuedPosts(sql)).toHaveLength(1);
  });

  test("is silent while sending is paused, and rings at amocrm_resume", async () => {
    await configureVault(sql);
    await sql`select amocrm_pause('moving')`;
    await insertLeads(sql, strangers(1));
    expect(await queuedPosts(sql)).toEqual([]);
    await sql`select amocrm_resume()`;
    expect(await queuedPosts(sql)).toHaveLength(1);
  });

  test("is silent without URL or key, and the lead is saved", async () => {
    await insertLeads(sql, strangers(1));
    await sql`select vault.create_secret(${FUNCTIONS_URL}, 'amocrm_functions_url')`;
    await insertLeads(sql, strangers(1));
    expect(await queuedPosts(sql)).toEqual([]);
    expect(await sql`select from unified_lead_tracking`).toHaveLength(2);
  });

  test("takes a URL that ends with a slash", async () => {
    await sql`select vault.create_secret(${`${FUNCTIONS_URL}/`}, 'amocrm_functions_url')`;
    await sql`select vault.create_secret('k', 'amocrm_cron_key')`;
    await insertLeads(sql, strangers(1));
    expect((await queuedPosts(sql))[0]?.url).toBe(`${FUNCTIONS_URL}/amocrm-drain`);
  });

  test("is silent for our own write-back", async () => {
    await insertLeads(sql, strangers(1));
    await configureVault(sql);
    await sql`update unified_lead_tracking set amocrm_contact_id = 1`;
    expect(await queuedPosts(sql)).toEqual([]);
  });
});

describe("a drain at its end", () => {
  test("rings for what was inserted while it lived", async () => {
    await configureVault(sql);
    const drainer = await openNoonDrainer();
    await drainer.begin();
    expect(await drainer.claim()).toEqual([]);
    await insertLeads(sql, strangers(1));
    expect(await drainer.end()).toBe(true);
    expect(await queuedPosts(sql)).toHaveLength(1);
  });

  test("does not ring when nothing is due", async () => {
    await configureVault(sql);
    const drainer = await openNoonDrainer();
    await drainer.begin();
    expect(await drainer.end()).toBe(false);
    expect(await queuedPosts(sql)).toEqual([]);
  });
});
