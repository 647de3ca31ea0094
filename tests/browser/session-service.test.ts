import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { BrowserContext, BrowserContextOptions } from "playwright-core";
import { afterEach, describe, expect, it } from "vitest";
import { type SimulatorServer, startServer } from "#dev/amocrm-simulator/server.ts";
import type { SettingsInput } from "#dev/amocrm-simulator/settings.ts";
import { parseServiceSettings } from "#session-service/settings.ts";
import { type RunningService, startService } from "#session-service/start.ts";
import { browserOfWorker } from "./support/browser.ts";

const SECRET = "secret-of-the-functions-in-the-browser-test";
const EMAIL = "robot@sim.example";
const PASSWORD = "sim-password-4711";
const ends: (() => Promise<unknown> | unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Started {
  service: RunningService;
  amocrm: SimulatorServer;
  logged: string[];
  pictured: string[];
  pictureFile: string;
  call(target: string, init?: RequestInit): Promise<Response>;
  health(): Promise<Record<string, unknown>>;
}

const OWN_BROWSER = {};

/** Ends with the contexts that were made in it. */
async function contextOfWorker() {
  const browser = await browserOfWorker();
  const contexts: BrowserContext[] = [];
  return {
    async newContext(options?: BrowserContextOptions) {
      const context = await browser.newContext(options);
      contexts.push(context);
      return context;
    },
    async close() {
      for (const context of contexts.splice(0)) await context.close();
    },
  };
}

/**
 * The service as it runs, with a real Chromium, before a simulated account behind real sockets. The browser of a sign-in is
 * the worker's, in a context of its own, except in the tests of its own start.
 */
async function start(
  sign_in: NonNullable<SettingsInput["sign_in"]> = {},
  variables: Record<string, string> = {},
  hooks: NonNullable<Parameters<typeof startService>[2]> = { launch: contextOfWorker },
): Promise<Started> {
  const amocrm = await startServer({
    settings: { sign_in, rate: { requests_per_second: 0, account_per_second: 0 } },
  });
  ends.push(() => amocrm.close());
  const stateDir = fs.mkdtempSync(path.join(os.tmpdir(), "session-service-"));
  ends.push(() => fs.rmSync(stateDir, { recursive: true }));
  const parsed = parseServiceSettings({
    PORT: "0",
    AMOCRM_BASE_URL: amocrm.url,
    AMOCRM_EMAIL: EMAIL,
    AMOCRM_PASSWORD: PASSWORD,
    AMOCRM_PLAYWRIGHT_SECRET: SECRET,
    STATE_DIRECTORY: stateDir,
    BROWSER_PATH: process.env["BROWSER_PATH"],
    ...variables,
  });
  if (!parsed.ok) throw new Error(parsed.problems.join());
  const logged: string[] = [];
  const pictured: string[] = [];
  const service = await startService(
    parsed.settings,
    (event, facts) => void logged.push(JSON.stringify({ event, ...facts })),
    { pictured: (texts) => void pictured.push(texts), ...hooks },
  );
  ends.push(() => service.stop());
  const call = (target: string, init: RequestInit = {}): Promise<Response> =>
    fetch(service.url + target, { ...init, headers: { authorization: `Bearer ${SECRET}`, ...init.headers } });
  return {
    service,
    amocrm,
    logged,
    pictured,
    pictureFile: parsed.settings.pictureFile,
    call,
    health: async () => (await fetch(`${service.url}/health`)).json() as Promise<Record<string, unknown>>,
  };
}

describe("the session service with a real browser", () => {
  it.each(["fetch", "form"] as const)(
    "signs in once for twenty calls, by a page that sends by %s",
    async (submit) => {
      const { amocrm, call, health } = await start({ submit });
      const answers = await Promise.all(Array.from({ length: 20 }, () => call("/api/v4/account")));
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
      expect(amocrm.simulator.control.signIns()).toMatchObject({ tries: 1, sessions: 1 });
      expect(await health()).toMatchObject({ state: "ok", needs_person: false, last_refusal: null });
    },
  );

  it("streams both ways, passes the wire's bytes on, and signs in anew when the session ends", async () => {
    const { amocrm, call } = await start({ visitor_status: 200, ended_answer: "redirect" }, {}, OWN_BROWSER);
    const many = JSON.stringify(Array.from({ length: 200 }, (_, index) => ({ name: `Сделка ${index}` })));
    const headers = { "content-type": "application/json" };
    expect((await call("/api/v4/leads", { method: "POST", body: many, headers })).status).toBe(200);
    amocrm.simulator.control.endSessions();
    const list = (await (await call("/api/v4/leads?limit=250")).json()) as {
      _embedded: { leads: unknown[] };
    };
    expect(list._embedded.leads).toHaveLength(200);
    expect(amocrm.simulator.control.signIns()).toMatchObject({ tries: 2, sessions: 2 });
    const large = await call("/api/v4/leads", { method: "POST", body: "x".repeat(1_048_577), headers });
    expect(large.status).toBe(413);
  });

  it.each([
    ["password", null, { password: "another" }, 2],
    ["password", null, { password: "another", refusal_status: 200, submit: "fetch" }, 2],
    ["password", null, { password: "another", submit: "form", visitor_status: 200 }, 2],
    ["second_factor", null, { second_factor: true }, 1],
    ["second_factor", null, { second_factor: true, submit: "form" }, 1],
    ["robot_check", null, { robot_check: "before" }, 0],
    ["robot_check", null, { robot_check: "after" }, 1],
    ["needs_person", "account_choice", { account_choice: true }, 1],
  ] as const)("stops at %s %s: %j", async (state, reason, sign_in, tries) => {
    const { amocrm, call, health, pictureFile, logged, pictured } = await start(
      { ...sign_in, echoes_password: true },
      { AMOCRM_SIGN_IN_INTERVAL_SECONDS: "0" },
    );
    const answers: string[] = [];
    for (let time = 0; time < 4; time++) {
      const answer = await call("/api/v4/account");
      expect(answer.status).toBe(503);
      answers.push(JSON.stringify([...answer.headers]), await answer.text());
    }
    const told = await health();
    expect(told).toMatchObject({ state, reason, needs_person: true });
    // However often it is called: as few tries as that, and none after.
    expect(amocrm.simulator.control.signIns()).toMatchObject({ tries, is_locked: false });
    expect(fs.statSync(pictureFile).mode & 0o077).toBe(0);
    expect(fs.readFileSync(pictureFile).subarray(1, 4).toString()).toBe("PNG");
    expect(pictured.length).toBeGreaterThan(0);
    for (const text of [...answers, ...logged, ...pictured, JSON.stringify(told)]) {
      expect(text).not.toContain(PASSWORD);
      expect(text).not.toContain(EMAIL);
      expect(text).not.toContain(SECRET);
      expect(text).not.toMatch(/[0-9a-f]{48}/);
    }
  });

  it("goes on after POST /resume with what a person has put right at amoCRM, and keeps a stop over a restart", async () => {
    const { amocrm, call, health, pictureFile } = await start(
      { second_factor: true },
      { AMOCRM_SIGN_IN_INTERVAL_SECONDS: "0" },
      OWN_BROWSER,
    );
    expect((await call("/api/v4/account")).status).toBe(503);
    expect(fs.existsSync(path.join(path.dirname(pictureFile), "stopped.json"))).toBe(true);
    amocrm.simulator.control.patchSettings({ sign_in: { second_factor: false } });
    const resumed = await call("/resume", { method: "POST" });
    expect(await resumed.json()).toMatchObject({ state: "ok" });
    expect(await health()).toMatchObject({ state: "ok", last_refusal: { state: "second_factor" } });
    expect(fs.existsSync(path.join(path.dirname(pictureFile), "stopped.json"))).toBe(false);
  });

  it("says of a page that was rebuilt that it is not known", async () => {
    const { amocrm, call, health } = await start(
      { page: "changed" },
      { AMOCRM_SIGN_IN_INTERVAL_SECONDS: "600" },
      { launch: contextOfWorker, patienceMs: 500 },
    );
    expect((await call("/api/v4/account")).status).toBe(503);
    expect(await health()).toMatchObject({ state: "needs_person", reason: "page_changed" });
    expect(amocrm.simulator.control.signIns().tries).toBe(0);
  });

  it("ends in order: a call that is under way is answered", async () => {
    const { amocrm, service, call } = await start();
    await call("/api/v4/account");
    amocrm.simulator.control.addFaults({ kind: "slow", ms: 600, path: "/api/v4/*" });
    const slow = call("/api/v4/leads/pipelines");
    await expect.poll(() => amocrm.simulator.log.entries().at(-1)?.path).toBe("/api/v4/leads/pipelines");
    await service.stop();
    expect((await slow).status).toBe(200);
    await expect(call("/api/v4/account")).rejects.toThrow();
  });
});
