import { describe, expect, it } from "vitest";
import { playService, SECRET } from "./support/service.ts";

const NOTHING_OF_OURS = /[0-9a-f]{48}|sim-password-4711|robot@sim\.example|the-secret-of-the-functions/;

describe("the service", () => {
  it.each([
    ["no secret", null],
    ["an empty one", ""],
    ["a wrong one", "the-secret-of-the-functions-0002"],
    ["a part of it", SECRET.slice(0, -1)],
    ["more than it", `${SECRET}x`],
  ])("passes nothing on for %s, nor resumes", async (_name, secret) => {
    const played = playService();
    for (const [target, method] of [
      ["/api/v4/account", "GET"],
      ["/resume", "POST"],
      ["/nothing", "GET"],
    ] as const) {
      const answer = await played.call(target, { method, secret });
      expect([answer.status, answer.headers.get("x-amocrm-session")]).toEqual([401, "wrong_secret"]);
    }
    expect(played.asked).toEqual([]);
    expect(played.simulator.control.signIns().tries).toBe(0);
  });

  it.each([
    "/ajax/v1/x",
    "/oauth2/authorize",
    "//evil.example/api/v4/account",
    "/api/v4/%2e%2e/x",
    "/resume/x",
  ])("asks only for what is under /api/v4, at the one account: %s", async (target) => {
    const played = playService();
    const answer = await played.call(target, { method: "POST", headers: { host: "evil.example" } });
    expect(answer.status).toBe(404);
    expect(played.asked).toEqual([]);
  });

  it("refuses methods that no API has", async () => {
    const played = playService();
    for (const method of ["TRACE", "CONNECT", "OPTIONS"]) {
      expect((await played.call("/api/v4/account", { method })).status).toBe(405);
    }
    expect((await played.call("/resume", { method: "GET" })).status).toBe(405);
  });

  it("gives amoCRM the session's cookie and none of the caller's headers but what the body is", async () => {
    const played = playService();
    await played.call("/api/v4/leads", {
      method: "POST",
      body: JSON.stringify([{ name: "Lead" }]),
      headers: {
        cookie: "stolen=1",
        "content-type": "application/json",
        connection: "keep-alive, x-other",
        "x-other": "1",
        "proxy-authorization": "Basic x",
        host: "evil.example",
        "x-forwarded-host": "evil.example",
        "transfer-encoding": "chunked",
      },
    });
    const headers = played.asked[0]?.init.headers as Record<string, string>;
    expect(Object.keys(headers).toSorted()).toEqual([
      "accept-encoding",
      "content-type",
      "cookie",
      "user-agent",
      "x-requested-with",
    ]);
    expect(headers["cookie"]).toMatch(/^access_token=[0-9a-f]{48}$/);
    expect(played.asked[0]?.url).toBe("https://sim.amocrm.ru/api/v4/leads");
  });

  it("gives back amoCRM's answer without its cookies, marked and with the account", async () => {
    const played = playService({ account: { sign_in: { rotates: true } } });
    const answer = await played.call("/api/v4/account");
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "application/hal+json",
      "x-amocrm-session": "passed",
      "x-amocrm-account": "5550001",
      "x-amocrm-origin": "https://sim.amocrm.ru",
    });
    expect(answer.headers.get("set-cookie")).toBeNull();
    expect(answer.headers.get("date")).not.toBeNull();
    expect(await answer.json()).toMatchObject({ id: 5_550_001, current_user_id: 7003 });
    // The renewed cookie is used: the old one ends with that.
    for (let time = 0; time < 3; time++) expect((await played.call("/api/v4/account")).status).toBe(200);
    expect(played.simulator.control.signIns()).toMatchObject({ tries: 1, sessions: 1 });
  });

  it.each(["html_401", "json_401", "redirect"] as const)(
    "repeats a write that an ended session kept from amoCRM: %s",
    async (ended_answer) => {
      const played = playService({ account: { sign_in: { ended_answer } } });
      await played.call("/api/v4/account");
      played.simulator.control.endSessions();
      const body = JSON.stringify([{ name: "Lead" }]);
      expect((await played.call("/api/v4/leads", { method: "POST", body })).status).toBe(200);
      expect(played.simulator.state.deals()).toHaveLength(1);
    },
  );

  it("repeats a read that was answered with a page, but no write: of that nobody knows whether it was done", async () => {
    const played = playService({ account: { sign_in: { ended_answer: "page" } } });
    await played.call("/api/v4/account");
    played.simulator.control.endSessions();
    expect((await played.call("/api/v4/account")).headers.get("content-type")).toBe("application/hal+json");
    await played.clock.advance(700_000);
    played.simulator.control.endSessions();
    const asked = played.asked.length;
    const answer = await played.call("/api/v4/leads", { method: "POST", body: "[{}]" });
    expect([answer.status, answer.headers.get("x-amocrm-session")]).toEqual([200, "passed"]);
    expect(played.asked.length).toBe(asked + 1);
    // It was noticed all the same: the next call is the first of a new session.
    expect((await played.call("/api/v4/account")).headers.get("content-type")).toBe("application/hal+json");
  });

  it("passes amoCRM's own refusals on as they are", async () => {
    const played = playService();
    await played.call("/api/v4/account");
    const path = "/api/v4/*";
    played.simulator.control.addFaults(
      { kind: "rate_limit", times: 1, path },
      { kind: "unpaid", times: 1, path },
      { kind: "status", status: 504, times: 1, path },
    );
    const statuses = [];
    for (let time = 0; time < 4; time++) statuses.push((await played.call("/api/v4/account")).status);
    expect(statuses).toEqual([429, 402, 504, 200]);
    expect(played.simulator.control.signIns().tries).toBe(1);
  });

  it("says of a call that broke off that it may have been done, and sends it once", async () => {
    const played = playService();
    await played.call("/api/v4/account");
    played.simulator.control.addFaults({ kind: "lost_answer", times: 1, path: "/api/v4/*" });
    const answer = await played.call("/api/v4/leads", { method: "POST", body: '[{"name":"Lead"}]' });
    expect([answer.status, answer.headers.get("x-amocrm-session")]).toEqual([502, "amocrm_lost"]);
    expect(played.simulator.state.deals()).toHaveLength(1);
  });

  it("refuses a call that is meant for another account", async () => {
    const played = playService();
    const call = (account: string) =>
      played.call("/api/v4/account", { headers: { "x-amocrm-account": account } });
    expect((await call("5550001")).status).toBe(200);
    const answer = await call("5550002");
    expect([answer.status, answer.headers.get("x-amocrm-session")]).toEqual([409, "other_account"]);
    expect(played.asked).toHaveLength(1);
  });

  it("sends nothing for a caller who is gone", async () => {
    const played = playService();
    const signal = AbortSignal.abort();
    await played.call("/api/v4/leads", { method: "POST", body: "[{}]", signal });
    expect(played.asked).toEqual([]);
  });

  it("tells everybody how it is, and takes no call once it is to end", async () => {
    const played = playService();
    await played.call("/api/v4/account");
    played.service.stop();
    expect((await played.call("/api/v4/account")).headers.get("x-amocrm-session")).toBe("stopping");
    const health = await played.call("/health", { secret: null });
    expect(await health.json()).toMatchObject({
      state: "ok",
      signed_in_since: "2027-01-15T08:00:00.000Z",
      last_refusal: null,
      version: "test",
    });
  });

  it("has neither cookie, password, address nor secret in any answer or line of the log", async () => {
    const played = playService({ account: { sign_in: { echoes_password: true, rotates: true } } });
    const answers: string[] = [];
    const hear = async (answer: Response) =>
      answers.push(JSON.stringify([...answer.headers]), await answer.text());
    for (const password of ["sim-password-4711", "wrong-password-0815", "wrong-password-0815"]) {
      played.type(password);
      await hear(await played.call("/api/v4/account"));
      await hear(await played.call("/health", { secret: null }));
      await hear(await played.call("/resume", { method: "POST" }));
      await hear(await played.call("/nothing", { secret: null }));
      await hear(await played.call("/api/v4/%00"));
      played.simulator.control.endSessions();
      await played.clock.advance(700_000);
    }
    expect(answers.length).toBe(30);
    for (const text of [...answers, ...played.logged]) {
      expect(text).not.toMatch(NOTHING_OF_OURS);
      expect(text).not.toContain("wrong-password-0815");
    }
  });
});
