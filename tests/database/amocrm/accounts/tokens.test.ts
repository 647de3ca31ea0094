import { beforeEach, expect, test } from "vitest";
import { openConnection, pair, REVOKED } from "../../support/connection.ts";
import { useDatabase } from "../../support/database.ts";
import { openSecondAccount, SECOND, workFor } from "../../support/two-accounts.ts";

const database = await useDatabase();
const { sql } = database;
const first = await openConnection(database);
const second = await openConnection(database);
await workFor(SECOND, second.service);

beforeEach(async () => {
  await openSecondAccount(database);
  for (const connection of [first, second]) await connection.at(0);
  for (const [connection, name] of [
    [first, "ours"],
    [second, "theirs"],
  ] as const) {
    const tokens = JSON.stringify({
      access_token: pair(name).accessToken,
      refresh_token: pair(name).refreshToken,
    });
    await connection.service`select amocrm_tokens_connect('ref.supabase.co', ${tokens}::text::jsonb, 86400,
      ${`https://${name}.amocrm.ru`}, ${name === "ours" ? 55 : 56}, ${name})`;
  }
});

const tokens = async () => Promise.all([first, second].map(async ({ store }) => (await store.read()).state));
const accounts = () =>
  sql`select queue, account_id, host, version, state from amocrm.accounts order by queue`;

test("each account has its own pair, host and version", async () => {
  expect(await accounts()).toEqual([
    { queue: "amocrm", account_id: 55, host: "https://ours.amocrm.ru", version: 1, state: "connected" },
    { queue: SECOND, account_id: 56, host: "https://theirs.amocrm.ru", version: 1, state: "connected" },
  ]);
  expect(await first.store.read()).toMatchObject({ accessToken: "access-ours" });
  expect(await second.store.read()).toMatchObject({ accessToken: "access-theirs" });
});

test("a refresh of one is no refresh of the other, though version and claim are equal", async () => {
  const ours = await first.claim(1);
  const theirs = await second.claim(1);
  expect([ours.refreshToken, theirs.refreshToken]).toEqual(["refresh-ours", "refresh-theirs"]);
  await second.store.store(theirs.claim, 1, pair("new"), null);
  expect(await second.store.read()).toMatchObject({ accessToken: "access-new" });
  expect(await first.store.read()).toMatchObject({ accessToken: "access-ours", state: "refreshing" });
});

test("a connection that ends stops its own account only", async () => {
  await second.store.fail((await second.claim(1)).claim, 1, REVOKED);
  expect(await tokens()).toEqual(["connected", "reauth_required"]);
  expect(await sql`select queue from amocrm.queue_control where breaker_code is not null`).toEqual([
    { queue: SECOND },
  ]);
});

test("an account that is disconnected, moved or proven leaves the other's pair and facts", async () => {
  await second.service`select amocrm_account_moved('https://theirs.amocrm.ru', 'https://moved.amocrm.ru')`;
  expect((await accounts()).map(({ host }) => host)).toEqual([
    "https://ours.amocrm.ru",
    "https://moved.amocrm.ru",
  ]);
  await second.service`select amocrm_tokens_disconnect()`;
  expect(await tokens()).toEqual(["connected", "absent"]);
  expect(await first.store.read()).toMatchObject({ accessToken: "access-ours" });
  // Vault has one name for each.
  expect(await sql`select name from vault.secrets where name like 'amocrm_token_pair%'`).toEqual([
    { name: "amocrm_token_pair" },
  ]);
});
