import { describe, expect, it } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { listPipelines } from "#shared/admin/pipelines/pipelines.ts";
import { createFakeStore } from "./support/fake-store.ts";
import { createSimulatedAccount } from "./support/simulated-account.ts";

const { sales, tripwire } = SEED_IDS;
const route = (source: string, pipelineId: number | null, statusId: number | null) => ({
  source,
  pipeline_id: pipelineId,
  status_id: statusId,
  responsible_user_id: null,
  tags: [],
  deal_name: "{name}",
  on_repeat: "note" as const,
});

describe("listPipelines", () => {
  it("tells stages in order with their type, and which rows of ours use them", async () => {
    const { account } = createSimulatedAccount();
    const store = createFakeStore();
    store.rows.routes = [route("*", null, null), route("site", sales.pipeline, sales.fresh)];
    store.rows.stages = [
      { event: "student.created", pipeline_id: tripwire.pipeline, status_id: tripwire.bought },
      { event: "student.lost", pipeline_id: tripwire.pipeline, status_id: 143 },
    ];
    const { pipelines } = await listPipelines({ store, account });
    expect(pipelines?.map(({ id, is_main, used_by }) => ({ id, is_main, used_by }))).toEqual([
      { id: sales.pipeline, is_main: true, used_by: ["route *"] },
      { id: tripwire.pipeline, is_main: false, used_by: [] },
    ]);
    expect(pipelines?.[0]?.stages.map(({ id, type, used_by }) => [id, type, ...used_by])).toEqual([
      [sales.unsorted, "unsorted"],
      [sales.fresh, "open", "route site"],
      [sales.qualified, "open"],
      [sales.proposal, "open"],
      [142, "won"],
      [143, "lost"],
    ]);
    expect(pipelines?.[1]?.stages.filter(({ used_by }) => used_by.length > 0)).toMatchObject([
      { id: tripwire.bought, used_by: ["stage student.created"] },
      { id: 143, used_by: ["stage student.lost"] },
    ]);
    expect(store.pipelines).toHaveLength(2);
  });

  it("gives the reason and keeps what was read before when amoCRM does not answer", async () => {
    const { account, simulator } = createSimulatedAccount();
    const store = createFakeStore();
    simulator.control.block();
    expect(await listPipelines({ store, account })).toEqual({
      pipelines: null,
      reason: expect.stringContaining("blocks this account"),
    });
    expect(store.pipelines).toEqual([]);
  });
});
