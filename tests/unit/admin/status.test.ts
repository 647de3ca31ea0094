import { describe, expect, it } from "vitest";
import { StatusAnswer } from "../../../supabase/functions/_shared/admin/answer.ts";
import { readStatus } from "../../../supabase/functions/_shared/admin/status.ts";
import { createFakeStore } from "./support/fake-store.ts";
import { createSimulatedAccount } from "./support/simulated-account.ts";

const isSecretKey = async (): Promise<boolean> => true;

describe("readStatus", () => {
  it("tells the database's verdict and the counts, and asks amoCRM nothing", async () => {
    const { account, requests } = createSimulatedAccount();
    const store = createFakeStore({ verdict: "blocked", problem: "unpaid", remedy: "pay" });
    const status = await readStatus({ store, account, isSecretKey });
    expect(StatusAnswer.parse(status)).toMatchObject({
      verdict: "blocked",
      problem: "unpaid",
      remedy: "pay",
      duplicate_count: 3,
      dead_letter_count: 2,
    });
    expect(requests()).toEqual([]);
  });

  it.each([
    ["disabled", { state: "disabled" }, "AMOCRM_ENABLED is false"],
    [
      "unconfigured",
      { state: "unconfigured", missing: ["AMOCRM_ACCESS_TOKEN"], message: "AMOCRM_ACCESS_TOKEN is not set" },
      "AMOCRM_ACCESS_TOKEN is not set",
    ],
  ] as const)("says %s before the first drain could tell it", async (verdict, settings, problem) => {
    const { account } = createSimulatedAccount(structuredClone(settings) as never);
    const status = await readStatus({ store: createFakeStore(), account, isSecretKey });
    expect(status).toMatchObject({ verdict, problem });
  });

  it("lets a fault that the database found come first", async () => {
    const { account } = createSimulatedAccount({ state: "disabled" });
    const store = createFakeStore({ verdict: "paused", problem: "moving" });
    expect(await readStatus({ store, account, isSecretKey })).toMatchObject({ verdict: "paused" });
  });
});
