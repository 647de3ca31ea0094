import { describe, expect, it } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { ChoicesAnswer } from "#shared/admin/choices/answer.ts";
import { listChoices } from "#shared/admin/choices/list-choices.ts";
import { createFakeStore } from "./support/fake-store.ts";
import { createSimulatedAccount } from "./support/simulated-account.ts";

const { sales, tripwire, users, dealFields, contactFields } = SEED_IDS;

describe("listChoices", () => {
  it("tells pipelines, active users and fields by name, what may move a deal, and what is chosen now", async () => {
    const { account } = createSimulatedAccount();
    const store = createFakeStore();
    store.rows.stages = [{ event: "lesson.67", pipeline_id: 4500, status_id: 62002 }];
    const choices = ChoicesAnswer.parse(
      await listChoices({ store, account, environment: { LINK_BASE_URL: " ", MOBIZON_API_KEY: "kz1" } }),
    );
    expect(choices.reason).toBeNull();
    expect(choices.account?.pipelines.map(({ id, is_main: isMain }) => [id, isMain])).toEqual([
      [sales.pipeline, true],
      [tripwire.pipeline, false],
    ]);
    expect(choices.account?.pipelines[1]?.stages[1]).toMatchObject({ id: tripwire.bought, type: "open" });
    expect(choices.account?.users?.map(({ id }) => id)).not.toContain(users.dismissed);
    expect(choices.account?.fields).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ entity: "deal", id: dealFields.tariff }),
        expect.objectContaining({ entity: "contact", id: contactFields.telegram }),
      ]),
    );
    expect(choices.events.slice(0, 3).map(({ event }) => event)).toEqual([
      "student.created",
      "lesson.67",
      "lesson.68",
    ]);
    expect(choices.alert_roads.map(({ host }) => host)).toEqual([null, null]);
    expect(choices.configured.stages).toEqual(store.rows.stages);
    expect(store.pipelines.map(({ id }) => id)).toContain(sales.pipeline);
  });

  it("tells why amoCRM cannot be asked, and what is chosen now all the same", async () => {
    const { account } = createSimulatedAccount({ state: "disabled" });
    const choices = await listChoices({ store: createFakeStore(), account, environment: {} });
    expect(choices).toMatchObject({ account: null, reason: expect.stringContaining("AMOCRM_ENABLED") });
  });
});
