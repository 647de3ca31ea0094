import { HttpResponse, type JsonBodyType } from "msw";
import { expect, it } from "vitest";
import { delivered, list, playAmocrm } from "../support/answering-amocrm.ts";

const { client, requests, answerWith, answerBy } = playAmocrm();

const CONTACT = {
  id: 900101,
  name: "Ann Shopper",
  responsible_user_id: 7001,
  created_at: 1_760_000_000,
  updated_at: 1_760_000_300,
  is_deleted: false,
  custom_fields_values: [
    {
      field_id: 301,
      field_name: "Email",
      field_code: "EMAIL",
      field_type: "multitext",
      values: [{ value: "ann@shop.test", enum_id: 41, enum_code: "WORK" }],
    },
  ],
  _embedded: { tags: [], companies: [{ id: 55 }], leads: [{ id: 800201 }] },
};

const DEAL = {
  id: 800201,
  name: "Deal",
  price: 1500,
  pipeline_id: 4400,
  status_id: 142,
  responsible_user_id: 7001,
  created_at: 1_760_000_000,
  updated_at: 1_760_000_300,
  closed_at: null,
  is_deleted: false,
  custom_fields_values: null,
  _embedded: { tags: [{ id: 1, name: "site" }], contacts: [{ id: 900101, is_main: true }] },
};

it("searchContacts asks for a full page with deals and reads contacts", async () => {
  answerWith(list("contacts", [CONTACT]));
  const { rows, hasMore } = delivered(await client.searchContacts("ann+1@shop.test"));
  expect(Object.fromEntries(requests[0]?.url.searchParams ?? [])).toEqual({
    query: "ann+1@shop.test",
    limit: "250",
    with: "leads",
  });
  expect(hasMore).toBe(false);
  expect(rows).toEqual([
    {
      id: 900101,
      name: "Ann Shopper",
      createdAt: 1_760_000_000,
      updatedAt: 1_760_000_300,
      isDeleted: false,
      responsibleUserId: 7001,
      companyId: 55,
      dealIds: [800201],
      fields: [
        {
          fieldId: 301,
          fieldCode: "EMAIL",
          fieldType: "multitext",
          values: [{ value: "ann@shop.test", enumId: 41, enumCode: "WORK" }],
        },
      ],
      rawFields: CONTACT.custom_fields_values,
    },
  ]);
});

it("a list reads the bare minimum of a row and odd custom fields", async () => {
  const values = [{ value: "x", enum: "MOB" }, "bare", 7];
  const row = {
    id: 1,
    name: null,
    custom_fields_values: [{ field_id: 5, values }, { field_id: 6, values: null }, "odd"],
  };
  answerWith(list("contacts", [row]));
  const [contact] = delivered(await client.searchContacts("x")).rows;
  expect(contact).toMatchObject({ id: 1, name: "", updatedAt: 0, dealIds: [] });
  expect(contact?.fields).toEqual([
    {
      fieldId: 5,
      fieldCode: null,
      fieldType: null,
      values: [
        { value: "x", enumId: null, enumCode: "MOB" },
        { value: "bare", enumId: null, enumCode: null },
        { value: 7, enumId: null, enumCode: null },
      ],
    },
    { fieldId: 6, fieldCode: null, fieldType: null, values: [] },
  ]);
});

it("a 204 is an empty list, and null for a single entity", async () => {
  answerBy(() => new HttpResponse(null, { status: 204 }));
  expect(delivered(await client.searchContacts("x"))).toEqual({ rows: [], hasMore: false });
  expect(delivered(await client.readDeals([1]))).toEqual({ rows: [], hasMore: false, filterIgnored: false });
  expect(delivered(await client.readContact(1))).toBeNull();
  expect(delivered(await client.readDeal(1))).toBeNull();
});

it("a 204 for the account, which always exists, is an unexpected answer", async () => {
  answerBy(() => new HttpResponse(null, { status: 204 }));
  expect(await client.account()).toMatchObject({ verdict: "retry", fault: { code: "unexpected_answer" } });
});

it("readContacts filters by id with a full page and keeps what was asked for", async () => {
  answerWith(list("contacts", [CONTACT]));
  const page = delivered(await client.readContacts([900101, 900102]));
  expect(page).toMatchObject({ rows: [{ id: 900101 }], filterIgnored: false });
  expect(requests[0]?.url.searchParams.getAll("filter[id][]")).toEqual(["900101", "900102"]);
  expect(requests[0]?.url.searchParams.get("limit")).toBe("250");
  expect(requests[0]?.url.searchParams.get("with")).toBe("leads");
});

it("readContacts says that the filter was ignored when strangers come", async () => {
  answerWith(list("contacts", [{ id: 1 }, CONTACT, { id: 2 }], true));
  const page = delivered(await client.readContacts([900101]));
  expect(page).toMatchObject({ rows: [{ id: 900101 }], filterIgnored: true, hasMore: true });
});

it("readDeals reads deals with their contacts", async () => {
  answerWith(list("leads", [DEAL]));
  const page = delivered(await client.readDeals([800201]));
  expect(requests[0]?.url.searchParams.get("with")).toBe("contacts");
  expect(page.rows[0]).toMatchObject({
    id: 800201,
    price: 1500,
    pipelineId: 4400,
    statusId: 142,
    closedAt: null,
    contacts: [{ id: 900101, isMain: true }],
    tags: ["site"],
    fields: [],
  });
});

it.each([[0], [251]])("a filter by %i ids is refused before anything is sent", async (count) => {
  const ids = Array.from({ length: count }, (_, index) => index + 1);
  await expect(client.readContacts(ids)).rejects.toThrow(RangeError);
  await expect(client.readDeals(ids)).rejects.toThrow(RangeError);
  await expect(client.listNotes("leads", ids)).rejects.toThrow(RangeError);
  expect(requests).toHaveLength(0);
});

it("dealsCreatedSince asks for the newest first", async () => {
  answerWith(list("leads", [DEAL], true));
  const page = delivered(await client.dealsCreatedSince(DEAL.created_at, 2));
  expect(page).toMatchObject({ rows: [{ id: 800201 }], filterIgnored: false, hasMore: true });
  expect(Object.fromEntries(requests[0]?.url.searchParams ?? [])).toEqual({
    "filter[created_at][from]": "1760000000",
    "order[created_at]": "desc",
    limit: "250",
    page: "2",
    with: "contacts",
  });
});

it("dealsCreatedSince drops older deals, after which nothing more is to come", async () => {
  answerWith(list("leads", [DEAL, { ...DEAL, id: 2, created_at: DEAL.created_at - 1 }], true));
  const page = delivered(await client.dealsCreatedSince(DEAL.created_at, 1));
  expect(page).toMatchObject({ rows: [{ id: 800201 }], filterIgnored: true, hasMore: false });
});

it.each([
  ["behind one that is too old is not missed", [-1, null], true],
  ["before it may be what was asked for", [null, -1], false],
  ["may be anything where the order was not kept", [-1, null, 0], false],
])("dealsCreatedSince: an unreadable row %s", async (_name, ages, hasOldGapsOnly) => {
  const rows = ages.map((age, index) =>
    age === null ? null : { ...DEAL, id: index + 1, created_at: DEAL.created_at + age },
  );
  answerWith(list("leads", rows, true));
  const answer = await client.dealsCreatedSince(DEAL.created_at, 1);
  expect(delivered(answer)).toMatchObject({ hasOldGapsOnly });
  expect(answer.exchange).toMatchObject({ droppedCount: 1 });
});

it("dealsCreatedSince leaves open whether more is to come when neither filter nor order was kept", async () => {
  const old = { ...DEAL, id: 2, created_at: DEAL.created_at - 2 };
  answerWith(list("leads", [old, { ...old, id: 3, created_at: DEAL.created_at - 1 }], true));
  const page = delivered(await client.dealsCreatedSince(DEAL.created_at, 1));
  expect(page).toMatchObject({ rows: [], filterIgnored: true, hasMore: true });
});

it("listNotes asks for plain notes, latest first, and drops those of others", async () => {
  const note = { id: 5, entity_id: 800201, note_type: "common", created_at: 9, params: { text: "hello" } };
  answerWith(list("notes", [note, { ...note, id: 6, entity_id: 1 }]));
  const page = delivered(await client.listNotes("leads", [800201]));
  expect(requests[0]?.url.pathname).toBe("/api/v4/leads/notes");
  expect(requests[0]?.url.searchParams.get("filter[entity_id][]")).toBe("800201");
  expect(requests[0]?.url.searchParams.get("filter[note_type]")).toBe("common");
  expect(page).toEqual({
    rows: [{ id: 5, entityId: 800201, text: "hello", createdAt: 9 }],
    hasMore: false,
    filterIgnored: true,
  });
});

it("listTasks asks for the tasks of deals, the latest first, and drops those of others", async () => {
  const task = { id: 5, entity_id: 800201, entity_type: "leads", text: "Call" };
  answerWith(list("tasks", [task, { ...task, id: 6, entity_id: null }]));
  const page = delivered(await client.listTasks("leads", [800201]));
  expect(requests[0]?.url.pathname).toBe("/api/v4/tasks");
  expect(Object.fromEntries(requests[0]?.url.searchParams ?? [])).toEqual({
    "filter[entity_type]": "leads",
    page: "1",
    "filter[entity_id][]": "800201",
    "order[created_at]": "desc",
    limit: "250",
  });
  expect(page).toEqual({
    rows: [{ id: 5, entityId: 800201, text: "Call" }],
    hasMore: false,
    filterIgnored: true,
  });
});

it.each<[string, JsonBodyType, string]>([
  ["no list", { hello: 1 }, "_embedded"],
  ["a list under another name", list("leads", []), "_embedded.contacts"],
  ["rows of which none has an id", list("contacts", Array(5).fill({ name: "x" })), "_embedded.contacts"],
])("a 2xx answer with %s is read again later, and its place named", async (_name, body, place) => {
  answerWith(body);
  expect(await client.searchContacts("x")).toMatchObject({
    verdict: "retry",
    fault: { code: "unexpected_answer", message: expect.stringContaining(`at ${place}`) },
  });
});

it.each<[string, JsonBodyType]>([
  ["without an id", { name: "x" }],
  ["with an id that is none", { id: 0 }],
  ["that is null", null],
])("a row %s is left out and counted", async (_name, odd) => {
  answerWith(list("contacts", [{ id: 1 }, odd, { id: "2" }]));
  const answer = await client.searchContacts("x");
  expect(delivered(answer).rows.map(({ id }) => id)).toEqual([1, 2]);
  expect(answer.exchange).toMatchObject({ droppedCount: 1 });
});

it("an exchange tells the facts without the query", async () => {
  answerWith(list("contacts", []));
  const { exchange } = await client.searchContacts("ann@shop.test");
  expect(exchange).toEqual({
    method: "GET",
    clockOffsetMs: null,
    answeredAtSecond: null,
    path: "/api/v4/contacts",
    httpStatus: 200,
    durationMs: 0,
    waitedMs: 0,
    itemCount: 1,
  });
});

it("a failed search is a fault and never an empty list", async () => {
  for (const status of [429, 500, 502, 504]) {
    answerBy(() => new HttpResponse("<html>", { status }));
    expect((await client.searchContacts("x")).verdict).toBe("retry");
  }
  answerBy(() => HttpResponse.error());
  expect((await client.searchContacts("x")).verdict).toBe("retry");
});
