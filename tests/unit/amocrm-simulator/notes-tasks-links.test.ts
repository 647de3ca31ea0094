import { describe, expect, it } from "vitest";
import { makeDeal, openAccount } from "./support/account.ts";

describe("notes", () => {
  it("are made in both forms and listed in both", async () => {
    const account = openAccount();
    const one = await makeDeal(account);
    const two = await makeDeal(account);
    const mass = await account.post("/api/v4/leads/notes", [
      { entity_id: two.dealId, note_type: "common", params: { text: "second" }, request_id: "n2" },
      { entity_id: one.dealId, note_type: "common", params: { text: "first" }, request_id: "n1" },
    ]);
    expect(mass.json._embedded.notes).toMatchObject([
      { entity_id: two.dealId, request_id: "n2" },
      { entity_id: one.dealId, request_id: "n1" },
    ]);
    await account.post(`/api/v4/contacts/${one.contactId}/notes`, [
      { note_type: "common", params: { text: "c" } },
    ]);
    const texts = async (path: string) =>
      ((await account.get(path)).json?._embedded.notes ?? []).map(
        (note: { params: { text: string } }) => note.params.text,
      );
    expect(await texts("/api/v4/leads/notes")).toEqual(["second", "first"]);
    expect(await texts(`/api/v4/leads/notes?filter[entity_id][]=${one.dealId}`)).toEqual(["first"]);
    expect(await texts(`/api/v4/leads/${two.dealId}/notes`)).toEqual(["second"]);
    expect(await texts(`/api/v4/contacts/${one.contactId}/notes`)).toEqual(["c"]);
    expect(await texts("/api/v4/leads/notes?filter[note_type]=call_in")).toEqual([]);
  });

  it("newer than a bare updated_at are listed, unlike with deals", async () => {
    const account = openAccount();
    const { dealId } = await makeDeal(account);
    const start = account.clock.now() / 1000;
    const add = (text: string) =>
      account.post(`/api/v4/leads/${dealId}/notes`, [{ note_type: "common", params: { text } }]);
    await add("old");
    await account.clock.advance(1000);
    await add("new");
    const reply = await account.get(`/api/v4/leads/notes?filter[updated_at]=${start}`);
    expect(reply.json._embedded.notes).toMatchObject([{ params: { text: "new" } }]);
  });

  it.each<[string, object, string]>([
    ["an unknown entity", { entity_id: 5, note_type: "common", params: { text: "x" } }, "entity_id"],
    ["no entity", { note_type: "common", params: { text: "x" } }, "entity_id"],
    ["no text", { note_type: "common", params: {} }, "params.text"],
    ["no params", { note_type: "common" }, "params"],
    ["an empty text", { note_type: "common", params: { text: "" } }, "params.text"],
    ["an unknown type", { note_type: "poem", params: { text: "x" } }, "note_type"],
  ])("are refused with %s", async (_name, item, path) => {
    const account = openAccount();
    const { dealId } = await makeDeal(account);
    const body = [path === "entity_id" ? item : { entity_id: dealId, ...item }];
    const reply = await account.post("/api/v4/leads/notes", body);
    expect(reply.json["validation-errors"][0].errors[0].path).toBe(path);
  });

  it.each([false, true])(
    "change the deal's updated_at only when set (%s)",
    async (note_touches_updated_at) => {
      const account = openAccount({ writes: { note_touches_updated_at } });
      const { dealId } = await makeDeal(account);
      const madeAt = account.clock.now() / 1000;
      await account.clock.advance(3000);
      await account.post(`/api/v4/leads/${dealId}/notes`, [{ note_type: "common", params: { text: "x" } }]);
      const deal = (await account.get(`/api/v4/leads/${dealId}`)).json;
      expect(deal.updated_at).toBe(note_touches_updated_at ? madeAt + 3 : madeAt);
    },
  );
});

describe("tasks", () => {
  it("are made, listed by entity and completed", async () => {
    const account = openAccount();
    const { dealId } = await makeDeal(account);
    const item = { text: "Позвонить", complete_till: 1_800_000_000, entity_id: dealId, entity_type: "leads" };
    const made = await account.post("/api/v4/tasks", [item]);
    const { id } = made.json._embedded.tasks[0];
    await account.patch(`/api/v4/tasks/${id}`, { is_completed: true, result: { text: "ok" } });
    const listed = await account.get(`/api/v4/tasks?filter[entity_type]=leads&filter[entity_id][]=${dealId}`);
    expect(listed.json._embedded.tasks).toMatchObject([{ id, is_completed: true, result: { text: "ok" } }]);
    expect((await account.get(`/api/v4/leads/${dealId}`)).json.closest_task_at).toBe(1_800_000_000);
  });

  it("are refused without text, time or a known entity", async () => {
    const items = [
      { text: "x" },
      { complete_till: 1 },
      { text: "x", complete_till: 1, entity_id: 5, entity_type: "leads" },
    ];
    const errors = (await openAccount().post("/api/v4/tasks", items)).json["validation-errors"];
    expect(errors.map((entry: { errors: { path: string }[] }) => entry.errors[0]?.path)).toEqual([
      "complete_till",
      "text",
      "entity_id",
    ]);
  });
});

describe("links", () => {
  it("are made with 200, listed with main_contact, and taken off with 204", async () => {
    const account = openAccount();
    const one = await makeDeal(account);
    const two = await makeDeal(account);
    const body = [{ to_entity_id: two.contactId, to_entity_type: "contacts", metadata: { is_main: true } }];
    const linked = await account.post(`/api/v4/leads/${one.dealId}/link`, body);
    expect(linked.status).toBe(200);
    expect(linked.json._embedded.links).toMatchObject([
      { to_entity_id: two.contactId, metadata: { main_contact: true } },
    ]);
    const deal = (await account.get(`/api/v4/leads/${one.dealId}?with=contacts`)).json;
    expect(deal._embedded.contacts).toMatchObject([
      { id: one.contactId, is_main: false },
      { id: two.contactId, is_main: true },
    ]);
    const unlinked = await account.post(`/api/v4/leads/${one.dealId}/unlink`, body);
    expect([unlinked.status, unlinked.text]).toEqual([204, ""]);
    const left = (await account.get(`/api/v4/leads/${one.dealId}/links`)).json._embedded.links;
    expect(left).toMatchObject([{ to_entity_id: one.contactId, metadata: { main_contact: true } }]);
  });

  it("of many deals at once name their entity", async () => {
    const account = openAccount();
    const one = await makeDeal(account);
    const two = await makeDeal(account);
    const body = [{ entity_id: one.dealId, to_entity_id: two.contactId, to_entity_type: "contacts" }];
    expect((await account.post("/api/v4/leads/link", body)).status).toBe(200);
    const reply = await account.get(
      `/api/v4/leads/links?filter[entity_id][]=${one.dealId}&filter[entity_id][]=${two.dealId}`,
    );
    expect(reply.json._total_items).toBe(3);
  });

  it("by a dismissed user are refused", async () => {
    const account = openAccount();
    const { dealId, contactId } = await makeDeal(account);
    const body = [{ to_entity_id: contactId, to_entity_type: "contacts", metadata: { updated_by: 7009 } }];
    const reply = await account.post(`/api/v4/leads/${dealId}/link`, body);
    expect(reply.json["validation-errors"][0].errors[0].path).toBe("metadata.updated_by");
  });
});

describe("texts", () => {
  it("come back changed as set: trimmed, on one line, as HTML, without marks of variants", async () => {
    const account = openAccount({ text: { changes: ["trim", "collapse", "entities", "emoji"] } });
    const { dealId, contactId } = await makeDeal(account);
    const sent = ' A  "b" &\nc\u2764\uFE0F ';
    const kept = "A &quot;b&quot; &amp; c\u2764";
    await account.patch(`/api/v4/leads/${dealId}`, { name: sent });
    await account.patch(`/api/v4/contacts/${contactId}`, {
      custom_fields_values: [{ field_code: "POSITION", values: [{ value: sent }] }],
    });
    await account.post(`/api/v4/leads/${dealId}/notes`, [{ note_type: "common", params: { text: sent } }]);
    await account.post("/api/v4/tasks", [{ text: sent, complete_till: 1 }]);
    const contact = (await account.get(`/api/v4/contacts/${contactId}`)).json;
    expect(contact.custom_fields_values[0].values[0].value).toBe(kept);
    expect((await account.get(`/api/v4/leads/${dealId}`)).json.name).toBe(kept);
    expect((await account.get("/api/v4/leads/notes")).json._embedded.notes[0].params.text).toBe(kept);
    expect((await account.get("/api/v4/tasks")).json._embedded.tasks[0].text).toBe(kept);
  });
});

describe("tags and events", () => {
  it("keep a dictionary for each kind of entity", async () => {
    const account = openAccount();
    const [lead] = (await account.post("/api/v4/leads/tags", [{ name: "сайт" }])).json._embedded.tags;
    const [contact] = (await account.post("/api/v4/contacts/tags", [{ name: "сайт" }])).json._embedded.tags;
    expect(lead.id).not.toBe(contact.id);
    expect((await account.get("/api/v4/leads/tags?filter[name]=сайт")).json._embedded.tags).toMatchObject([
      { id: lead.id },
    ]);
    expect((await account.get("/api/v4/leads/tags?query=нет")).status).toBe(204);
  });

  it("tell what was made, changed and deleted, newest first", async () => {
    const account = openAccount();
    const { dealId } = await makeDeal(account);
    await account.patch(`/api/v4/leads/${dealId}`, { status_id: 61_002, price: 7 });
    account.sim.control.edit({ action: "delete_deal", deal_id: dealId });
    const types = async (query: string) =>
      ((await account.get(`/api/v4/events?${query}`)).json?._embedded.events ?? []).map(
        (event: { type: string }) => event.type,
      );
    const all = await types(`filter[entity]=lead&filter[entity_id][]=${dealId}`);
    expect(all).toEqual(["lead_deleted", "lead_status_changed", "sale_field_changed", "lead_added"]);
    expect(await types("filter[type]=lead_deleted")).toEqual(["lead_deleted"]);
    expect(await types("filter[created_at][from]=9999999999")).toEqual([]);
  });
});
