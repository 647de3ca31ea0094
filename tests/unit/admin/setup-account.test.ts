import { beforeEach, describe, expect, it } from "vitest";
import { prepareSetup } from "./support/prepare-setup.ts";

let { store, run, switched } = prepareSetup();

beforeEach(() => {
  ({ store, run, switched } = prepareSetup());
});

describe("setup of another account", () => {
  it("comes first, and says that sending is paused and what to check", async () => {
    switched.answer = { ok: true, accountId: 8, isOther: true, previousId: 7 };
    const { ok, outcomes, steps } = await run({ switch: true, routes: [{ source: "*" }] });
    expect(ok).toBe(true);
    expect(outcomes).toEqual(["account: warning", "pipelines: done", "route *: done"]);
    expect(steps["account"]?.detail).toMatch(/^Account 8 .* account 7 are forgotten.* paused/);
  });

  it("that is the same one keeps everything, and says so", async () => {
    expect((await run({ switch: true })).steps["account"]).toEqual({
      outcome: "done",
      detail: "This database sends to account 7 from here on",
    });
  });

  it("that cannot be told writes nothing else", async () => {
    switched.answer = { ok: false, message: "amoCRM does not answer" };
    const { ok, steps } = await run({ switch: true, routes: [{ source: "*" }] });
    expect(ok).toBe(false);
    expect(steps).toEqual({ account: { outcome: "refused", detail: "amoCRM does not answer" } });
    expect(store.rows.routes).toEqual([]);
  });
});
