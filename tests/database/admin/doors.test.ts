import { beforeEach, describe, expect, test } from "vitest";
import { useDatabase } from "../support/database.ts";

const database = await useDatabase();
const { sql } = database;
const service = database.connect({ user: "authenticator", role: "service_role" });
const superuser = database.connect({ user: "supabase_admin" });

const opens = async (door: string, token: string | null) =>
  (await service`select amocrm_door_opens(${door}, ${token}) as opens`)[0]?.["opens"];
const callToken = async (): Promise<string> =>
  (await sql`select amocrm.vault_secret('amocrm_call_token') as token`)[0]?.["token"];
const monitorToken = async (): Promise<string> =>
  (await service`select amocrm_make_monitor_token() as token`)[0]?.["token"];

beforeEach(() => service`select amocrm_set_vault('https://p.supabase.co/functions/v1')`);

test("each token opens its own door and no other", async () => {
  const [call, monitor] = [await callToken(), await monitorToken()];
  expect([await opens("call", call), await opens("monitor", monitor)]).toEqual([true, true]);
  expect([await opens("call", monitor), await opens("monitor", call)]).toEqual([false, false]);
  expect([await opens("call", null), await opens("call", ""), await opens("cellar", call)]).toEqual([
    false,
    false,
    false,
  ]);
});

test("a monitor's token is told once: the table has a hash, and the one before opens nothing any more", async () => {
  const first = await monitorToken();
  const second = await monitorToken();
  expect([await opens("monitor", first), await opens("monitor", second)]).toEqual([false, true]);
  const kept = JSON.stringify(
    await superuser`select door, encode(token_hash, 'escape') as hash from amocrm.doors`,
  );
  expect(kept).not.toContain(second);
  expect(kept).not.toContain(await callToken());
});

describe("the token of the calls is made anew", () => {
  test("where Vault has lost it or its hash is another one's, as after a restore", async () => {
    const first = await callToken();
    await superuser`delete from vault.secrets where name = 'amocrm_call_token'`;
    await service`select amocrm_set_vault('https://p.supabase.co/functions/v1')`;
    const second = await callToken();
    expect(second).not.toBe(first);
    await sql`update amocrm.doors set token_hash = sha256('other'::bytea) where door = 'call'`;
    await service`select amocrm_set_vault('https://p.supabase.co/functions/v1')`;
    const third = await callToken();
    expect([await opens("call", first), await opens("call", second), await opens("call", third)]).toEqual([
      false,
      false,
      true,
    ]);
  });
});

test("without token and key health names the token, and with it no key is missed", async () => {
  const problem = async () => (await sql`select amocrm.call_problem() as problem`)[0]?.["problem"];
  expect(await problem()).toBeNull();
  await superuser`delete from vault.secrets where name = 'amocrm_call_token'`;
  expect(await problem()).toBe("Vault has no secret amocrm_call_token");
});

test("an upgrade makes the token where a key is, so that the next call carries no key", async () => {
  await superuser`delete from vault.secrets where name = 'amocrm_call_token'`;
  await sql`select vault.create_secret('sb_secret_old', 'amocrm_cron_key')`;
  const headers = async () => (await sql`select amocrm.call_headers() as headers`)[0]?.["headers"];
  expect(await headers()).toMatchObject({ apikey: "sb_secret_old" });
  // What the migration does.
  await sql`select amocrm.keep_call_token() where amocrm.vault_secret('amocrm_cron_key') is not null`;
  expect(Object.keys(await headers()).sort()).toEqual(["Content-Type", "x-amocrm-call"]);
});

test("only service_role asks at the doors, and nobody reads the hashes", async () => {
  for (const role of ["anon", "authenticated"]) {
    const session = database.connect({ user: "authenticator", role });
    await expect(session`select amocrm_door_opens('call', 'x')`).rejects.toMatchObject({ code: "42501" });
    await session.end();
  }
  await expect(service`select token_hash from amocrm.doors`).rejects.toMatchObject({ code: "42501" });
});
