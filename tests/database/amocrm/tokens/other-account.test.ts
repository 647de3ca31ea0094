import { beforeEach, describe, expect, test } from "vitest";
import { createTokenStore } from "#shared/amocrm/tokens/store.ts";
import { pair } from "../../support/connection.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, messages } from "../../support/leads.ts";
import {
  BASE_URL,
  type Deployment,
  importOf,
  longLivedOf,
  openReal,
  PROJECT,
  STRANGERS_ID,
} from "../../support/real-tokens.ts";
import { openRpc } from "../../support/rpc.ts";
import { configureVault } from "../../support/vault.ts";

const database = await useDatabase();
const { sql } = database;
const HOUR = 3_600_000;

let deployment: Deployment;
let own: Awaited<ReturnType<typeof openReal>>;

/** Ann's first lead is delivered to our own account; then she leaves a second one. */
beforeEach(async () => {
  deployment = { project: PROJECT, variables: {} };
  own = await openReal(database, deployment);
  await configureVault(sql);
  await sql`insert into amocrm_routes (source) values ('*')`;
});

async function deliverFirst(): Promise<void> {
  await insertLeads(sql, [{ full_name: "Ann", email: "ann@example.com" }]);
  await own.drain();
  expect(await messages(sql)).toMatchObject([{ state: "delivered" }]);
  await insertLeads(sql, [{ full_name: "Ann", email: "ann@example.com", metadata: { remark: "private" } }]);
}

const stranger = (format?: "jwt" | "opaque") =>
  openReal(database, deployment, { id: STRANGERS_ID, ...(format === undefined ? {} : { format }) });
const second = async () => (await messages(sql)).at(-1);
const breaker = async () =>
  (
    await sql`select breaker_code, paused_at is not null as is_paused from amocrm.queue_control where queue = 'amocrm'`
  )[0];

/** What came to amoCRM besides the questions for tokens and whose they are. */
const written = (account: typeof own) =>
  account.requests().filter((line) => !/oauth2|GET \/api\/v4\/account$/.test(line));

async function expectRefused(other: typeof own): Promise<void> {
  expect(written(other)).toEqual([]);
  expect(await second()).toMatchObject({ state: "pending", attempt_count: 0 });
  expect(await breaker()).toMatchObject({ breaker_code: "other_account" });
  const [told] = await sql`select amocrm.breaker_remedy(breaker_code) as remedy from amocrm_health`;
  expect(told?.["remedy"]).toContain("--switch");
  expect(await sql`select account_id from amocrm.accounts`).toEqual([{ account_id: 5_550_001 }]);
}

describe("a token of another account is refused", () => {
  test.each(["jwt", "opaque"] as const)(
    "that lasts for years, %s, until the right one is back",
    async (format) => {
      deployment.variables = longLivedOf(own.simulator);
      await deliverFirst();
      const other = await stranger(format);
      deployment.variables = longLivedOf(other.simulator);
      await other.drainAfter(HOUR);
      await expectRefused(other);
      // However often it is tried, amoCRM is asked once whose an opaque token is.
      await other.drainAfter(HOUR);
      await other.drainAfter(HOUR);
      await expectRefused(other);
      expect(other.requests()).toEqual(format === "jwt" ? [] : ["GET /api/v4/account"]);

      deployment.variables = longLivedOf(own.simulator);
      await own.drainAfter(5 * HOUR);
      expect(await second()).toMatchObject({ state: "delivered" });
      expect(await breaker()).toMatchObject({ breaker_code: null });
    },
  );

  test("that does not tell whose it is, also at first; the account is then known, and asked once", async () => {
    const opaque = await openReal(database, deployment, { format: "opaque" });
    deployment.variables = longLivedOf(opaque.simulator);
    await insertLeads(sql, [{ full_name: "Ann", email: "ann@example.com" }]);
    await opaque.drain();
    await insertLeads(sql, [{ full_name: "Ann", email: "ann@example.com" }]);
    await opaque.drainAfter(HOUR);
    expect(opaque.requests().filter((line) => line === "GET /api/v4/account")).toHaveLength(1);
    expect(await sql`select account_id from amocrm.accounts`).toEqual([{ account_id: 5_550_001 }]);
  });

  test("when amoCRM does not say whose an opaque one is, nothing is written with it", async () => {
    deployment.variables = longLivedOf(own.simulator);
    await deliverFirst();
    const other = await stranger("opaque");
    other.simulator.control.addFaults({ kind: "status", status: 503, path: "/api/v4/account" });
    deployment.variables = longLivedOf(other.simulator);
    await other.drainAfter(HOUR);
    expect(written(other)).toEqual([]);
    expect(await second()).toMatchObject({ state: "pending", attempt_count: 0 });
  });

  test.each(["jwt", "opaque"] as const)("that is imported as AMOCRM_REFRESH_TOKEN, %s", async (format) => {
    deployment.variables = importOf(own.simulator);
    await deliverFirst();
    // Its own connection has ended, else nothing would be taken over.
    await sql`update amocrm.accounts set state = 'reauth_required'`;
    const other = await stranger(format);
    deployment.variables = importOf(other.simulator);
    await other.drainAfter(HOUR);
    await expectRefused(other);
    await other.drainAfter(HOUR);
    await expectRefused(other);
    expect(await sql`select severity from amocrm_alerts where code = 'reauth_required'`).toMatchObject([
      { severity: "critical" },
    ]);
  });

  test("that is opaque and imported into a new project is asked about before it is used", async () => {
    const opaque = await openReal(database, deployment, { format: "opaque" });
    deployment.variables = importOf(opaque.simulator);
    await insertLeads(sql, [{ full_name: "Ann", email: "ann@example.com" }]);
    await opaque.drain();
    expect(opaque.requests().slice(0, 2)).toEqual(["POST /oauth2/access_token", "GET /api/v4/account"]);
    expect(await sql`select account_id, is_account_proven from amocrm.accounts`).toEqual([
      { account_id: 5_550_001, is_account_proven: true },
    ]);
    expect(await second()).toMatchObject({ state: "delivered" });
  });

  test("that comes by a consent without the account being left first", async () => {
    deployment.variables = longLivedOf(own.simulator);
    await deliverFirst();
    const store = createTokenStore(await openRpc(database.connect({ user: "postgres" })), PROJECT);
    await expect(
      store.connect(pair("b"), { host: BASE_URL, accountId: STRANGERS_ID, subdomain: "b" }),
    ).rejects.toThrow(/55000 account 5550001 is connected/);
    expect(await sql`select account_id, access from amocrm.accounts`).toEqual([
      { account_id: 5_550_001, access: "long_lived" },
    ]);
  });
});

describe("setup --switch", () => {
  test("leaves the account of before: its ids are forgotten, sending is paused, and goes to the new one on resume", async () => {
    deployment.variables = longLivedOf(own.simulator);
    await deliverFirst();
    const other = await stranger();
    deployment.variables = longLivedOf(other.simulator);
    await other.drainAfter(HOUR);
    expect(await other.switch()).toEqual({ isOther: true, previousId: 5_550_001 });
    expect(await breaker()).toEqual({ breaker_code: null, is_paused: true });
    expect(await sql`select from amocrm.links`).toHaveLength(0);
    await other.drainAfter(HOUR);
    expect(written(other)).toEqual([]);
    await sql`select amocrm_resume()`;
    await other.drainAfter(HOUR);
    expect(await second()).toMatchObject({ state: "delivered" });
    expect(other.simulator.state.contacts()).toHaveLength(1);
  });

  test("to the same account keeps what is known of it, and does not pause", async () => {
    deployment.variables = longLivedOf(own.simulator);
    await deliverFirst();
    expect(await own.switch()).toEqual({ isOther: false, previousId: 5_550_001 });
    expect(await breaker()).toEqual({ breaker_code: null, is_paused: false });
    await own.drainAfter(HOUR);
    expect(own.simulator.state.contacts()).toHaveLength(1);
    expect(own.simulator.state.deals()).toHaveLength(1);
  });
});

test("who disconnects leaves no id behind that another account could be taken for", async () => {
  deployment.variables = longLivedOf(own.simulator);
  await deliverFirst();
  const store = createTokenStore(await openRpc(database.connect({ user: "postgres" })), PROJECT);
  expect(await store.disconnect()).toBe(true);
  expect(await sql`select from amocrm.links`).toHaveLength(0);
  expect(await breaker()).toMatchObject({ is_paused: true });
});
