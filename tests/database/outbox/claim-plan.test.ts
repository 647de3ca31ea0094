import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDatabase, type Session, type TestDatabase } from "../support/database.ts";
import { openDrainer } from "../support/drainer.ts";
import { MIGRATED_TEMPLATE } from "../support/server.ts";

interface PlanNode {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Actual Rows": number;
  "Actual Loops": number;
  "Rows Removed by Filter"?: number;
  Plans?: PlanNode[];
}

const flatten = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flatten)];

let database: TestDatabase;
let superuser: Session;
const notices: string[] = [];

/** 20,000 people wait, one of them with 20,000 messages; half of all is not due, and as much was delivered long ago. */
beforeAll(async () => {
  database = await openDatabase(MIGRATED_TEMPLATE);
  await database.connect({ user: "supabase_admin" }).unsafe(`
    insert into amocrm.people select from generate_series(1, 20000);
    insert into amocrm.person_keys values ('email', 'known@example.com', 5);
    insert into amocrm.outbox (queue, kind, person_id, subject_table, subject_id, is_fresh, is_head, state, delivered_at, next_attempt_at)
    select 'amocrm', 'lead.created', person.id, 'unified_lead_tracking', gen_random_uuid(), false,
      state = 'pending', state, case when state = 'delivered' then now() end,
      now() + case when person.id % 2 = 0 then interval '1 hour' else interval '-1 hour' end
    from generate_series(1, 20000) as person (id), unnest(array['pending', 'delivered']) as state;
    insert into amocrm.outbox (queue, kind, person_id, subject_table, subject_id, is_fresh)
    select 'amocrm', 'lead.created', 2, 'unified_lead_tracking', gen_random_uuid(), false from generate_series(1, 20000);
    analyze amocrm.outbox, amocrm.calling_codes`);
  superuser = database.connect({ user: "supabase_admin", onNotice: (text) => notices.push(text) });
  await superuser.unsafe(`load 'auto_explain'; set auto_explain.log_min_duration = 0; set auto_explain.log_analyze = on;
    set auto_explain.log_nested_statements = on; set auto_explain.log_format = json; set auto_explain.log_level = notice`);
});
afterAll(() => database.drop());

/** The plans of all statements that a call runs, in order, as they really ran. */
async function plansOf(call: string): Promise<{ text: string; nodes: PlanNode[] }[]> {
  notices.length = 0;
  await superuser.unsafe(call);
  return notices
    .filter((text) => text.includes("plan:\n"))
    .map((text) => JSON.parse(text.slice(text.indexOf("{"))) as { "Query Text": string; Plan: PlanNode })
    .map((plan) => ({ text: plan["Query Text"], nodes: flatten(plan.Plan) }));
}

/** What a step read, also what it then threw away. */
const rowsOf = (node: PlanNode): number =>
  (node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0)) * node["Actual Loops"];

describe("the claim of 10 of a backlog of 20,000 people", () => {
  test.each([
    { what: "where the first ones are due", laterCount: 0, query: "as first" },
    { what: "behind a thousand that are not due", laterCount: 1000, query: "as priorities" },
  ])("reads ten messages $what, in the order of the ready index", async ({ laterCount, query }) => {
    // They stay so: whatever else is asked below must not walk them either.
    await superuser`update amocrm.outbox set priority = 0 where id in (
      select id from amocrm.outbox where is_head and next_attempt_at > now() order by id limit ${laterCount})`;
    const drainer = openDrainer(database);
    await drainer.begin();
    const plans = await plansOf(`select count(*) from amocrm.claim('amocrm', '${drainer.token}', 10)`);
    await drainer.end();
    const claim = plans.find(({ text }) => text.includes(query));
    expect(plans.some(({ text }) => text.includes("as priorities"))).toBe(laterCount > 0);
    const scans = claim?.nodes.filter((node) => node["Index Name"]?.includes("lane_priority")) ?? [];
    expect(scans.length).toBeGreaterThan(0);
    expect(Math.max(...scans.map(rowsOf))).toBeLessThanOrEqual(10);
    // Not one statement of the whole call walked the backlog, whichever way.
    const widest = plans
      .flatMap(({ nodes }) => nodes)
      .toSorted((one, other) => rowsOf(other) - rowsOf(one))[0];
    expect(rowsOf(widest as PlanNode)).toBeLessThanOrEqual(40);
    expect(plans.flatMap(({ nodes }) => nodes).map((node) => node["Node Type"])).not.toContain(
      "Seq Scan on outbox",
    );
    const sequential = plans
      .flatMap(({ nodes }) => nodes)
      .filter((node) => node["Node Type"] === "Seq Scan" && node["Relation Name"]?.includes("outbox"));
    // The other queue's partition is empty, and is all that may be read in sequence.
    expect(sequential.filter((node) => node["Relation Name"] !== "message_outbox")).toEqual([]);
  });

  test.each([
    { what: "asking whether anything is due", call: "select amocrm.is_due('amocrm')" },
    {
      what: "promoting the next of 20,000 messages of one person",
      call: "select amocrm.promote('amocrm', 2)",
    },
    {
      what: "placing a message of somebody new, and one of somebody known,",
      call: `insert into amocrm.outbox (queue, kind, email_key, subject_table, subject_id)
        select 'amocrm', 'lead.created', address, 'unified_lead_tracking', gen_random_uuid()
        from unnest(array['known@example.com', 'new@example.com']) as address;
        select amocrm.place('amocrm', 10)`,
    },
    { what: "the landing of a person's message", call: "select amocrm.landed('amocrm', 7)" },
    { what: "the doorbell", call: "select amocrm.ring('amocrm')" },
    { what: "the tick", call: "select public.amocrm_tick()" },
  ])("$what walks no more than a few rows", async ({ call }) => {
    const plans = await plansOf(call);
    expect(plans.length).toBeGreaterThan(0);
    for (const { text, nodes } of plans) {
      expect({ text, rows: Math.max(...nodes.map(rowsOf)) }).toMatchObject({
        rows: expect.toSatisfy((rows) => rows <= 40),
      });
    }
  });
});
