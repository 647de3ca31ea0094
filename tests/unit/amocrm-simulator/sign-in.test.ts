import { describe, expect, it } from "vitest";
import { type Account, openAccount } from "./support/account.ts";

const RIGHT = { username: "robot@sim.example", password: "sim-password-4711" };
const NOBODY = { authorization: "" };

/** A browser's way in without a browser: the page, its cookies, its form. */
async function enter(
  account: Account,
  typed = RIGHT,
): Promise<{ status: number; text: string; cookie: string }> {
  const page = await account.send("GET", "/", { headers: NOBODY });
  const csrf = /name="csrf_token" value="(\w+)"/.exec(page.text)?.[1] ?? "";
  const reply = await post(account, { ...typed, csrf_token: csrf }, `csrf_token=${csrf}`);
  const cookie = reply.headers.getSetCookie().find((one) => one.startsWith("access_token="));
  return { status: reply.status, text: reply.text, cookie: cookie?.split(";")[0] ?? "" };
}

function post(account: Account, fields: Record<string, string>, cookie: string) {
  const headers = { ...NOBODY, cookie, "content-type": "application/json" };
  return account.send("POST", "/oauth2/authorize", { headers, body: JSON.stringify(fields) });
}

const call = (account: Account, cookie: string) =>
  account.send("GET", "/api/v4/account", { headers: { ...NOBODY, cookie } });

describe("the sign-in page", () => {
  it("lets in by the known form, books calls on its user, and shows the desk", async () => {
    const account = openAccount();
    const { cookie } = await enter(account);
    expect((await call(account, cookie)).json).toMatchObject({ id: 5_550_001, current_user_id: 7003 });
    expect((await account.send("GET", "/", { headers: { ...NOBODY, cookie } })).text).toContain("left_menu");
    expect(account.sim.control.signIns()).toMatchObject({ tries: 1, sessions: 1, refusals: 0 });
  });

  it("refuses a form without the token of its cookie", async () => {
    const account = openAccount();
    await account.send("GET", "/", { headers: NOBODY });
    expect((await post(account, { ...RIGHT, csrf_token: "made-up" }, "csrf_token=made-up")).status).toBe(401);
    expect(account.sim.control.signIns()).toMatchObject({ tries: 0, sessions: 0 });
  });

  it("locks after five refused tries, also for the right password", async () => {
    const account = openAccount();
    for (let time = 0; time < 5; time++) {
      expect((await enter(account, { ...RIGHT, password: "wrong" })).status).toBe(401);
    }
    expect((await enter(account)).cookie).toBe("");
    expect(account.sim.control.signIns()).toMatchObject({ refusals: 5, is_locked: true, sessions: 0 });
  });

  it("forgets refused tries with one that was right", async () => {
    const account = openAccount({ sign_in: { lock_after: 2 } });
    for (let time = 0; time < 3; time++) {
      await enter(account, { ...RIGHT, password: "wrong" });
      expect((await enter(account)).cookie).not.toBe("");
    }
  });

  it.each([
    [{ second_factor: true }, "/sign-in/code", "one-time-code"],
    [{ robot_check: "after" as const }, "/sign-in/robot", "captcha"],
    [{ account_choice: true }, "/sign-in/account", "accounts_list"],
  ])("leads to what comes after the password: %j", async (sign_in, next, mark) => {
    const account = openAccount({ sign_in });
    const { text, cookie } = await enter(account);
    expect([JSON.parse(text).next, cookie]).toEqual([next, ""]);
    expect((await account.send("GET", next, { headers: NOBODY })).text).toContain(mark);
  });

  it("shows what was typed only where it is told to", async () => {
    const typed = { ...RIGHT, password: "wrong-and-secret" };
    expect((await enter(openAccount(), typed)).text).not.toContain("wrong-and-secret");
    const echoing = openAccount({ sign_in: { echoes_password: true } });
    expect((await enter(echoing, typed)).text).toContain("wrong-and-secret");
  });
});

describe("a session", () => {
  it.each([
    ["html_401", 401, "text/html"],
    ["json_401", 401, "application/problem+json"],
    ["redirect", 302, null],
    ["page", 200, "text/html; charset=utf-8"],
  ] as const)("that has ended is answered as told: %s", async (ended_answer, status, type) => {
    const account = openAccount({ sign_in: { ended_answer } });
    const { cookie } = await enter(account);
    account.sim.control.endSessions();
    const reply = await call(account, cookie);
    expect([reply.status, reply.headers.get("content-type")]).toEqual([status, type]);
  });

  it("ends with its time, or later with each use", async () => {
    for (const is_sliding of [false, true]) {
      const account = openAccount({ sign_in: { ttl_s: 60, is_sliding } });
      const { cookie } = await enter(account);
      await account.clock.advance(45_000);
      expect((await call(account, cookie)).status).toBe(200);
      await account.clock.advance(45_000);
      expect((await call(account, cookie)).status).toBe(is_sliding ? 200 : 401);
    }
  });

  it("may change its cookie with each answer: the old one ends when the new one is used", async () => {
    const account = openAccount({ sign_in: { rotates: true } });
    const { cookie } = await enter(account);
    const next = (await call(account, cookie)).headers.getSetCookie()[0]?.split(";")[0] ?? "";
    expect((await call(account, next)).status).toBe(200);
    expect((await call(account, cookie)).status).toBe(401);
  });

  it("counts against an integration's limit, or only against the account's", async () => {
    for (const counts_as of ["integration", "account"] as const) {
      const account = openAccount({
        sign_in: { counts_as },
        rate: { requests_per_second: 2, account_per_second: 50, blocks_after: null },
      });
      const { cookie } = await enter(account);
      const statuses = [];
      for (let time = 0; time < 3; time++) statuses.push((await call(account, cookie)).status);
      expect(statuses).toEqual([200, 200, counts_as === "integration" ? 429 : 200]);
    }
  });
});
