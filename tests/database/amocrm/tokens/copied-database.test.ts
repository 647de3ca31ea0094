import { afterEach, beforeEach, expect, test } from "vitest";
import { createTokenStore } from "#shared/amocrm/tokens/store.ts";
import { openDatabase, type TestDatabase } from "../../support/database.ts";
import { insertLeads, messages } from "../../support/leads.ts";
import { openMailDrainer } from "../../support/mail-drainer.ts";
import { type Deployment, importOf, longLivedOf, openReal, PROJECT } from "../../support/real-tokens.ts";
import { openRpc } from "../../support/rpc.ts";
import { MIGRATED_TEMPLATE } from "../../support/server.ts";
import { configureVault } from "../../support/vault.ts";

// A database that has delivered one lead, with a second one waiting, and what becomes of it in a copy of the files.
const HOUR = 3_600_000;
let original: TestDatabase;
let copy: TestDatabase;
let deployment: Deployment;
let before: Awaited<ReturnType<typeof openReal>>;

async function deliverAndCopy(variablesOf: typeof longLivedOf): Promise<void> {
  original = await openDatabase(MIGRATED_TEMPLATE);
  const { sql } = original;
  deployment = { project: PROJECT, variables: {} };
  before = await openReal(original, deployment);
  deployment.variables = variablesOf(before.simulator);
  await configureVault(sql);
  await sql`insert into amocrm_routes (source) values ('*')`;
  await sql`update amocrm.installation set installed_at = '2031-05-05T00:00:00Z'`;
  await insertLeads(sql, [{ full_name: "Ann", email: "ann@example.com" }]);
  await before.drain();
  expect(await messages(sql)).toMatchObject([{ state: "delivered" }]);
  await insertLeads(sql, [{ full_name: "Ann", email: "ann@example.com" }]);
  await original.close();
  copy = await openDatabase(original.name);
}

beforeEach(() => deliverAndCopy(longLivedOf));
afterEach(async () => {
  await copy.drop();
  await original.drop();
});

const breaker = async () =>
  (
    await copy.sql`select breaker_code, paused_at is not null as is_paused from amocrm.queue_control where queue = 'amocrm'`
  )[0];
const waits = async () =>
  expect((await messages(copy.sql)).at(-1)).toMatchObject({ state: "pending", attempt_count: 0 });

test.each([
  ["restored under its own project", PROJECT, "restored_database"],
  ["copied into a staging project", "staging.supabase.co", "foreign_project"],
])("%s, with the very same token, it sends nothing until a person says so", async (_case, project, code) => {
  deployment.project = project;
  const account = await openReal(copy, deployment);
  deployment.variables = longLivedOf(account.simulator);
  await account.drainAfter(HOUR);
  await account.drainAfter(HOUR);
  expect(account.requests()).toEqual([]);
  await waits();
  expect(await breaker()).toMatchObject({ breaker_code: code });
  const [told] = await copy.sql`select amocrm.breaker_remedy(${code}) as remedy`;
  expect(told?.["remedy"]).toContain("setup --switch");

  // The same account: what is known of it is true here as well, so nothing is forgotten and nothing paused.
  expect(await account.switch()).toEqual({ isOther: false, previousId: 5_550_001 });
  expect(await breaker()).toEqual({ breaker_code: null, is_paused: false });
  expect(await copy.sql`select from amocrm.links`).not.toHaveLength(0);
  // The simulated account is a new one, without the contact that is known here: it is looked for twice.
  await account.drainAfter(HOUR);
  await account.drainAfter(HOUR);
  expect((await messages(copy.sql)).at(-1)).toMatchObject({ state: "delivered" });
});

test("the original goes on as before, whatever its copy does", async () => {
  const account = await openReal(copy, deployment);
  await account.drainAfter(HOUR);
  await copy.close();
  copy = await openDatabase(MIGRATED_TEMPLATE);
  const { sql } = original;
  expect(sql).toBeDefined();
  const reopened = original.connect();
  const [row] = await reopened`select amocrm.stranger(${PROJECT}) as stranger`;
  expect(row).toEqual({ stranger: null });
});

test("a connection by OAuth is neither used nor renewed there, and no other is taken over", async () => {
  await copy.drop();
  await original.drop();
  await deliverAndCopy(importOf);
  const account = await openReal(copy, deployment);
  deployment.variables = importOf(account.simulator);
  await account.drainAfter(HOUR);
  expect(account.requests()).toEqual([]);
  await waits();
  expect(await breaker()).toMatchObject({ breaker_code: "restored_database" });
  const store = createTokenStore(await openRpc(copy.connect()), PROJECT);
  expect(await store.read()).toMatchObject({ state: "restored" });
  expect(await store.claim(2)).toMatchObject({ outcome: "unusable" });
  // A consent is a person's word.
  const { accountId, host, subdomain } = {
    accountId: 5_550_001,
    host: "https://sim.amocrm.ru",
    subdomain: "sim",
  };
  await store.connect(
    { accessToken: "a", refreshToken: "b", expiresInSeconds: 86_400 },
    { host, accountId, subdomain },
  );
  expect(await store.read()).toMatchObject({ state: "connected" });
  expect(await breaker()).toMatchObject({ breaker_code: null });
});

test("no mail leaves a copy either, and a restored one goes on with mail once somebody has said so", async () => {
  const student = openMailDrainer(copy, undefined, PROJECT);
  expect(await student.begin()).toBe("breaker_open");
  const [control] = await copy.sql`select breaker_code from amocrm.queue_control where queue = 'message'`;
  expect(control).toEqual({ breaker_code: "restored_database" });
  await copy.sql`select amocrm_move_in(${PROJECT})`;
  expect(await student.begin()).toBe("granted");
  expect(await openMailDrainer(copy, undefined, "staging.supabase.co").begin()).toBe("breaker_open");
});
