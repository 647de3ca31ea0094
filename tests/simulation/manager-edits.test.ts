import { describe, expect, test } from "vitest";
import { tellViolation } from "./checks/report.ts";
import type { ManagerAct } from "./people/manager.ts";
import { createChance } from "./world/chance.ts";
import type { Happening, LeadDraft, Plan } from "./world/plan.ts";
import { quietPlan } from "./world/quiet-plan.ts";
import { type RunResult, simulate } from "./world/simulate.ts";
import { useQueueDatabase } from "./world/support.ts";

const database = await useQueueDatabase();

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const chance = createChance(1, "manager edits");

/** A lead of always the same person. */
function insert(atMs: number, lead: Partial<LeadDraft> = {}): Happening {
  const person = {
    id: chance.uuid(),
    full_name: `Lead at ${atMs}`,
    email: "person@example.com",
    phone: null,
  };
  const leads = [{ ...person, source: "landing", metadata: null, ...lead }];
  return { kind: "insert", atMs, losesMessage: false, leads };
}

function edit(atMs: number, act: ManagerAct): Happening {
  return { kind: "manager", atMs, act };
}

async function run(happenings: Happening[], plan: Partial<Plan> = {}): Promise<RunResult> {
  const result = await simulate(database, quietPlan({ happenings, calmFromMs: 3 * MINUTE_MS, ...plan }));
  expect(result.record.violations, tellViolation(result, { withTrace: true })).toEqual([]);
  return result;
}

describe("a lead is delivered all the same when a manager", () => {
  test("deletes its deal before its note", async () => {
    const note = { metadata: { answer: "yes" } };
    const { evidence } = await run([insert(0, note), edit(8 * SECOND_MS, "delete_deal")]);
    const [message] = evidence.messages;
    expect(message?.state).toBe("delivered");
    expect(message?.warnings.map(({ code }) => code)).toContain("deal_deleted");
    expect(evidence.deals.map(({ id }) => id)).toEqual([message?.amocrm_deal_id]);
    expect(evidence.notes.map((row) => row.entity_id)).toEqual([message?.amocrm_deal_id]);
  });

  test("deletes its contact between the reading and the change", async () => {
    const { evidence } = await run([
      insert(0),
      insert(MINUTE_MS, { phone: "+79000001000" }),
      edit(MINUTE_MS + 1500, "delete_contact"),
    ]);
    expect(evidence.messages.map(({ state }) => state)).toEqual(["delivered", "delivered"]);
    expect(evidence.contacts.map(({ id }) => id)).toEqual([evidence.messages[1]?.amocrm_contact_id]);
  });

  test("has deleted one of the person's deals, which the account's lists then leave out", async () => {
    const { evidence, record } = await run(
      [
        insert(0),
        insert(20 * SECOND_MS, { source: "webinar" }),
        edit(MINUTE_MS, "delete_deal"),
        insert(2 * MINUTE_MS),
      ],
      { account: { log_bodies: true, lists: { filters_need_paid_option: true } } },
    );
    expect(evidence.messages.map(({ state }) => state)).toEqual(["delivered", "delivered", "delivered"]);
    expect(
      record.departures.some(({ what }) => what.includes("filter[id]")),
      "they were listed",
    ).toBe(true);
  });
});
