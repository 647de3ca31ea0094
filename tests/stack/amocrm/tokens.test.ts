import fs from "node:fs";
import path from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_CLIENT } from "#dev/amocrm-simulator/settings.ts";
import { waitFor } from "#dev/stack/wait.ts";
import { crmOf } from "../support/crm.ts";
import { type OAuthSystem, startOAuthSystem } from "../support/oauth-system.ts";
import { ACCOUNT, leave } from "../support/system.ts";

const CALLERS = 25;

let system: OAuthSystem;
let superuser: postgres.Sql;
/** Every token and code that amoCRM ever gave out here. */
const secrets = new Set<string>([DEFAULT_CLIENT.client_secret]);
/** All that came back from the functions. */
const seen: string[] = [];

beforeAll(async () => {
  system = await startOAuthSystem();
  superuser = postgres(system.stack.dbUrl("supabase_admin"), { max: 1, onnotice: () => {} });
  keepIssuedSecrets();
  seen.push(JSON.stringify(await system.admin({ action: "status" })));
  const link = await system.makeLink();
  const callback = await system.consent(link);
  secrets.add(new URL(callback).searchParams.get("code") ?? "");
  const page = await system.open(callback);
  expect(page.status).toBe(200);
  seen.push(link, page.text, JSON.stringify([...page.headers]));
  // The same address again: the code is spent.
  seen.push((await system.open(callback)).text);
});
afterAll(async () => {
  await superuser?.end({ timeout: 1 });
  await system?.stop();
});

/** Notes what the token endpoint answers, on its way out of the simulator. */
function keepIssuedSecrets(): void {
  const { simulator } = system.simulator;
  const handle = simulator.handle;
  simulator.handle = async (incoming) => {
    const outcome = await handle(incoming);
    if (incoming.url.pathname === "/oauth2/access_token" && outcome.kind === "answer") {
      const issued = JSON.parse(outcome.answer.body || "{}") as Record<string, unknown>;
      for (const name of ["access_token", "refresh_token"]) {
        if (typeof issued[name] === "string") secrets.add(issued[name]);
      }
    }
    return outcome;
  };
}

const tokenRequestCount = (): number =>
  system.simulator.simulator.log.entries().filter(({ path }) => path === "/oauth2/access_token").length;
const version = async (): Promise<number> =>
  Number((await system.sql`select version from amocrm.accounts`)[0]?.["version"]);
const endToken = (within: string) =>
  system.sql`update amocrm.accounts set access_expires_at = amocrm.clock() + ${within}::interval`;

describe("the functions under Deno, connected by OAuth,", () => {
  it("deliver a lead with a token that has ended, after one refresh", async () => {
    await endToken("-1 hour");
    const [requests, before] = [tokenRequestCount(), await version()];
    await leave(system, { email: "ended@example.com", full_name: "Ended" });
    await system.delivered();
    expect(crmOf(system.simulator).deals()).toHaveLength(1);
    expect([tokenRequestCount() - requests, (await version()) - before]).toEqual([1, 1]);
  });

  it("deliver a lead once when its create is answered with 401, and renew the token once", async () => {
    const { control } = system.simulator.simulator;
    const [requests, deals] = [tokenRequestCount(), crmOf(system.simulator).deals().length];
    control.addFaults({ kind: "unauthorized", method: "POST", path: "/api/v4/leads*", times: 1 });
    await leave(system, { email: "refused@example.com", full_name: "Refused" });
    await system.delivered();
    expect(crmOf(system.simulator).deals()).toHaveLength(deals + 1);
    expect(tokenRequestCount() - requests).toBe(1);
    expect(await system.sql`select breaker_code from amocrm.queue_control where queue = 'amocrm'`).toEqual([
      { breaker_code: null },
    ]);
  });

  it("make one refresh of many calls at once with a token that has ended, and all succeed", async () => {
    await endToken("-1 hour");
    const requests = tokenRequestCount();
    const answers = await Promise.all(
      Array.from({ length: CALLERS }, (_, index) =>
        system.admin({
          action: "setup",
          routes: [
            {
              source: `source-${index}`,
              pipeline_id: ACCOUNT.salesPipelineId,
              status_id: ACCOUNT.newStageId,
            },
          ],
        }),
      ),
    );
    seen.push(JSON.stringify(answers));
    expect(answers.filter(({ ok }) => ok === true)).toHaveLength(CALLERS);
    const looks = system.simulator.simulator.log
      .entries()
      .filter(({ path }) => path === "/api/v4/leads/pipelines")
      .slice(-CALLERS);
    expect(looks.map(({ status }) => status)).toEqual(Array.from({ length: CALLERS }, () => 200));
    expect(tokenRequestCount() - requests).toBe(1);
  });

  it("renew the token by cron a quarter of an hour ahead, and are not called for it again", async () => {
    await endToken("14 minutes");
    const before = await version();
    await waitFor("cron's refresh", async () => (await version()) > before, { timeoutMs: 180_000 });
    await waitFor("the functions to be idle", () => system.stack.openCallCount() === 0);
    const [beat] =
      await system.sql`select state, unanswered_post_count from amocrm.heartbeats where component = 'amocrm-oauth'`;
    expect(beat).toEqual({ state: "ok", unanswered_post_count: 0 });
    const calls = system.stack.calls().length;
    await system.sql`update amocrm.heartbeats set last_post_at = null where component = 'amocrm-oauth'`;
    await system.stack.worker?.runJob("amocrm-tick");
    await system.stack.worker?.idle();
    expect(system.stack.calls()).toHaveLength(calls);
  });

  it("let messages wait, with an alert, when amoCRM has ended the connection, and send them after a new consent", async () => {
    system.simulator.simulator.control.revokeTokens();
    const requests = tokenRequestCount();
    await leave(system, { email: "revoked@example.com", full_name: "Revoked" });
    await waitFor(
      "the connection to be ended",
      async () => (await system.sql`select state from amocrm.accounts`)[0]?.["state"] === "reauth_required",
    );
    await waitFor("the functions to be idle", () => system.stack.openCallCount() === 0);
    seen.push(JSON.stringify(await system.admin({ action: "status" })));
    const [health] = await system.sql`select verdict, remedy, waiting_count::int from amocrm_health`;
    expect(health).toEqual({ verdict: "blocked", remedy: "npm run amocrm -- connect", waiting_count: 1 });
    expect(await system.sql`select code from amocrm_alerts where resolved_at is null`).toEqual([
      { code: "reauth_required" },
    ]);
    // Who asks on gets the reason from the database, and amoCRM is left alone.
    for (let round = 0; round < 3; round++) {
      await system.sql`select amocrm_resume()`;
      await system.stack.worker?.idle();
      await waitFor("the functions to be idle", () => system.stack.openCallCount() === 0);
    }
    expect(tokenRequestCount() - requests).toBe(1);

    const callback = await system.consent(await system.makeLink());
    secrets.add(new URL(callback).searchParams.get("code") ?? "");
    seen.push((await system.open(callback)).text);
    await system.delivered();
    expect(await system.sql`select code from amocrm_alerts where resolved_at is null`).toEqual([]);
    seen.push(JSON.stringify(await system.admin({ action: "connection" })));
  });
});

describe("no token, code or client secret", () => {
  /** What of a token would betray it, also where a text was cut. */
  const partsOf = (secret: string): string[] =>
    secret.length < 60
      ? [secret]
      : [secret.slice(-40), secret.slice(secret.length / 2, secret.length / 2 + 40)];
  const found = (text: string): number =>
    [...secrets].filter((secret) => partsOf(secret).some((part) => text.includes(part))).length;

  /** Every row of every table and view that a superuser can read, but for Vault's own. */
  async function dump(): Promise<Map<string, string>> {
    const relations = await superuser<{ name: string }[]>`
      select format('%I.%I', nspname, relname) as name
      from pg_class join pg_namespace on pg_namespace.oid = relnamespace
      where relkind in ('r', 'p', 'v', 'm') and nspname not in ('vault', 'pg_catalog', 'information_schema', 'pg_toast')`;
    const dumped = new Map<string, string>();
    for (const { name } of relations) {
      const rows = await superuser.unsafe(`select row.*::text as text from ${name} as row`);
      dumped.set(name, rows.map((row) => String(row["text"])).join("\n"));
    }
    return dumped;
  }

  /** The file stands beside the data (dev/stack/postgres.ts). */
  async function serverLog(): Promise<string> {
    const [row] = await superuser`select current_setting('data_directory') as folder`;
    return fs.readFileSync(path.join(String(row?.["folder"]), "../postgres.log"), "utf8");
  }

  it("is in any table or view, the functions' log and answers, or the server's log", async () => {
    expect(secrets.size).toBeGreaterThan(10);
    const places = await dump();
    expect(places.size).toBeGreaterThan(40);
    expect(places.get("public.amocrm_health")).toContain("connected");
    expect(places.get("net._http_response")).not.toBe("");
    places.set("the functions' log", system.stack.functionLog());
    places.set("the functions' answers", seen.join("\n"));
    places.set("the server's log", await serverLog());
    expect([...places].filter(([, text]) => found(text) > 0).map(([name]) => name)).toEqual([]);
  });

  it("would be overlooked: the same search finds the pair where it belongs", async () => {
    const [row] = await superuser`
      select decrypted_secret from vault.decrypted_secrets where name = 'amocrm_token_pair'`;
    expect(found(String(row?.["decrypted_secret"]))).toBe(2);
    const stored = await superuser`select secret from vault.secrets`;
    expect(found(JSON.stringify(stored))).toBe(0);
  });
});
