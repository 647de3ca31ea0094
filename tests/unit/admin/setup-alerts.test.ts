import { expect, it } from "vitest";
import { prepareSetup } from "./support/prepare-setup.ts";

it("warns of an address that answers the test with a refusal, since no alert would arrive there", async () => {
  const { store, run } = prepareSetup();
  store.testProblem = "amocrm_alert_url answered 501";
  const { ok, steps } = await run({ alerts: { alertUrl: "https://hooks.example/T0/secret" } });
  expect(ok).toBe(true);
  expect(steps["alert address"]).toEqual({
    outcome: "warning",
    detail: "amocrm_alert_url is at hooks.example, but no alert arrives there: amocrm_alert_url answered 501",
  });
});
