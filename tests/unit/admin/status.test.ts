import { describe, expect, it } from "vitest";
import { StatusAnswer } from "#shared/admin/answer.ts";
import { readStatus } from "#shared/admin/status/status.ts";
import { createFakeStore, MAIL_HEALTHY } from "./support/fake-store.ts";
import { createSimulatedAccount } from "./support/simulated-account.ts";

describe("readStatus", () => {
  it("tells the database's verdict and the counts, and asks amoCRM nothing", async () => {
    const { account, requests } = createSimulatedAccount();
    const store = createFakeStore({ verdict: "blocked", problem: "unpaid", remedy: "pay" });
    const status = await readStatus({ store, account });
    expect(StatusAnswer.parse(status)).toMatchObject({
      verdict: "blocked",
      problem: "unpaid",
      remedy: "pay",
      duplicate_count: 3,
      dead_letter_count: 2,
    });
    expect(requests()).toEqual([]);
  });

  it("tells what is beside the verdict: open alerts, leads in quarantine with the way out, the queue of mails", async () => {
    const { account } = createSimulatedAccount();
    const oldest = "2026-11-21T09:00:00+00:00";
    const store = createFakeStore({ quarantined_count: 12, oldest_quarantined_at: oldest });
    store.alerts = [
      {
        code: "form_flood",
        severity: "warning",
        detail: "12 leads are in quarantine",
        remedy: null,
        first_seen_at: oldest,
        over_since: null,
      },
    ];
    const status = StatusAnswer.parse(await readStatus({ store, account }));
    expect(status).toMatchObject({
      verdict: "ok",
      open_alerts: store.alerts,
      quarantine: {
        lead_count: 12,
        oldest_at: oldest,
        remedy: "npm run amocrm -- quarantine",
      },
      mail: MAIL_HEALTHY,
    });
    const quiet = await readStatus({ store: createFakeStore(), account });
    expect(quiet).toMatchObject({ open_alerts: [], quarantine: null });
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
    const status = await readStatus({ store: createFakeStore(), account });
    expect(status).toMatchObject({ verdict, problem });
  });

  it("lets a fault that the database found come first", async () => {
    const { account } = createSimulatedAccount({ state: "disabled" });
    const store = createFakeStore({ verdict: "paused", problem: "moving" });
    expect(await readStatus({ store, account })).toMatchObject({ verdict: "paused" });
  });
});
