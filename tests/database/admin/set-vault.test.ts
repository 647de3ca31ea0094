import { describe, expect, it } from "vitest";
import { useDatabase } from "../support/database.ts";
import { errorOf } from "../support/errors.ts";
import { insertLeads, strangers } from "../support/leads.ts";
import { queuedPosts } from "../support/vault.ts";

const database = await useDatabase();
const URL = "https://p.supabase.co/functions/v1";
const service = database.connect({ user: "authenticator", role: "service_role" });

const setVault = async (url: string | null, key: string | null): Promise<string> =>
  (await service`select amocrm_set_vault(${url}, ${key}) as outcome`)[0]?.["outcome"];
const secrets = async (): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await database.sql`select name, decrypted_secret from vault.decrypted_secrets`).map((row) => [
      row["name"],
      row["decrypted_secret"],
    ]),
  );

describe("amocrm_set_vault", () => {
  it("makes the token of the calls once, changes the URL, and tells when nothing changed", async () => {
    expect(await setVault(URL, null)).toBe("done");
    const first = await secrets();
    expect(first).toEqual({
      amocrm_functions_url: URL,
      amocrm_call_token: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await setVault(URL, null)).toBe("unchanged");
    expect(await setVault(`${URL}/other`, null)).toBe("done");
    expect(await secrets()).toEqual({ ...first, amocrm_functions_url: `${URL}/other` });
  });

  it("takes the slash off the end of the URL", async () => {
    await setVault(` ${URL}/ `, "sb_secret_a");
    expect((await secrets())["amocrm_functions_url"]).toBe(URL);
    expect(await setVault(`${URL}//`, "sb_secret_a")).toBe("unchanged");
  });

  it("calls the drain once if something waits", async () => {
    await insertLeads(database.sql, strangers(2));
    expect(await queuedPosts(database.sql)).toEqual([]);
    await setVault(URL, "sb_secret_a");
    await setVault(URL, "sb_secret_a");
    expect(await queuedPosts(database.sql)).toMatchObject([{ url: `${URL}/amocrm-drain` }]);
  });

  it.each([
    "http://127.0.0.1:54321",
    "http://localhost:1",
    "http://kong:8000/functions/v1",
    "http://10.0.0.5",
    "http://[::1]:9",
  ])("takes http at %s, which is not reached from outside", async (url) => {
    expect(await setVault(url, null)).toBe("done");
  });

  it("takes over an older installation, whose calls carried a secret key: it goes, and no call carries one again", async () => {
    await database.sql`select vault.create_secret('sb_secret_old', 'amocrm_cron_key')`;
    await setVault(URL, null);
    expect(Object.keys(await secrets()).sort()).toEqual(["amocrm_call_token", "amocrm_functions_url"]);
    await insertLeads(database.sql, strangers(1));
    const [post] = await queuedPosts(database.sql);
    expect(Object.keys(post?.headers ?? {}).sort()).toEqual(["Content-Type", "x-amocrm-call"]);
    expect(JSON.stringify(post)).not.toContain("sb_secret");
  });

  it("calls nobody if nothing waits", async () => {
    await setVault(URL, "sb_secret_a");
    expect(await queuedPosts(database.sql)).toEqual([]);
  });

  it.each([
    ["no URL", null, "k"],
    ["an empty URL", "  ", "k"],
    ["another scheme", "ftp://p.supabase.co", "k"],
    ["a key in place of the URL", "sb_secret_a", "k"],
    ["a URL with a password", "https://me:sb_secret_a@p.supabase.co", "k"],
    ["a URL with a query", "https://p.supabase.co/?key=sb_secret_a", "k"],
    ["http to a foreign host", "http://far.example/functions/v1", null],
    ["http to an address out there", "http://203.0.113.7/functions/v1", null],
    ["an empty key", URL, ""],
    ["a key with a line break", URL, "sb_secret_a\r\nx-evil: 1"],
    ["a key beyond ASCII", URL, "sb_secret_ключ"],
  ])("refuses %s without repeating it, and sets nothing", async (_, url, key) => {
    const error = await errorOf(setVault(url, key));
    expect(error.code).toBe("22023");
    expect(`${error.message} ${error.detail} ${error.where}`).not.toContain("sb_secret");
    expect(await secrets()).toEqual({});
  });

  it.each(["anon", "authenticated"])("is refused to %s", async (role) => {
    const session = database.connect({ user: "authenticator", role });
    expect((await errorOf(session`select amocrm_set_vault(${URL}, 'k')`)).code).toBe("42501");
    await session.end();
  });

  it("keeps the helper that writes any secret from service_role", async () => {
    expect((await errorOf(service`select amocrm.put_secret('x', 'y', 'z')`)).code).toBe("42501");
  });
});
