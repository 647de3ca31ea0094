import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitFor } from "#dev/stack/wait.ts";
import { crmOf } from "../support/crm.ts";
import { type OAuthSystem, startOAuthSystem } from "../support/oauth-system.ts";
import { leave } from "../support/system.ts";

let system: OAuthSystem;
beforeAll(async () => {
  system = await startOAuthSystem();
});
afterAll(() => system?.stop());

const account = async () =>
  (await system.sql`select host, account_id, subdomain, state, access from amocrm.accounts`)[0] ?? null;
/** Requests to the token endpoint so far. */
const exchangeCount = (): number =>
  system.simulator.simulator.log.entries().filter(({ path }) => path === "/oauth2/access_token").length;

describe("before amoCRM is connected", () => {
  it("leads are saved and wait, and health says how to connect", async () => {
    await leave(system, { email: "early@example.com", full_name: "Early Bird" });
    await waitFor("the drain to say that nobody is connected", async () => {
      const [health] = await system.sql`select verdict, problem from amocrm_health`;
      return health?.["verdict"] === "blocked" && String(health["problem"]).includes("amocrm -- connect");
    });
    expect(crmOf(system.simulator).deals()).toEqual([]);
  });

  it.each([
    ["GET", "/start", 401, "link is needed"],
    ["GET", `/start?link=${"A".repeat(43)}`, 403, "no such link"],
    ["GET", "/start?link=%00%3Cscript%3E", 403, "no such link"],
    ["GET", "/start?link=a&link=b", 400, "garbled"],
    ["GET", `/start?${"x".repeat(9000)}`, 414, "too long"],
    ["GET", "/callback", 403, "not begun here"],
    ["GET", "/callback?error=access_denied", 403, "not connected"],
    ["GET", "/callback?error=%3Cscript%3Ealert(1)%3C/script%3E", 400, "garbled"],
    ["GET", "/callback?code=a&state=b&referer=sim.amocrm.ru", 403, "not begun here"],
    [
      "GET",
      `/callback?code=a&state=${"A".repeat(43)}&referer=sim.amocrm.ru.evil.com`,
      400,
      "not from amoCRM",
    ],
    ["GET", `/callback?code=a&state=${"A".repeat(43)}&referer=sim.amocrm.ru`, 403, "not begun here"],
    ["GET", "/", 404, "no such page"],
    ["GET", "/start/more", 404, "no such page"],
    ["GET", "/tokens", 404, "no such page"],
    ["POST", "/start", 405, "not opened like that"],
    ["HEAD", "/start", 405, ""],
    ["DELETE", "/callback", 405, "not opened like that"],
    ["OPTIONS", "/callback", 405, "not opened like that"],
  ])("%s %s is answered %i and changes nothing", async (method, address, status, words) => {
    const page = await system.open(`${system.stack.functionsUrl}/amocrm-oauth${address}`, { method });
    expect([page.status, page.location]).toEqual([status, null]);
    expect(page.text).toContain(words);
    expect(page.text).not.toContain("<");
    expect(page.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(page.headers.get("cache-control")).toBe("no-store");
    expect(page.headers.get("referrer-policy")).toBe("no-referrer");
    expect(await account()).toBeNull();
    expect(await system.sql`select from amocrm.oauth_states`).toHaveLength(0);
    expect(exchangeCount()).toBe(0);
  });

  it("/refresh is cron's alone", async () => {
    const url = `${system.stack.functionsUrl}/amocrm-oauth/refresh`;
    const statusOf = async (init: RequestInit) => (await system.open(url, init)).status;
    const { cronKey, publishableKey } = system.stack;
    expect(await statusOf({ method: "POST" })).toBe(401);
    expect(await statusOf({ method: "POST", headers: { apikey: publishableKey } })).toBe(401);
    expect(await statusOf({ method: "GET", headers: { apikey: cronKey } })).toBe(405);
    expect(await statusOf({ method: "POST", headers: { apikey: cronKey } })).toBe(202);
  });
});

describe("connecting", () => {
  it("a student's token opens nothing, a forged one neither, an admin's begins", async () => {
    const url = `${system.stack.functionsUrl}/amocrm-oauth/start`;
    const as = (token: string) => system.open(url, { headers: { authorization: `Bearer ${token}` } });
    expect((await as(await system.signIn({}))).status).toBe(403);
    expect((await as("eyJhbGciOiJub25lIn0.eyJyb2xlIjoiYWRtaW4ifQ.")).status).toBe(401);
    const begun = await as(await system.signIn({ role: "admin" }));
    expect(begun.status).toBe(302);
    expect(begun.location).toMatch(
      new RegExp(`^${system.simulator.url}/oauth\\?client_id=[\\w-]+&state=[\\w-]{43}&mode=popup$`),
    );
    expect(begun.headers.get("referrer-policy")).toBe("no-referrer");
  });

  it("a refusal by the person, a code that amoCRM refuses and an outage leave the link usable", async () => {
    const link = await system.makeLink();
    const { control } = system.simulator.simulator;
    control.patchSettings({ tokens: { consent: "deny" } });
    const denied = await system.open(await system.consent(link));
    expect([denied.status, denied.text]).toEqual([403, expect.stringContaining("amoCRM is not connected")]);
    control.patchSettings({ tokens: { consent: "auto" } });

    const garbled = new URL(await system.consent(link));
    garbled.searchParams.set("code", "def502nonsense");
    const refused = await system.open(garbled.href);
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining("refuses the code")]);

    const back = await system.consent(link);
    control.addFaults({ kind: "status", status: 503, path: "/oauth2/access_token", times: 1 });
    const down = await system.open(back);
    expect([down.status, down.text]).toEqual([502, expect.stringContaining("does not answer")]);
    expect(await account()).toBeNull();
  });

  it("the command waits until somebody has connected, and what waited is delivered with the stored tokens", async () => {
    const command = system.command(["connect"]);
    const link = await command.printed(/http\S+\/start\?link=\S+/);
    // A mail scanner and a chat preview were faster.
    await system.consent(link);
    await system.consent(link);
    const page = await system.open(await system.consent(link), {
      headers: { "accept-language": "ru,en;q=0.5" },
    });
    expect(page.status).toBe(200);
    expect(page.text).toMatch(/^✓ amoCRM подключена\n\nАккаунт: .+ \(127\.0\.0\.1:\d+, 5550001\)/);
    expect(page.text).toContain("amoCRM is connected");

    expect(await command.ended).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("account 5550001"),
    });
    expect(await account()).toEqual({
      host: system.simulator.url,
      account_id: "5550001",
      subdomain: "sim",
      state: "connected",
      access: "oauth",
    });
    await system.delivered();
    expect(crmOf(system.simulator).deals()).toHaveLength(1);
    expect((await system.open(link)).status).toBe(409);
  });

  it("--json prints the link and ends at once", async () => {
    const { exitCode, stdout } = await system.command(["connect", "--json"]).ended;
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      url: expect.stringMatching(/\/functions\/v1\/amocrm-oauth\/start\?link=[\w-]{43}$/),
      redirect_uri: system.redirectUri,
      warnings: [],
    });
  });

  it("of many callbacks with one state one exchanges, and a replay is told so", async () => {
    const back = await system.consent(await system.makeLink());
    const before = exchangeCount();
    const pages = await Promise.all(Array.from({ length: 6 }, () => system.open(back)));
    expect(pages.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
    expect((await system.open(back)).text).toContain("taken already");
    expect(exchangeCount() - before).toBe(1);
  });

  it("works while sending is paused, without sending anything else", async () => {
    await system.sql`select amocrm_pause('moving house')`;
    expect((await system.open(await system.consent(await system.makeLink()))).status).toBe(200);
    await system.sql`select amocrm_resume()`;
  });

  it("another account is refused, and with --switch taken, with sending paused", async () => {
    await system.sql`update amocrm.accounts set account_id = 42`;
    const before = await system.sql`select fingerprint, version from amocrm.accounts`;
    const refused = await system.open(await system.consent(await system.makeLink()));
    expect(refused.status).toBe(409);
    expect(refused.text).toContain("Account 42 has been connected so far");
    expect(await system.sql`select fingerprint, version from amocrm.accounts`).toEqual(before);

    const taken = await system.open(await system.consent(await system.makeLink({ switch: true })));
    expect([taken.status, taken.text]).toEqual([200, expect.stringContaining("sending is paused")]);
    expect(await account()).toMatchObject({ account_id: "5550001" });
    expect((await system.sql`select verdict from amocrm_health`)[0]).toEqual({ verdict: "paused" });
  });

  it("neither link, state, code, secret nor token is logged or stored in the open", async () => {
    const log = system.stack.functionLog();
    const link = await system.makeLink();
    const back = new URL(await system.consent(link));
    await system.open(back.href);
    const secrets = [
      new URL(link).searchParams.get("link"),
      back.searchParams.get("state"),
      back.searchParams.get("code"),
      "sim-client-secret",
    ];
    const tables = JSON.stringify([
      await system.sql`select * from amocrm.oauth_links`,
      await system.sql`select * from amocrm.oauth_states`,
      await system.sql`select * from amocrm.accounts`,
    ]);
    for (const secret of secrets) {
      expect(secret).toBeTruthy();
      expect(`${log}${system.stack.functionLog()}${tables}`).not.toContain(secret);
    }
  });
});
