import { beforeEach, describe, expect, test } from "vitest";
import { NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { errorOf } from "../support/errors.ts";
import { ADMIN, openDataApi, VIEWER } from "../support/roles.ts";

const database = await useDatabase();
const { sql } = database;
const runAs = openDataApi(database);
const KINDS = ["lead.created", "lead.updated", "student.created"];
const STATES = ["pending", "uncertain", "delivered", "dead", "superseded", "cancelled"];
const CODES = [null, "no_route", "validation_failed", "status_unknown"];
const SOURCES = ["webinar", "quiz"];

/** The same sequence on each run: a failure can be looked at again. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}
const roll = dice(7);
const pick = <T>(list: readonly T[]): T => list[roll(list.length)] as T;

async function fill(count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, index) => ({
    index,
    isFresh: roll(3) === 0,
    kind: pick(KINDS),
    state: pick(STATES),
    code: pick(CODES),
    message: `status_id ${roll(900)}: no such stage "${roll(900)}"${roll(2) === 0 ? " at all" : ""}`,
    source: pick(SOURCES),
    attempts: roll(4),
    lane: pick(["live", "backfill"]),
  }));
  await sql`alter table public.unified_lead_tracking disable trigger user`;
  await sql`with rows as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
        as r (index int, "isFresh" boolean, kind text, state text, code text, message text, source text, attempts int, lane text)
    ), leads as (
      insert into public.unified_lead_tracking (id, email, source)
      select md5(index::text)::uuid, 'p' || index || '@example.com', source from rows
    )
    insert into amocrm.outbox (queue, kind, subject_table, subject_id, email_key, is_fresh, state, lane, attempt_count, step, sent_at,
      delivered_at, last_error_code, last_error_message, created_at)
    select 'amocrm', kind, 'unified_lead_tracking', md5(index::text)::uuid, 'p' || index || '@example.com', "isFresh" and state = 'pending', state, lane, attempts,
      case when state = 'uncertain' then 'create' end, case when state = 'uncertain' then ${NOON}::timestamptz end,
      case when state = 'delivered' then ${NOON}::timestamptz end, code, case when code is not null then message end,
      ${NOON}::timestamptz - index * interval '1 minute'
    from rows order by index`;
  await sql`alter table public.unified_lead_tracking enable trigger user`;
}

beforeEach(() => setTestClock(NOON, sql));

interface Filter {
  states?: string[];
  kind?: string;
  source?: string;
  lane?: string;
  error_code?: string | null | undefined;
  error_group?: string;
  attempts_min?: number;
  since?: string;
  until?: string;
  [other: string]: unknown;
}
const json = (filter: Filter): string => JSON.stringify(filter);
const page = async (filter: Filter, before: number | null, limit: number) =>
  (await sql`select amocrm_messages(${json(filter)}::text::jsonb, ${before}, ${limit}) as page`)[0]?.["page"];
const count = async (filter: Filter) =>
  (await sql`select amocrm_message_count(${json(filter)}::text::jsonb) as answer`)[0]?.["answer"];

async function listed(filter: Filter): Promise<{ id: number; state: string; kind: string }[]> {
  const rows: { id: number; state: string; kind: string }[] = [];
  for (let before: number | null = null; ; ) {
    const { rows: more, next } = await page(filter, before, 7);
    rows.push(...more);
    if (next === null) return rows;
    before = next;
  }
}

interface Row {
  id: number;
  state: string;
  kind: string;
  lane: string;
  attempt_count: number;
  created_at: Date;
  last_error_code: string | null;
  error_group: string;
  source: string;
}
/** All messages, as they lie there. */
const allRows = () => sql<Row[]>`
  select message.id::int, message.state, message.kind, message.lane, message.attempt_count, message.created_at, message.last_error_code, lead.source,
    amocrm.error_group(message.kind, message.last_error_code, message.last_error_message) as error_group
  from public.amocrm_outbox as message join public.unified_lead_tracking as lead on lead.id = message.subject_id order by message.id desc`;
const OPEN = ["dead", "leased", "pending", "uncertain"];
const IN_ERROR = ["dead", "pending", "uncertain"];

/** What a filter means, said once more and without SQL. */
function means(filter: Filter, row: Row): boolean {
  const isOfError = filter.error_group !== undefined || filter.error_code !== undefined;
  return (
    (filter.states ?? (isOfError ? IN_ERROR : OPEN)).includes(row.state) &&
    (filter.kind === undefined || filter.kind === row.kind) &&
    (filter.source === undefined || filter.source === row.source) &&
    (filter.lane === undefined || filter.lane === row.lane) &&
    (filter.error_code === undefined || filter.error_code === row.last_error_code) &&
    (filter.error_group === undefined ||
      (row.last_error_code !== null &&
        IN_ERROR.includes(row.state) &&
        filter.error_group === row.error_group)) &&
    (filter.attempts_min === undefined || row.attempt_count >= filter.attempts_min) &&
    (filter.since === undefined || row.created_at >= new Date(filter.since)) &&
    (filter.until === undefined || row.created_at < new Date(filter.until))
  );
}

const tally = (names: string[]): Record<string, number> =>
  Object.fromEntries([...new Set(names)].map((name) => [name, names.filter((one) => one === name).length]));

test("a count is what its list holds, page by page and newest first, whatever the filter", async () => {
  await fill(240);
  const groups = await sql<{ error_group: string; message_count: number }[]>`
    select error_group, message_count from amocrm.error_groups('amocrm', 50, 10000)`;
  const filters: Filter[] = [{}, { states: STATES }, ...groups.map(({ error_group }) => ({ error_group }))];
  for (let trial = 0; trial < 40; trial++) {
    filters.push({
      ...(roll(2) === 0 ? { states: [pick(STATES), pick(STATES)] } : {}),
      ...(roll(3) === 0 ? { kind: pick(KINDS) } : {}),
      ...(roll(3) === 0 ? { source: pick(SOURCES) } : {}),
      ...(roll(3) === 0 ? { error_code: CODES[1 + roll(3)] } : {}),
      ...(roll(4) === 0 ? { attempts_min: roll(4) } : {}),
      ...(roll(4) === 0 ? { lane: "live" } : {}),
      ...(roll(4) === 0 ? { since: noonPlus(-100 * 60_000).toISOString() } : {}),
      ...(roll(4) === 0 ? { until: noonPlus(-60 * 60_000).toISOString() } : {}),
      ...(roll(5) === 0 ? { error_group: pick(groups).error_group } : {}),
    });
  }
  const all = await allRows();
  let found = 0;
  for (const filter of filters) {
    const rows = await listed(filter);
    const answer = await count(filter);
    expect([filter, answer.count, answer.states, answer.kinds]).toEqual([
      filter,
      rows.length,
      tally(rows.map(({ state }) => state)),
      tally(rows.map(({ kind }) => kind)),
    ]);
    const meant = all.filter((row) => means(filter, row)).map(({ id }) => id);
    expect([filter, rows.map(({ id }) => id)]).toEqual([filter, meant]);
    found += meant.length;
  }
  expect(found).toBeGreaterThan(500);
  // And the number of each group on the first screen is that of its list.
  for (const { error_group, message_count } of groups) {
    expect((await count({ error_group })).count).toBe(message_count);
  }
});

test("errors are one group where only numbers and quotations differ", async () => {
  await fill(240);
  const groups = await sql`select kind, error_code, message from amocrm.error_groups('amocrm', 50, 10000)`;
  expect(groups).toHaveLength(KINDS.length * (CODES.length - 1) * 2);
  expect(new Set(groups.map(({ message }) => message))).toEqual(
    new Set(["status_id #: no such stage …", "status_id #: no such stage … at all"]),
  );
});

describe("one person's messages", () => {
  test("are found by address in any spelling, by deal, and with those that are over", async () => {
    await fill(20);
    await sql`insert into amocrm.links (subject_table, subject_id, object, amocrm_id)
      values ('unified_lead_tracking', md5('3')::uuid, 'deal', 777)`;
    const [mine] = await sql`select id from public.amocrm_outbox where email_key = 'p3@example.com'`;
    for (const filter of [{ email: " P3@Example.com " }, { deal_id: 777 }, { id: mine?.["id"] }]) {
      expect((await listed(filter)).map(({ id }) => id)).toEqual([mine?.["id"]]);
    }
    expect(await listed({ email: "nobody@example.com" })).toEqual([]);
    expect(await listed({ phone: "+77000000000" })).toEqual([]);
  });

  test("do not name them: a list is masked, and so is what a viewer reads of errors", async () => {
    await fill(1);
    await sql`update amocrm.outbox set state = 'dead', delivered_at = null, last_error_code = 'validation_failed',
      last_error_message = 'phone +7 707 123-45-67 of ada@example.com is "odd"' where queue = 'amocrm'`;
    const read = async (caller: typeof ADMIN) =>
      JSON.stringify([
        await runAs(caller, (session) => session`select amocrm_messages() as page`),
        await runAs(caller, (session) => session`select amocrm_message(1) as message`),
        await runAs(caller, (session) => session`select * from amocrm_dead_letters`),
        await runAs(caller, (session) => session`select * from amocrm_timeline`),
      ]);
    expect(await read(VIEWER)).not.toMatch(/707|ada@|odd|p0@/);
    expect(await read(VIEWER)).toContain("p•••@e•••.com");
    expect(await read(ADMIN)).toContain("ada@example.com");
    expect(await read(ADMIN)).not.toContain("p0@example.com");
  });
});

test.each<[Filter, RegExp]>([
  [{ states: ["lost"] }, /does not take \["lost"\] as states/],
  [{ states: [] }, /as states/],
  [{ state: "dead" }, /as state$/],
  [{ id: "1 or 1=1" }, /as id/],
  [{ since: "now'; drop table x; --" }, /as since/],
  [{ queue: "post" }, /as queue/],
  [{ kind: "" }, /as kind/],
])("a filter that is not understood is refused, and not passed over: %j", async (filter, message) => {
  const error = await errorOf(count(filter));
  expect(error).toMatchObject({ code: "22023" });
  expect(error.message).toMatch(message);
});

test("what a filter holds is a value, and never SQL", async () => {
  await fill(5);
  for (const key of ["kind", "source", "error_code", "error_group", "email", "phone"]) {
    expect((await count({ [key]: "' or true --", states: ["dead"] })).count).toBe(0);
  }
});

test("one message is shown with what became of it; whom it is about is revealed to an admin, which is written down", async () => {
  await fill(1);
  const shown = (await runAs(VIEWER, (session) => session`select amocrm_message(1, 'ru') as message`))[0];
  expect(shown?.["message"]).toMatchObject({ id: 1, attempts: [], requests: [], payload_keys: [] });
  const revealed = await runAs(ADMIN, (session) => session`select amocrm_message_reveal(1) as who`);
  expect(revealed[0]?.["who"]).toMatchObject({
    email: "p0@example.com",
    subject: { email: "p0@example.com" },
  });
  expect(await sql`select action, arguments, user_id from amocrm_actions`).toEqual([
    { action: "reveal", arguments: { id: 1 }, user_id: ADMIN.claims?.sub },
  ]);
  expect(await errorOf(runAs(VIEWER, (session) => session`select amocrm_message_reveal(1)`))).toMatchObject({
    code: "42501",
  });
  expect(await errorOf(sql`select amocrm_message(99)`)).toMatchObject({ code: "22023" });
});

test("a person is shown in order, masked, with the leads and the deal", async () => {
  await fill(4);
  await sql`update public.unified_lead_tracking set full_name = 'Ada Lovelace' where id = md5('2')::uuid`;
  const answer = (
    await runAs(VIEWER, (session) => session`select amocrm_person('{"email": "p2@example.com"}') as person`)
  )[0];
  expect(answer?.["person"].subjects).toMatchObject([
    { what: "lead", name: "A. L.", email: "p•••@e•••.com" },
  ]);
  expect(answer?.["person"].events.map(({ event }: { event: string }) => event)).toContain("lead inserted");
});
