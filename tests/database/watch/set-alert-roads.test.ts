import { beforeEach, describe, expect, it } from "vitest";
import { AlertRoad } from "#shared/admin/answer.ts";
import { useDatabase } from "../support/database.ts";
import { errorOf } from "../support/errors.ts";
import { configureVault } from "../support/vault.ts";
import { openWatchman } from "../support/watchman.ts";

const ALERT_URL = "https://hooks.example:8443/T0/token?chat_id=5";
const DEAD_MAN_URL = "https://hc.example/token";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });
const service = database.connect({ user: "authenticator", role: "service_role" });

const setRoads = async (alertUrl: string | null, deadManUrl: string | null = null) =>
  (await service`select amocrm_set_alert_roads(${alertUrl}, ${deadManUrl}) as outcomes`)[0]?.["outcomes"];
const roads = async () =>
  AlertRoad.array().parse((await service`select amocrm_alert_roads() as roads`)[0]?.["roads"]);
const secrets = async (): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await sql`select name, decrypted_secret from vault.decrypted_secrets`).map((row) => [
      row["name"],
      row["decrypted_secret"],
    ]),
  );
const queued = () =>
  sql`select id, method::text, url, convert_from(body, 'UTF8')::json as body from net.http_request_queue order by id`;

beforeEach(() => sql`select set_config('amocrm.test_clock', '', false)`);

describe("amocrm_set_alert_roads", () => {
  it("sets one or both, tells when nothing changed, leaves what is null, and takes away what is empty", async () => {
    expect(await setRoads(` ${ALERT_URL} `)).toEqual({ alert_url: "done" });
    expect(await setRoads(ALERT_URL, DEAD_MAN_URL)).toEqual({ alert_url: "unchanged", dead_man_url: "done" });
    expect(await secrets()).toEqual({ amocrm_alert_url: ALERT_URL, amocrm_dead_man_url: DEAD_MAN_URL });
    expect(await setRoads(null, null)).toEqual({});
    expect(await setRoads(" ")).toEqual({ alert_url: "done" });
    expect(await setRoads("")).toEqual({ alert_url: "unchanged" });
    expect(await secrets()).toEqual({ amocrm_dead_man_url: DEAD_MAN_URL });
  });

  it("posts a test to an address that is new, and to no other", async () => {
    await setRoads(ALERT_URL);
    await setRoads(ALERT_URL);
    await setRoads("");
    expect(await queued()).toMatchObject([
      {
        method: "POST",
        url: ALERT_URL,
        body: {
          text: expect.stringMatching(
            /^amoCRM: a test\. Critical alerts .*\namoCRM: проверка\. Сюда приходят /,
          ),
        },
      },
    ]);
  });

  it("makes the next look call a new dead-man address at once", async () => {
    await configureVault(sql);
    const watchman = await openWatchman(database);
    await setRoads(null, DEAD_MAN_URL);
    await watchman.pass(1);
    await setRoads(null, `${DEAD_MAN_URL}/2`);
    await watchman.pass(1);
    expect((await queued()).map(({ url }) => url)).toEqual([DEAD_MAN_URL, `${DEAD_MAN_URL}/2`]);
  });

  it("tells hosts only, and why an address is of no use, also in the record of actions", async () => {
    expect(await roads()).toEqual([
      { name: "amocrm_alert_url", host: null, problem: "Vault has no secret amocrm_alert_url" },
      { name: "amocrm_dead_man_url", host: null, problem: "Vault has no secret amocrm_dead_man_url" },
    ]);
    await setRoads(ALERT_URL, DEAD_MAN_URL);
    expect(await roads()).toEqual([
      { name: "amocrm_alert_url", host: "hooks.example:8443", problem: null },
      { name: "amocrm_dead_man_url", host: "hc.example", problem: null },
    ]);
    const [test] = await queued();
    await superuser`insert into net._http_response (id, status_code, created) values (${test?.["id"]}, 404, 'infinity')`;
    expect((await roads())[0]?.problem).toBe("amocrm_alert_url answered 404");
    const actions = await sql`select action, arguments, result from amocrm_actions`;
    expect(actions).toEqual([
      {
        action: "set_alert_roads",
        arguments: { alert_host: "hooks.example:8443", dead_man_host: "hc.example" },
        result: { alert_url: "done", dead_man_url: "done" },
      },
    ]);
    expect(JSON.stringify([await roads(), actions])).not.toContain("token");
  });

  it.each([
    "http://hooks.example/token",
    "ftp://hooks.example/token",
    "token",
    "https://me:token@hooks.example/",
    "https://hooks.example/#token",
    "https://hooks.example/to ken",
    "http://localhost.example/token",
    `https://hooks.example/${"token".repeat(400)}`,
  ])("refuses %s without repeating it, and sets neither", async (url) => {
    for (const attempt of [setRoads(url), setRoads(ALERT_URL, url)]) {
      const error = await errorOf(attempt);
      expect(error.code).toBe("22023");
      expect(`${error.message} ${error.detail} ${error.where}`).not.toContain("token");
    }
    expect(await secrets()).toEqual({});
  });

  it.each([
    "http://localhost:3000/hook",
    "http://127.0.0.1/x?y=1",
    "http://[::1]:8080",
    "HTTPS://Hooks.example",
  ])("takes %s", async (url) => {
    expect(await setRoads(url)).toEqual({ alert_url: "done" });
  });

  it("sets the address although pg_net is gone", async () => {
    await superuser`alter schema net rename to gone`;
    try {
      expect(await setRoads(ALERT_URL)).toEqual({ alert_url: "done" });
      expect((await roads())[0]?.problem).toMatch(/^The extension pg_net is not installed/);
    } finally {
      await superuser`alter schema gone rename to net`;
    }
  });

  it.each(["anon", "authenticated"])("is refused to %s", async (role) => {
    const session = database.connect({ user: "authenticator", role });
    expect((await errorOf(session`select amocrm_set_alert_roads('', '')`)).code).toBe("42501");
    expect((await errorOf(session`select amocrm_alert_roads()`)).code).toBe("42501");
    await session.end();
  });
});
