import { beforeEach, expect, test } from "vitest";
import { useDatabase } from "../../support/database.ts";
import { dealRow } from "../../support/puller.ts";

const { sql } = await useDatabase();
const store = (...rows: object[]) =>
  sql`select * from amocrm.store_deals(${JSON.stringify(rows)}::text::jsonb)`;
const field = (fieldId: number, ...values: unknown[]) => ({
  field_id: fieldId,
  field_code: null,
  values: values.map((value) => ({ value })),
});

beforeEach(async () => {
  await sql`insert into amocrm.pipelines (pipeline_id, name, stages) values
    (1, 'Sales', '[{"id": 142, "name": "Paid"}, {"id": 10, "name": "New"}]'), (2, 'School', '[{"id": 142, "name": "Graduated"}]')`;
});

test("a deal is stored whole: main contact, company, price in whole units, times and raw fields", async () => {
  const contacts = [
    { id: 3, isMain: false },
    { id: 4, isMain: true },
  ];
  await store(dealRow(1, 1_760_000_000, { contacts, closedAt: 1_760_000_001, rawFields: [field(7, "x")] }));
  const [deal] = await sql`select * from amocrm_deals`;
  expect(deal).toMatchObject({
    amocrm_deal_id: 1,
    amocrm_contact_id: 4,
    amocrm_company_id: 9,
    price: 100,
    custom_fields: [field(7, "x")],
    is_deleted: false,
    updated_at: new Date(1_760_000_000_000),
    closed_at: new Date(1_760_000_001_000),
  });
});

test("a stage's name is that of its own pipeline, and follows when it is renamed", async () => {
  await store(
    dealRow(1, 10, { pipelineId: 1 }),
    dealRow(2, 10, { pipelineId: 2 }),
    dealRow(3, 10, { pipelineId: 3 }),
  );
  const labels = async () =>
    (await sql`select status_label from amocrm_deals order by amocrm_deal_id`).map(
      (row) => row["status_label"],
    );
  expect(await labels()).toEqual(["Paid", "Graduated", null]);
  await sql`update amocrm.pipelines set stages = '[{"id": 142, "name": "Won"}]' where pipeline_id = 1`;
  await sql`select amocrm.refresh_deals(2)`;
  await sql`select amocrm.refresh_deals(2)`;
  expect(await labels()).toEqual(["Won", "Graduated", null]);
});

test("configured fields go into metadata under their paths, null when absent, a list when there are several", async () => {
  await sql`insert into amocrm_fields (entity, path, field_id, field_code) values ('deal', 'metadata.rental.booking_id', 7, null),
    ('deal', 'metadata.rental.rooms', 8, null), ('deal', 'utm_source', null, 'UTM_SOURCE'), ('contact', 'metadata.city', 9, null)`;
  await store(
    dealRow(1, 10, {
      rawFields: [
        field(7, "B-12"),
        field(8, "one", "two"),
        { field_code: "UTM_SOURCE", values: [{ value: "ya" }] },
      ],
    }),
    dealRow(2, 10),
    dealRow(3, 10, { rawFields: [{ field_id: 7, values: null }, "odd"] }),
  );
  const rows = await sql`select metadata from amocrm_deals order by amocrm_deal_id`;
  const empty = { rental: { booking_id: null, rooms: null }, utm_source: null };
  expect(rows.map((row) => row["metadata"])).toEqual([
    { rental: { booking_id: "B-12", rooms: ["one", "two"] }, utm_source: "ya" },
    empty,
    empty,
  ]);
});

test("a field that is configured later is taken from the deals that are there already, some at a time", async () => {
  await store(...[1, 2, 3, 4, 5].map((id) => dealRow(id, 10, { rawFields: [field(7, `B-${id}`)] })));
  await sql`insert into amocrm_fields (entity, path, field_id) values ('deal', 'metadata.booking_id', 7)`;
  const taken = async () =>
    (
      await sql`select count(*)::int from amocrm_deals where metadata ->> 'booking_id' = 'B-' || amocrm_deal_id`
    )[0]?.["count"];
  const seen = [];
  for (let count = 0; count < 4; count++) {
    await sql`select amocrm.refresh_deals(2)`;
    seen.push(await taken());
  }
  expect(seen).toEqual([2, 4, 5, 5]);
});

test("the newest version wins, whatever the order they come in", async () => {
  await store(dealRow(1, 20, { name: "new" }));
  expect(await store(dealRow(1, 10, { name: "old" }))).toEqual([{ new_count: 0, changed_count: 0 }]);
  await store(dealRow(1, 30, { name: "third" }), dealRow(1, 25, { name: "second" }));
  expect(await sql`select name from amocrm_deals`).toEqual([{ name: "third" }]);
});
