import { afterAll, beforeAll, expect, test } from "vitest";
import { crmOf } from "../support/crm.ts";
import { hurry } from "../support/hurry.ts";
import { admit, complete, setStages } from "../support/students.ts";
import { ACCOUNT, type System, startSystem } from "../support/system.ts";

const BOUGHT = 62001;
const LESSON_67 = 62002;

let system: System;
let crm: ReturnType<typeof crmOf>;
beforeAll(async () => {
  system = await startSystem();
  crm = crmOf(system.simulator);
  await setStages(system);
  // What a first pull would have done in an empty account.
  await system.sql`update amocrm.cursors set is_complete = true, changed_until = clock_timestamp() where entity = 'contact'`;
});
afterAll(() => system.stop());

const people = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, index) => ({
    full_name: `${prefix} ${index}`,
    email: `${prefix}${index}@course.example`,
    phone: `+7702${prefix.length}${String(100_000 + index)}`,
  }));
const schoolDeals = () => crm.deals().filter((deal) => deal.pipeline_id === ACCOUNT.tripwirePipelineId);
const noteCounts = () => {
  const counts = new Map<number, number>(schoolDeals().map(({ id }) => [id, 0]));
  for (const { entity_id } of crm.notes()) counts.set(entity_id, (counts.get(entity_id) ?? 0) + 1);
  return [...counts.values()];
};
/** Does the work while sending is paused and tells the requests that the rest took. */
async function together(work: () => Promise<unknown>): Promise<string[]> {
  await system.sql`select amocrm_pause('the test collects messages first')`;
  await work();
  const before = system.simulator.simulator.log.entries().length;
  await system.sql`select amocrm_resume()`;
  await system.delivered();
  return system.simulator.simulator.log
    .entries()
    .slice(before)
    .map(({ method, path, item_count }) => `${method} ${path} ${item_count}`);
}

let students: string[] = [];

test("two hundred students are two hundred deals at the right stage, with one note each", async () => {
  const requests = await together(async () => {
    students = await admit(system, people(200, "student"));
  });
  console.log(`200 students: ${requests.length} requests`);
  expect(requests.length).toBeLessThanOrEqual(10);
  expect(schoolDeals()).toHaveLength(200);
  expect(new Set(schoolDeals().map((deal) => deal.status_id))).toEqual(new Set([BOUGHT]));
  expect(crm.contacts()).toHaveLength(200);
  expect(noteCounts()).toEqual(Array(200).fill(1));
  const [row] =
    await system.sql`select count(*)::int as students, count(distinct amocrm_deal_id)::int as deals,
      count(distinct amocrm_contact_id)::int as contacts from tripwire_users where amocrm_synced_at is not null`;
  expect(row).toEqual({ students: 200, deals: 200, contacts: 200 });
});

test("a hundred lessons completed at once cost a handful of requests, none of them a note", async () => {
  const requests = await together(() =>
    complete(
      system,
      students.slice(0, 100).map((studentId) => ({ studentId, lessonId: 67 })),
    ),
  );
  console.log(`100 completed lessons: ${requests.length} requests: ${requests.join(", ")}`);
  expect(requests.filter((request) => request.startsWith("PATCH"))).toEqual(
    Array(2).fill("PATCH /api/v4/leads 50"),
  );
  expect(requests.length).toBeLessThanOrEqual(6);
  expect(schoolDeals().filter((deal) => deal.status_id === LESSON_67)).toHaveLength(100);
  expect(noteCounts()).toEqual(Array(200).fill(1));
});

test("deals that managers moved, won or lost by hand are left alone in the midst of a batch", async () => {
  const { control } = system.simulator.simulator;
  const rows = await system.sql`select amocrm_deal_id::int as deal from tripwire_users
    where id = any(${students.slice(100, 130)}) order by email`;
  const deals = rows.map((row) => row["deal"] as number);
  for (const [index, deal_id] of deals.entries()) {
    if (index % 3 === 0) control.edit({ action: "win_deal", deal_id });
    if (index % 3 === 1) control.edit({ action: "lose_deal", deal_id });
    if (index % 3 === 2)
      control.edit({
        action: "move_deal",
        deal_id,
        pipeline_id: ACCOUNT.tripwirePipelineId,
        status_id: 62004,
      });
  }
  const before = schoolDeals().filter(({ id }) => deals.includes(id));
  await together(() =>
    complete(
      system,
      students.slice(100).map((studentId) => ({ studentId, lessonId: 67 })),
    ),
  );
  expect(schoolDeals().filter(({ id }) => deals.includes(id))).toEqual(before);
  expect(schoolDeals().filter((deal) => deal.status_id === LESSON_67)).toHaveLength(170);
  const reasons = await system.sql`select last_error_code as code, count(*)::int from amocrm_outbox
    where kind = 'lesson.completed' and state = 'delivered' and last_error_code is not null group by 1 order by 1`;
  expect([...reasons]).toEqual([
    { code: "deal_ahead", count: 10 },
    { code: "deal_lost", count: 10 },
    { code: "deal_won", count: 10 },
  ]);
});

test("with amoCRM down, then failing and losing answers, students and lessons arrive once and in order", async () => {
  const { control } = system.simulator.simulator;
  const known = schoolDeals().length;
  await system.simulator.down();
  const hurrying = hurry(system);
  const late = await admit(system, people(60, "late"));
  await complete(
    system,
    late.flatMap((studentId) => [67, 68].map((lessonId) => ({ studentId, lessonId }))),
  );
  control.addFaults(
    { kind: "status", status: 502, probability: 0.15, times: 12 },
    { kind: "lost_answer", method: "POST", probability: 0.5, times: 4 },
    { kind: "lost_answer", method: "PATCH", probability: 0.5, times: 4 },
    { kind: "missing_items", method: "POST", count: 3, probability: 0.3, times: 3 },
  );
  await system.simulator.up();
  await system.delivered(100_000);
  control.clearFaults();
  await hurrying.stop();
  expect(schoolDeals()).toHaveLength(known + 60);
  expect(schoolDeals().filter((deal) => deal.status_id === 62003)).toHaveLength(60);
  expect(noteCounts()).toEqual(Array(260).fill(1));
  const [states] = await system.sql`select count(*)::int from amocrm_outbox where state <> 'delivered'`;
  expect(states).toEqual({ count: 0 });
});
