import { expect, test } from "vitest";
import { ownWritesOf } from "#shared/amocrm/api/own-writes.ts";
import type { Answer, Exchange } from "#shared/amocrm/api/verdict.ts";

const exchange: Exchange = {
  method: "POST",
  path: "/api/v4/leads",
  httpStatus: 200,
  durationMs: 1,
  waitedMs: 0,
  itemCount: 1,
  answeredAtSecond: 100,
};
const delivered = (value: unknown): Answer<unknown> => ({ verdict: "delivered", value, exchange });
const created = (value: object) => delivered({ created: new Map([["a", value]]), missing: ["b"] });
const deal = { name: "D", pipelineId: 1, statusId: 2, responsibleUserId: 3, price: 4.5 };
const items = ["a", "b"].map((requestId) => ({ requestId, deal, contact: {}, contactIds: [8] }));

test("what was made is ours, with its place, and as far as the answer names it", () => {
  expect(
    ownWritesOf("createDealsWithContacts", [items], created({ dealId: 7, contactId: 9, isMerged: false })),
  ).toEqual([
    {
      entity: "deal",
      id: 7,
      is_created: true,
      until: 100,
      pipeline_id: 1,
      status_id: 2,
      responsible_user_id: 3,
      price: 4,
    },
    { entity: "contact", id: 9, is_created: true, until: 100 },
  ]);
  expect(ownWritesOf("createDeals", [items], created({ dealId: 7 }))).toMatchObject([
    { entity: "deal", id: 7, is_created: true },
    { entity: "contact", id: 8 },
  ]);
  expect(ownWritesOf("createContacts", [items], created({ contactId: 9 }))).toMatchObject([
    { entity: "contact", id: 9, is_created: true },
  ]);
});

test("what was changed, or got a note or a task, is ours up to then", () => {
  const updated = delivered({ updated: new Map([[7, { updatedAt: null }]]), missing: [8] });
  const changes = [
    { requestId: "a", id: 7, deal: { statusId: 2, pipelineId: null } },
    { requestId: "b", id: 8, deal },
  ];
  expect(ownWritesOf("updateDeals", [changes], updated)).toEqual([{ entity: "deal", id: 7, until: 100 }]);
  const contact = { requestId: "a", id: 7, contact: { responsibleUserId: 3 } };
  expect(ownWritesOf("updateContacts", [[contact]], updated)).toEqual([
    { entity: "contact", id: 7, until: 100, responsible_user_id: 3 },
  ]);
  expect(ownWritesOf("createNotes", ["leads", [{ entityId: 5 }]], delivered({}))).toMatchObject([
    { entity: "deal", id: 5 },
  ]);
  expect(
    ownWritesOf("createTasks", [[{ entityId: 5, entityType: "contacts" }]], delivered({})),
  ).toMatchObject([{ entity: "contact", id: 5 }]);
});

test("nothing is ours of a reading, of what failed, and of an answer that told no time", () => {
  expect(ownWritesOf("readDeals", [[7]], delivered({ rows: [] }))).toEqual([]);
  const failed = { verdict: "uncertain", exchange } as Answer<unknown>;
  expect(ownWritesOf("createDeals", [items], failed)).toEqual([]);
  const timeless = created({ dealId: 7 });
  expect(
    ownWritesOf("createDeals", [items], { ...timeless, exchange: { ...exchange, answeredAtSecond: null } }),
  ).toEqual([]);
});
