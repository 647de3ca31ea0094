import { beforeEach, describe, expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { UNLIMITED_SETTINGS } from "#dev/amocrm-simulator/settings.ts";
import { handlers } from "#functions/amocrm-drain/handlers.ts";
import { createPlanStore, queueOf } from "#shared/amocrm/adapters.ts";
import { type Plan, planMessages } from "#shared/amocrm/plan.ts";
import { createChance } from "../../../simulation/world/chance.ts";
import { type Account, openAccount } from "../../support/account.ts";
import { SECOND_MS } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads } from "../../support/leads.ts";
import { openRpc } from "../../support/rpc.ts";

const database = await useDatabase();
const { sql } = database;
const { sales, tripwire, dealFields } = SEED_IDS;
const service = database.connect({ user: "authenticator", role: "service_role" });
const rpc = await openRpc(service);
let account: Account;
beforeEach(async () => {
  account = await openAccount(database, {
    simulator: { settings: { ...UNLIMITED_SETTINGS, log_bodies: true } },
  });
  await sql`insert into amocrm_routes (source, pipeline_id, status_id) values ('*', ${sales.pipeline}, ${sales.fresh})`;
  await sql`insert into amocrm_fields (entity, path, field_id) values ('deal', 'id', ${dealFields.leadId})`;
  await sql`insert into amocrm_stages (event, pipeline_id, status_id) values ('student.created', ${tripwire.pipeline}, ${tripwire.bought})`;
});

const plan = (lead: string | null = null, limit = 100): Promise<Plan> =>
  planMessages({ lead, limit }, { store: createPlanStore(rpc), queueOf, handlers, nowMs: account.nowMs });
/** Only while nothing live is due, which would go first. */
const pullAll = async () => {
  for (let turn = 0; turn < 30; turn++) {
    await account.wait(SECOND_MS);
    if (!(await account.pull()).isMoreDue) return;
  }
  throw new Error("The pull comes to no end");
};

/** How many rows each table has, without what the plan cannot know of. */
async function rowCounts(): Promise<Record<string, number>> {
  const tables =
    await sql`select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('amocrm', 'public', 'net', 'cron')`;
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const [row] = await sql.unsafe(
      `select count(*)::int as count, coalesce(md5(string_agg(one::text, '|' order by one::text)), '') as content from ${name} as one`,
    );
    counts[name] = row?.["count"];
    counts[`${name} content`] = row?.["content"];
  }
  return counts;
}

/** A request with the ids that were there before; what the run itself makes has another id on paper. */
const shownOf = (method: string, path: string, ids: readonly number[], known: ReadonlySet<number>) =>
  `${method} ${path} ${ids
    .map((id) => (known.has(id) ? id : "new"))
    .toSorted()
    .join(",")}`;

function idsIn(entry: { query: string; body?: string; path: string }): number[] {
  const asked = [...new URLSearchParams(entry.query)].flatMap(([name, value]) =>
    /^filter\[(entity_)?id\]/.test(name) ? [Number(value)] : [],
  );
  const one = /\/(?:contacts|leads)\/(\d+)$/.exec(entry.path)?.[1];
  const items =
    entry.body === undefined || entry.body === ""
      ? []
      : (JSON.parse(entry.body) as Record<string, unknown>[]);
  const named = items.flatMap((item) => [
    ...[item["id"], item["entity_id"]].filter((id) => typeof id === "number"),
    ...((item["_embedded"] as { contacts?: { id?: number }[] } | undefined)?.contacts ?? []).flatMap(
      ({ id }) => id ?? [],
    ),
  ]);
  return [...(one === undefined ? [] : [Number(one)]), ...asked, ...(named as number[])];
}

const personOf = (place: number) => ({
  full_name: `Person ${place}`,
  email: `person${place}@example.com`,
  phone: `+7707000${1000 + place}`,
});

describe("a plan", () => {
  test("makes no request and changes nothing, whatever it is about", async () => {
    await insertLeads(sql, [personOf(1), personOf(2)]);
    await account.drain();
    await pullAll();
    const [lead = ""] = await insertLeads(sql, [{ ...personOf(1), source: "again" }]);
    await insertLeads(sql, [personOf(3)]);
    await sql`select amocrm_tell(jsonb_build_object('email', 'person2@example.com'), 'deal.note', '{"text": "x"}')`;
    await sql`select amocrm_tell(jsonb_build_object('email', 'person2@example.com'), 'deal.tags', '{"add": ["a"]}')`;
    const before = { rows: await rowCounts(), requests: account.requests() };
    const planned = await plan();
    expect({ rows: await rowCounts(), requests: account.requests() }).toEqual(before);
    expect(planned.messages).toHaveLength(3);
    expect(planned.waitingCount).toBe(1);
    const repeated = planned.messages.find(({ subjectId }) => subjectId === lead);
    const [deal] = account.simulator.state.deals();
    expect(repeated?.reasons).toMatchObject([
      { code: "route", source: "*", pipelineId: sales.pipeline },
      { code: "contact_by_link" },
      { code: "deal_open", id: deal?.id },
    ]);
    expect((await plan(lead)).messages.map(({ subjectId }) => subjectId)).toEqual([lead]);
    expect((await plan(null, 1)).messages).toHaveLength(1);
  });

  test("says why nothing is sent: no route, a deal that nobody has", async () => {
    await pullAll();
    await sql`delete from amocrm_routes where true`;
    await insertLeads(sql, [personOf(1)]);
    await sql`select amocrm_tell(jsonb_build_object('email', 'nobody@example.com'), 'deal.note', '{"text": "x"}')`;
    const { messages, requests } = await plan();
    expect(messages).toMatchObject([
      { kind: "lead.created", verdict: "retry", code: "no_route" },
      { kind: "deal.note", verdict: "retry", code: "no_deal" },
    ]);
    expect(requests.filter(({ method }) => method !== "GET")).toEqual([]);
  });

  test.each([1, 2, 3, 4, 5, 6])("is what the drain then does, in random situation %i", async (seed) => {
    const chance = createChance(seed, "plan");
    const people = Array.from({ length: 12 }, (_, place) => personOf(place));
    await insertLeads(
      sql,
      people.filter(() => chance.next() < 0.6),
    );
    await account.drain();
    for (const deal of account.simulator.state.deals()) {
      const lot = chance.next();
      if (lot < 0.25) account.simulator.control.edit({ action: "win_deal", deal_id: deal.id });
      else if (lot < 0.4) account.simulator.control.edit({ action: "lose_deal", deal_id: deal.id });
    }
    await pullAll();
    for (const person of people) {
      const lot = chance.next();
      const to = { email: person.email };
      if (lot < 0.4) await insertLeads(sql, [{ ...person, source: "again", metadata: { lot: String(lot) } }]);
      else if (lot < 0.5) await sql`select amocrm_tell(${sql.json(to)}, 'deal.note', '{"text": "hello"}')`;
      else if (lot < 0.6)
        await sql`select amocrm_tell(${sql.json(to)}, 'deal.move', ${sql.json({ pipeline_id: sales.pipeline, status_id: sales.qualified })})`;
      else if (lot < 0.7) await sql`select amocrm_tell(${sql.json(to)}, 'deal.tags', '{"add": ["paid"]}')`;
      else if (lot < 0.8)
        await sql`select amocrm_tell(${sql.json(to)}, 'deal.fields', ${sql.json({ values: { [dealFields.comment]: "blue" } })})`;
    }
    const known = new Set(
      [...account.simulator.state.deals(), ...account.simulator.state.contacts()].map(({ id }) => id),
    );
    const planned = await plan();
    const from = account.simulator.log.entries().length;
    await account.drain();
    const done = account.simulator.log.entries().slice(from);
    const ofFields = ({ path }: { path: string }) => !path.endsWith("/custom_fields");
    expect(
      planned.requests
        .filter(ofFields)
        .map(({ method, path, entityIds }) => shownOf(method, path, entityIds, known)),
    ).toEqual(done.filter(ofFields).map((entry) => shownOf(entry.method, entry.path, idsIn(entry), known)));
    expect(done.length).toBeGreaterThan(1);
    const ends = await sql<
      { id: number; state: string; code: string | null }[]
    >`select id::int, state, last_error_code as code from amocrm_outbox where id = any (${planned.messages.map(({ id }) => id)})`;
    const planOf = new Map(planned.messages.map((message) => [message.id, message]));
    for (const { id, state, code } of ends)
      expect([id, planOf.get(id)?.verdict === "delivered", planOf.get(id)?.code]).toEqual([
        id,
        state === "delivered",
        code,
      ]);
  });
});
