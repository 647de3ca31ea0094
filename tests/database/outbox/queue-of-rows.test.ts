import { beforeEach, expect, test } from "vitest";
import { useDatabase } from "../support/database.ts";

const database = await useDatabase();
const { sql } = database;

const TOKEN = "00000000-0000-4000-8000-000000000001";
const ORDER = "00000000-0000-4000-8000-0000000000a1";
const json = (value: unknown): string => JSON.stringify(value);

/** What a project of its own would write for a third destination: a table, two functions about its rows, and four rows. */
const OF_THE_PROJECT = `
  create schema if not exists pigeons;
  create table if not exists public.orders (id uuid primary key, text text, sent_at timestamptz);
  create or replace function pigeons.read_orders(p_ids uuid[]) returns jsonb language sql stable set search_path = ''
    as $$ select jsonb_object_agg(orders.id, to_jsonb(orders)) from public.orders where orders.id = any (p_ids) $$;
  create or replace function pigeons.orders_sent(p_delivered jsonb) returns void language sql set search_path = ''
    as $$ update public.orders set sent_at = amocrm.clock() from jsonb_to_recordset(p_delivered) as delivered (subject_id uuid)
      where orders.id = delivered.subject_id $$;
  truncate public.orders;
  delete from amocrm.outbox where queue = 'pigeon';
  delete from amocrm.queue_subjects where queue = 'pigeon';
  delete from amocrm.queues where queue = 'pigeon';
  insert into amocrm.queues (queue, drain, min_interval_ms, max_attempts) values ('pigeon', 'pigeon-drain', 250, 2);
  insert into amocrm.queue_subjects (queue, subject_table, reads, writes_back, written_back_column)
    values ('pigeon', 'orders', 'pigeons.read_orders', 'pigeons.orders_sent', 'sent_at');
  insert into amocrm.kinds (kind, queue, has_handler, purpose) values ('order.made', 'pigeon', true, 'An order, by pigeon.')
    on conflict do nothing;
  insert into public.orders (id, text) values ('${ORDER}', 'two loaves');`;

const append = (id: string, email: string) =>
  sql`select amocrm.append('order.made', 'orders', ${json([{ id, email }])}::text::jsonb)`;
const begin = async () => (await sql`select outbox_begin('pigeon', ${TOKEN}) as outcome`)[0]?.["outcome"];
const claim = async () =>
  (await sql`select outbox_claim('pigeon', ${TOKEN}, 10) as answer`)[0]?.["answer"].messages;
const settle = async (...results: unknown[]) =>
  (await sql`select outbox_settle('pigeon', ${TOKEN}, ${json(results)}::text::jsonb) as ids`)[0]?.["ids"];
const messages = () =>
  sql`select state, attempt_count, last_error_code from amocrm.outbox where queue = 'pigeon' order by id`;

beforeEach(() => database.connect({ user: "postgres" }).unsafe(OF_THE_PROJECT));

test("a queue, a subject and a kind that are rows only deliver a message, and write back", async () => {
  await append(ORDER, "ada@example.com");
  expect(await begin()).toBe("granted");
  const [message] = await claim();
  expect(message).toMatchObject({
    kind: "order.made",
    subjectTable: "orders",
    subjectId: ORDER,
    subject: { text: "two loaves", sent_at: null },
  });
  expect(
    await sql`select outbox_mark_sent('pigeon', ${TOKEN}, array[${message.id}]::bigint[], 'fly') as ids`,
  ).toEqual([{ ids: [message.id] }]);
  expect(await settle({ id: message.id, verdict: "delivered" })).toEqual([message.id]);
  expect(await messages()).toMatchObject([{ state: "delivered" }]);
  const [order] = await sql`select sent_at is not null as is_sent from public.orders`;
  expect(order?.["is_sent"]).toBe(true);
  expect(await sql`select outbox_end('pigeon', ${TOKEN}) as is_due`).toEqual([{ is_due: false }]);
});

test("its messages go in order for each recipient, and nobody becomes a person of amoCRM", async () => {
  for (const id of [ORDER, "00000000-0000-4000-8000-0000000000a2"]) await append(id, "ada@example.com");
  await begin();
  const [first, ...others] = await claim();
  expect(others).toEqual([]);
  await settle({ id: first.id, verdict: "delivered" });
  expect((await claim()).map(({ subjectId }: { subjectId: string }) => subjectId)).toEqual([
    "00000000-0000-4000-8000-0000000000a2",
  ]);
  expect(await sql`select count(*)::int as count from amocrm.people`).toEqual([{ count: 0 }]);
});

test("its own pace and attempts count, whatever amoCRM's settings say", async () => {
  await append(ORDER, "ada@example.com");
  await begin();
  const slot = async () =>
    (await sql`select outbox_reserve_slot('pigeon', ${TOKEN}, null, 60000) as slot`)[0]?.["slot"];
  expect(await slot()).toMatchObject({ granted: true, interval_ms: 250 });
  for (const state of ["pending", "dead"]) {
    const [message] = await claim();
    await settle({
      id: message.id,
      verdict: "retry",
      policy: "timeout",
      is_sent: true,
      spends_attempt: true,
      code: "timeout",
      jitter: 0,
    });
    expect((await messages())[0]).toMatchObject({ state });
    await sql`update amocrm.outbox set next_attempt_at = amocrm.clock() where queue = 'pigeon'`;
  }
});

test("the tick calls its drain, and pruning keeps a message until its row says that it was sent", async () => {
  await sql`select vault.create_secret('https://abc.supabase.co/functions/v1', 'amocrm_functions_url')`;
  await sql`select amocrm.keep_call_token()`;
  await append(ORDER, "ada@example.com");
  await sql`select amocrm_tick()`;
  expect(await sql`select url from net.http_request_queue`).toEqual([
    { url: "https://abc.supabase.co/functions/v1/pigeon-drain" },
  ]);
  await sql`update amocrm.outbox set state = 'delivered', is_fresh = false, delivered_at = amocrm.clock() - interval '1 year' where queue = 'pigeon'`;
  await sql`select amocrm.prune(100)`;
  expect(await messages()).toHaveLength(1);
  await sql`update public.orders set sent_at = amocrm.clock()`;
  await sql`select amocrm.prune(100)`;
  expect(await messages()).toHaveLength(0);
});

test("each function that a registry names is there, with the arguments that it is called with", async () => {
  const named = await sql`
    select reads || '(uuid[])' as name from amocrm.queue_subjects where reads is not null
    union all select writes_back || '(jsonb)' from amocrm.queue_subjects where writes_back is not null
    union all select function_in_turn || '(text)' from amocrm.queues where function_in_turn is not null
    union all select open_lanes || '(text)' from amocrm.queues where open_lanes is not null`;
  expect(named.length).toBeGreaterThan(8);
  for (const { name } of named) {
    expect(await sql`select to_regprocedure(${name}) is not null as is_there`, name).toEqual([
      { is_there: true },
    ]);
  }
});
