import { describe, expect, it } from "vitest";
import { runWebhook } from "#cli/commands/webhook.ts";
import type { WebhookAnswer } from "#shared/admin/webhook/answer.ts";
import { type BenchOptions, createBench, NOW_MS } from "./support/command.ts";

const AT = new Date(NOW_MS - 3_600_000).toISOString();
const STATUS: WebhookAnswer["status"] = {
  state: "on",
  made_at: AT,
  checked_at: AT,
  problem_code: null,
  healed_at: null,
  is_healthy: true,
  last_delivery_at: AT,
  deliveries_hour: 3,
  duplicates_hour: 0,
  deliveries_day: 21,
  duplicates_day: 2,
  unreadable_count: 0,
  foreign_count: 0,
  waiting_count: 0,
  by_hooks_day: 40,
  by_pulls_only_day: 1,
};
const bench = (answer: Partial<WebhookAnswer>, options: Partial<BenchOptions> = {}) =>
  createBench({
    answer: () => ({ mode: "status", subscription: "on", problem: null, status: STATUS, ...answer }),
    ...options,
  });

describe("webhook", () => {
  it("says how the subscription stands and what came, in both languages", async () => {
    const { context, stdout, asked } = bench({});
    expect(await runWebhook({}, context)).toBe(0);
    expect(asked).toEqual([{ action: "webhook", mode: "status" }]);
    expect(stdout()).toContain("✓ amoCRM's hooks come here");
    expect(stdout()).toContain("21 deliveries in a day, 3 in the last hour, 2 repeated");
    expect(stdout()).toContain("40 by hooks, 1 that only a pull found");
    const russian = bench({}, { language: "ru" });
    await runWebhook({}, russian.context);
    expect(russian.stdout()).toContain("За сутки 21 доставка, за последний час 3, повторных 2");
  });

  it.each([
    ["disabled", "amoCRM has disabled the subscription"],
    ["missing", "The subscription is gone from amoCRM"],
  ] as const)("is wrong when it is %s", async (subscription, words) => {
    const { context, stdout } = bench({ subscription });
    expect(await runWebhook({ mode: "status" }, context)).toBe(1);
    expect(stdout()).toContain(`✗ ${words}`);
  });

  it.each([
    ["plan", /tariff \(402\)/],
    ["rights", /administrator of the account/],
    ["no_address", /setup/],
    ["server_error", /amoCRM did not do it: It broke/],
  ])("says in words of its own why it could not be switched on: %s", async (code, words) => {
    const { context } = bench({ mode: "on", subscription: "off", problem: { code, message: "It broke" } });
    await expect(runWebhook({ mode: "on" }, context)).rejects.toMatchObject({
      code,
      says: { en: expect.stringMatching(words) },
    });
  });

  it("says little when it is off, and refuses what it does not know", async () => {
    const { context, stdout } = bench({ subscription: "off" });
    expect(await runWebhook({ mode: "off" }, context)).toBe(0);
    expect(stdout().trim().split("\n")).toHaveLength(1);
    await expect(runWebhook({ mode: "maybe" }, context)).rejects.toMatchObject({ exitCode: 2 });
  });

  it("tells of deliveries that were not ours to read, and of a subscription made again", async () => {
    const status = {
      ...STATUS,
      unreadable_count: 1,
      foreign_count: 2,
      healed_at: AT,
      is_healthy: false,
      last_delivery_at: null,
    };
    const { context, stdout } = bench({ status });
    await runWebhook({}, context);
    for (const words of [
      "1 delivery could not be read",
      "2 deliveries named another account",
      "Made again by itself",
      "Nothing has come yet",
    ])
      expect(stdout()).toContain(words);
  });
});
