import { beforeEach, describe, expect, test } from "vitest";
import { useDatabase } from "../../support/database.ts";
import { dealRow } from "../../support/puller.ts";
import {
  appendTo,
  openSecondAccount,
  openTwoDrainers,
  openTwoPullers,
  SECOND,
  workFor,
} from "../../support/two-accounts.ts";

const database = await useDatabase();
const { sql } = database;
const sqlOfSecond = database.connect();
await workFor(SECOND, sqlOfSecond);
const drainers = await openTwoDrainers(database);
const pullers = await openTwoPullers(database);
beforeEach(() => openSecondAccount(database));

const both = async <T>(ask: (session: typeof sql) => Promise<T>): Promise<[T, T]> => [
  await ask(sql),
  await ask(sqlOfSecond),
];
const read = async (session: typeof sql, part: string) =>
  (await session`select amocrm.configuration() -> ${part} as part`)[0]?.["part"];

describe("the configuration of an account", () => {
  test("is its own, under the same sources, events and paths", async () => {
    await sql`insert into amocrm_routes (source, pipeline_id) values ('*', 1)`;
    await sql`insert into amocrm_stages (event, pipeline_id, status_id) values ('student.created', 1, 10)`;
    await sql`insert into amocrm_fields (entity, path, field_id) values ('deal', 'utm_source', 5)`;
    await sql`insert into amocrm.routes (source, pipeline_id, account) values ('*', 2, ${SECOND})`;
    await sql`insert into amocrm.stages (event, pipeline_id, status_id, account) values ('student.created', 2, 20, ${SECOND})`;
    await sql`insert into amocrm.fields (entity, path, field_id, account) values ('deal', 'utm_source', 6, ${SECOND})`;
    const pipelines = (rows: { pipeline_id: number }[]) => rows.map((row) => row.pipeline_id);
    expect(await both(async (session) => pipelines(await read(session, "routes")))).toEqual([[1], [2]]);
    expect(await both(async (session) => pipelines(await read(session, "stages")))).toEqual([[1], [2]]);
    const fields = (rows: { field_id: number }[]) => rows.map((row) => row.field_id);
    expect(await both(async (session) => fields(await read(session, "fields")))).toEqual([[5], [6]]);
    // The public tables are those of the account amocrm.
    expect(await sql`select pipeline_id from amocrm_routes`).toEqual([{ pipeline_id: 1 }]);
  });

  test("wakes the messages of that account only, when what they wait for is set", async () => {
    const waits = async () =>
      (
        await sql`select queue from amocrm.outbox where next_attempt_at > clock_timestamp() order by queue`
      ).map(({ queue }) => queue);
    for (const [account, drainer] of [
      ["amocrm", drainers.first],
      [SECOND, drainers.second],
    ] as const) {
      await appendTo(account, database, {
        subjectId: "00000000-0000-4000-8000-00000000000a",
        email: "ada@example.com",
      });
      await drainer.begin();
      const [message] = await drainer.claim();
      await drainer.settle([{ id: message?.id ?? 0, verdict: "retry", code: "no_route", wait_ms: 60_000 }]);
    }
    expect(await waits()).toEqual(["amocrm", SECOND]);
    await sql`insert into amocrm.routes (source, account) values ('*', ${SECOND})`;
    expect(await waits()).toEqual(["amocrm"]);
    await sql`insert into amocrm_routes (source) values ('*')`;
    expect(await waits()).toEqual([]);
  });

  test("names the fields and stages of its own deals", async () => {
    await sql`insert into amocrm_fields (entity, path, field_id) values ('deal', 'metadata.room', 5)`;
    await sql`insert into amocrm.fields (entity, path, field_id, account) values ('deal', 'metadata.table', 5, ${SECOND})`;
    for (const [session, name] of [
      [pullers.first.sql, "Ours"],
      [pullers.second.sql, "Theirs"],
    ] as const) {
      const pipelines = [{ pipeline_id: 1, name, stages: [{ id: 142, name }] }];
      await session`select amocrm_store_pipelines(${JSON.stringify(pipelines)}::text::jsonb)`;
    }
    const store = async (session: typeof sql, name: string, updatedAt = 10) =>
      (
        await session`select * from amocrm.store_deals(${JSON.stringify([
          dealRow(7, updatedAt, { name, rawFields: [{ field_id: 5, values: [{ value: name }] }] }),
        ])}::text::jsonb)`
      )[0];
    expect(await store(sql, "Ann")).toEqual({ new_count: 1, changed_count: 0 });
    expect(await store(sqlOfSecond, "Bob")).toEqual({ new_count: 1, changed_count: 0 });
    expect(await store(sqlOfSecond, "Bea", 20)).toEqual({ new_count: 0, changed_count: 1 });
    expect(
      await sql`select account, name, status_label, metadata from amocrm.deals where amocrm_deal_id = 7 order by account`,
    ).toEqual([
      { account: "amocrm", name: "Ann", status_label: "Ours", metadata: { room: "Ann" } },
      { account: SECOND, name: "Bea", status_label: "Theirs", metadata: { table: "Bea" } },
    ]);
    expect(await sql`select name from amocrm_deals`).toEqual([{ name: "Ann" }]);
    await pullers.second.sql`select amocrm_account_leave()`;
    expect(await sql`select account from amocrm.deals`).toEqual([{ account: "amocrm" }]);
  });
});

describe("the public tables keep their short keys beside the other account's rows", () => {
  beforeEach(
    () => sql`insert into amocrm.routes (source, deal_name, account) values ('*', 'theirs', ${SECOND})`,
  );
  const service = database.connect({ user: "authenticator", role: "service_role" });

  test("for upsert, update and delete", async () => {
    await service`insert into amocrm_routes (source) values ('*')`;
    await service`insert into amocrm_routes (source, deal_name) values ('*', 'ours')
      on conflict (source) do update set deal_name = excluded.deal_name`;
    await service`insert into amocrm_stages (event, pipeline_id, status_id) values ('lesson.1', 1, 2)
      on conflict (event) do update set status_id = 3`;
    await service`insert into amocrm_fields (entity, path, field_id) values ('deal', 'id', 1)
      on conflict (entity, path) do update set field_id = 2`;
    await service`insert into amocrm_deals (amocrm_deal_id, name) values (7, 'D')
      on conflict (amocrm_deal_id) do update set name = 'E'`;
    expect(await service`select deal_name, updated_at is not null as is_dated from amocrm_routes`).toEqual([
      { deal_name: "ours", is_dated: true },
    ]);
    await service`update amocrm_routes set deal_name = 'changed'`;
    await service`delete from amocrm_routes where source = '*'`;
    expect(await sql`select deal_name from amocrm.routes`).toEqual([{ deal_name: "theirs" }]);
  });

  test("and take no row of another account", async () => {
    await expect(
      service`insert into amocrm_routes (source, account) values ('*', ${SECOND})`,
    ).rejects.toThrow("violates partition constraint");
  });
});
