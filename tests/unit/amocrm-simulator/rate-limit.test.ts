import { describe, expect, it } from "vitest";
import type { Account } from "./support/account.ts";
import { openAccount } from "./support/account.ts";

const HOUR_MS = 3_600_000;
const statuses = async (account: Account, count: number): Promise<number[]> => {
  const seen: number[] = [];
  for (let turn = 0; turn < count; turn++) seen.push((await account.get("/api/v4/account")).status);
  return seen;
};

describe("the rate limit", () => {
  it("lets seven requests a second pass by default, counted by a sliding window", async () => {
    const account = openAccount({ rate: {} });
    expect(await statuses(account, 8)).toEqual([200, 200, 200, 200, 200, 200, 200, 429]);
    await account.clock.advance(999);
    expect(await statuses(account, 1)).toEqual([429]);
    await account.clock.advance(1);
    expect(await statuses(account, 1)).toEqual([200]);
  });

  it("starts anew with each second in a fixed window", async () => {
    const account = openAccount({ rate: { window: "fixed" } });
    await account.clock.advance(900);
    expect(await statuses(account, 8)).toContain(429);
    await account.clock.advance(100);
    expect(await statuses(account, 7)).not.toContain(429);
  });

  it("counts integrations apart and the account together", async () => {
    const tokens = { access_tokens: ["a", { token: "b", client_id: "other" }] };
    const account = openAccount({ rate: { requests_per_second: 3, account_per_second: 5 }, tokens });
    const by = async (token: string) =>
      (await account.send("GET", "/api/v4/account", { headers: { authorization: `Bearer ${token}` } }))
        .status;
    expect([await by("a"), await by("a"), await by("a"), await by("a")]).toEqual([200, 200, 200, 429]);
    expect([await by("b"), await by("b"), await by("b")]).toEqual([200, 200, 429]);
  });

  it("counts refused requests only when set so", async () => {
    for (const [refused_count_too, status] of [
      [false, 200],
      [true, 429],
    ] as const) {
      const account = openAccount({ rate: { requests_per_second: 1, refused_count_too } });
      await statuses(account, 1);
      await account.clock.advance(500);
      await statuses(account, 1);
      await account.clock.advance(500);
      expect(await statuses(account, 1)).toEqual([status]);
    }
  });

  it("counts token requests unless set otherwise", async () => {
    for (const [count_against_rate, status] of [
      [true, 429],
      [false, 200],
    ] as const) {
      const account = openAccount({ rate: { requests_per_second: 1 }, tokens: { count_against_rate } });
      await account.send("POST", "/oauth2/access_token", {
        body: JSON.stringify({ client_id: "11111111-2222-4333-8444-555555555555" }),
      });
      expect(await statuses(account, 1)).toEqual([status]);
    }
  });

  it("refuses with JSON, HTML and an empty body in turn", async () => {
    const account = openAccount({ rate: { requests_per_second: 1, retry_after_s: 300 } });
    await statuses(account, 1);
    const replies = [await account.get("/x"), await account.get("/x"), await account.get("/x")];
    expect(replies.map((reply) => reply.headers.get("content-type"))).toEqual([
      "application/problem+json",
      "text/html",
      null,
    ]);
    expect(replies[0]?.json.retry_after).toBe(300);
    expect(replies[1]?.text).toContain("nginx");
    expect(replies[2]?.text).toBe("");
    expect(replies[0]?.headers.get("retry-after")).toBeNull();
  });

  it("sends a Retry-After header and one kind of body when set so", async () => {
    const rate = {
      requests_per_second: 1,
      body: "html",
      retry_after_header: true,
      retry_after_s: 4,
    } as const;
    const account = openAccount({ rate });
    await statuses(account, 1);
    for (let turn = 0; turn < 2; turn++) {
      const reply = await account.get("/x");
      expect([reply.text.startsWith("<html>"), reply.headers.get("retry-after")]).toEqual([true, "4"]);
    }
  });
});

describe("the block", () => {
  it("comes after the set number of refusals, as HTML on everything, and stays until lifted", async () => {
    const account = openAccount({
      rate: { requests_per_second: 1, blocks_after: { count: 3, window_ms: 60_000 } },
    });
    expect(await statuses(account, 5)).toEqual([200, 429, 429, 429, 403]);
    await account.clock.advance(HOUR_MS);
    const blocked = await account.get("/api/v4/leads");
    expect([blocked.status, blocked.headers.get("content-type")]).toEqual([403, "text/html"]);
    const token = await account.send("POST", "/oauth2/access_token", { body: "{}" });
    expect(token.status).toBe(403);
    account.sim.control.liftBlock();
    expect(await statuses(account, 1)).toEqual([200]);
  });

  it("does not come when the refusals are spread over more than the window", async () => {
    const account = openAccount({
      rate: { requests_per_second: 1, blocks_after: { count: 2, window_ms: 10_000 } },
    });
    for (let turn = 0; turn < 4; turn++) {
      expect(await statuses(account, 2)).toEqual([200, 429]);
      await account.clock.advance(10_000);
    }
  });
});
