import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { SimulatorServer } from "#dev/amocrm-simulator/server.ts";
import { startServer } from "#dev/amocrm-simulator/server.ts";
import { UNLIMITED_SETTINGS } from "#dev/amocrm-simulator/settings.ts";

const open: SimulatorServer[] = [];

async function serve(): Promise<SimulatorServer> {
  const server = await startServer({ settings: UNLIMITED_SETTINGS });
  open.push(server);
  return server;
}

afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

const ask = (server: SimulatorServer, init: RequestInit = {}, where = "/api/v4/leads") =>
  fetch(server.url + where, { ...init, headers: { authorization: `Bearer ${server.accessToken}` } });
const create = { method: "POST", body: '[{"name":"Заявка"}]' };
const control = (
  server: SimulatorServer,
  where: string,
  body?: unknown,
  method = body === undefined ? "GET" : "POST",
) =>
  fetch(`${server.url}/__control${where}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

describe("the server", () => {
  it("speaks the same API over a socket", async () => {
    const server = await serve();
    const response = await ask(server, create);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/hal+json");
    expect((await ask(server, {}, "/api/v4/contacts")).status).toBe(204);
    expect(server.simulator.state.deals()).toMatchObject([{ name: "Заявка" }]);
  });

  it("destroys the socket on a reset before the work", async () => {
    const server = await serve();
    server.simulator.control.addFaults({ kind: "reset", times: 1 });
    await expect(ask(server, create)).rejects.toMatchObject({ cause: { code: "ECONNRESET" } });
    expect(server.simulator.state.counts().deals).toBe(0);
    expect((await ask(server, create)).status).toBe(200);
  });

  it("destroys the socket after the work on a lost answer", async () => {
    const server = await serve();
    server.simulator.control.addFaults({ kind: "lost_answer", times: 1 });
    await expect(ask(server, create)).rejects.toMatchObject({ cause: { code: "ECONNRESET" } });
    expect(server.simulator.state.counts().deals).toBe(1);
  });

  it.each([
    ["hang", { kind: "hang" }, 0],
    ["lost answer that hangs", { kind: "lost_answer", ending: "hang" }, 1],
  ] as const)("never answers a %s", async (_name, fault, deals) => {
    const server = await serve();
    server.simulator.control.addFaults({ ...fault, times: 1 });
    const patience = new AbortController();
    const answer = ask(server, { ...create, signal: patience.signal });
    await vi.waitFor(() => expect(server.simulator.log.entries()).toMatchObject([{ ending: "hang" }]));
    expect(server.simulator.state.counts().deals).toBe(deals);
    patience.abort();
    await expect(answer).rejects.toThrow(/abort/);
  });

  it("refuses connections while it is down and keeps its account", async () => {
    const server = await serve();
    await ask(server, create);
    await server.down();
    await expect(ask(server)).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
    await server.up();
    expect((await ask(server)).status).toBe(200);
  });

  it("answers twenty requests side by side, thirty times, and mixes none up", async () => {
    const server = await serve();
    const startedAt = performance.now();
    for (let round = 0; round < 30; round++) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask(server, create)));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    }
    console.info(`${Math.round(600 / ((performance.now() - startedAt) / 1000))} requests a second`);
    expect(server.simulator.state.counts().deals).toBe(600);
  });
});

describe("the control API", () => {
  it("shows counts, the parts asked for and the log, without counting itself", async () => {
    const server = await serve();
    await ask(server, create);
    const state = await (await control(server, "/state?parts=deals")).json();
    expect(state).toMatchObject({ counts: { deals: 1 }, is_blocked: false, deals: [{ name: "Заявка" }] });
    expect(state).not.toHaveProperty("contacts");
    expect(Object.keys(await (await control(server, "/state")).json())).toContain("pipelines");
    const { requests } = await (await control(server, "/requests")).json();
    expect(requests).toMatchObject([{ method: "POST", path: "/api/v4/leads", status: 200, item_count: 1 }]);
    expect((await (await control(server, `/requests?after=${requests[0].id}`)).json()).requests).toEqual([]);
  });

  it("sets faults, settings and edits, and starts anew", async () => {
    const server = await serve();
    const { faults } = await (
      await control(server, "/faults", [{ kind: "unpaid" }, { kind: "forbidden" }])
    ).json();
    expect((await ask(server)).status).toBe(402);
    await control(server, `/faults?id=${faults[0].id}`, undefined, "DELETE");
    expect((await ask(server)).status).toBe(403);
    await control(server, "/faults", undefined, "DELETE");
    await control(server, "/settings", { language: "en" });
    await control(server, "/populate", { contacts: 3, deals: 2 });
    const [deal] = server.simulator.state.deals();
    await control(server, "/edits", { action: "win_deal", deal_id: deal?.id });
    expect(server.simulator.state.deals()[0]?.status_id).toBe(142);
    await control(server, "/block", {});
    expect((await ask(server)).status).toBe(403);
    await control(server, "/lift-block", {});
    expect((await ask(server)).status).toBe(200);
    await control(server, "/reset", {});
    expect((await (await control(server, "/state?parts=")).json()).counts.deals).toBe(0);
    expect((await (await control(server, "/settings")).json()).language).toBe("en");
  });

  it("hands out codes and pairs, and revokes them", async () => {
    const server = await serve();
    const pair = await (await control(server, "/tokens", { action: "issue_pair" })).json();
    const use = () =>
      fetch(`${server.url}/api/v4/account`, { headers: { authorization: `Bearer ${pair.access_token}` } });
    expect((await use()).status).toBe(200);
    await control(server, "/tokens", { action: "revoke", token: pair.access_token });
    expect((await use()).status).toBe(401);
    expect((await (await control(server, "/tokens", { action: "issue_code" })).json()).code).toMatch(
      /^def502/,
    );
    await control(server, "/tokens", { action: "revoke" });
    expect((await ask(server)).status).toBe(401);
    const issued = await (await control(server, "/tokens", { action: "issue_long_lived" })).json();
    expect(issued.access_token).not.toBe(server.accessToken);
    const authorization = `Bearer ${issued.access_token}`;
    expect((await fetch(`${server.url}/api/v4/account`, { headers: { authorization } })).status).toBe(200);
    await control(server, "/tokens", { action: "revoke" });
    expect((await fetch(`${server.url}/api/v4/account`, { headers: { authorization } })).status).toBe(401);
  });

  it.each([
    ["/faults", { kind: "unpaid", times: 0 }, 400, "times"],
    ["/faults", { kind: "rain" }, 400, "kind"],
    ["/settings", { rate: { window: "round" } }, 400, "rate.window"],
    ["/edits", { action: "win_deal", deal_id: 5 }, 400, "deal 5"],
    ["/edits", { action: "sing" }, 400, "action"],
    ["/state?parts=moods", undefined, 400, "pipelines"],
    ["/requests?after=x", undefined, 400, "number"],
    ["/nothing", undefined, 404, "commands"],
  ])("refuses %s with %j clearly", async (where, body, status, named) => {
    const server = await serve();
    const response = await control(server, where, body);
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(named);
  });

  it("refuses a broken body", async () => {
    const server = await serve();
    const response = await fetch(`${server.url}/__control/faults`, { method: "POST", body: "{" });
    expect([response.status, (await response.json()).error]).toEqual([400, "invalid_json"]);
  });
});

describe("the process", () => {
  const main = path.join(import.meta.dirname, "../../../dev/amocrm-simulator/main.ts");
  const run = (args: string[]) =>
    new Promise<{ stdout: string; stderr: string; code: number | null }>((resolve) => {
      const child = spawn(process.execPath, [main, ...args]);
      const seen = { stdout: "", stderr: "" };
      child.stdout.on("data", (chunk: Buffer) => {
        seen.stdout += chunk.toString();
        if (seen.stdout.includes("}\n")) child.kill("SIGTERM");
      });
      child.stderr.on("data", (chunk: Buffer) => {
        seen.stderr += chunk.toString();
      });
      child.on("exit", (code) => resolve({ ...seen, code }));
    });

  it("prints address and token, and ends on SIGTERM", async () => {
    const file = path.join(tmpdir(), `amocrm-simulator-${process.pid}.json`);
    await writeFile(file, JSON.stringify({ tokens: { access_tokens: ["mine"] } }));
    const { stdout, code } = await run(["--json", "--settings", file]);
    expect(JSON.parse(stdout)).toMatchObject({
      accessToken: "mine",
      url: expect.stringMatching(/^http:\/\/127/),
    });
    expect(code).toBe(0);
  });

  it("names the file and the member of wrong settings, and fails", async () => {
    const file = path.join(tmpdir(), `amocrm-simulator-bad-${process.pid}.json`);
    await writeFile(file, JSON.stringify({ rate: { window: "round" } }));
    const { stderr, code } = await run(["--json", "--settings", file]);
    expect(code).toBe(1);
    expect(stderr).toContain(file);
    expect(stderr).toContain("rate.window");
  });
});
