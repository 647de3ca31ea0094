import { describe, expect, it } from "vitest";
import { complexItem, makeDeal, openAccount } from "./support/account.ts";

describe("leads/complex", () => {
  it("answers a bare array with request_id as a list", async () => {
    const account = openAccount();
    const item = complexItem({ deal: { request_id: "m-1" } });
    const reply = await account.post("/api/v4/leads/complex", [item, { name: "No contact" }]);
    expect(reply.json).toMatchObject([
      { company_id: null, request_id: ["m-1"], merged: false },
      { contact_id: null, company_id: null, request_id: ["1"], merged: false },
    ]);
    expect(reply.json[0].contact_id).toBeTypeOf("number");
  });

  it("links deal, contact and company with each other", async () => {
    const account = openAccount();
    const item = complexItem();
    const embedded = { ...item._embedded, companies: [{ name: "ООО" }] };
    const reply = await account.post("/api/v4/leads/complex", [{ ...item, _embedded: embedded }]);
    const [{ id, contact_id, company_id }] = reply.json;
    const deal = (await account.get(`/api/v4/leads/${id}?with=contacts`)).json;
    expect(deal._embedded.contacts).toMatchObject([{ id: contact_id, is_main: true }]);
    expect(deal._embedded.companies).toMatchObject([{ id: company_id }]);
    const contact = (await account.get(`/api/v4/contacts/${contact_id}?with=leads`)).json;
    expect(contact._embedded.leads).toMatchObject([{ id }]);
    expect(contact._embedded.companies).toMatchObject([{ id: company_id }]);
  });

  it("hangs the deal on an existing contact named by id", async () => {
    const account = openAccount();
    const { contactId } = await makeDeal(account);
    const reply = await account.post("/api/v4/leads/complex", [
      { _embedded: { contacts: [{ id: contactId }] } },
    ]);
    expect(reply.json[0].contact_id).toBe(contactId);
    expect(account.sim.state.counts()).toMatchObject({ contacts: 1, deals: 2 });
  });

  it("lands in Unsorted when metadata is given", async () => {
    const account = openAccount();
    const item = { pipeline_id: 4500, _embedded: { metadata: { category: "forms" } } };
    const [{ id }] = (await account.post("/api/v4/leads/complex", [item])).json;
    expect((await account.get(`/api/v4/leads/${id}`)).json).toMatchObject({
      pipeline_id: 4500,
      status_id: 62_000,
    });
  });

  it("merges into the person's open deal only with duplicate control on", async () => {
    const account = openAccount({ writes: { duplicate_control: true } });
    const first = await makeDeal(account, { email: "ann@shop.test" });
    const again = await account.post("/api/v4/leads/complex", [complexItem({ email: "Ann@shop.test" })]);
    expect(again.json[0]).toMatchObject({ id: first.dealId, contact_id: first.contactId, merged: true });
    account.sim.control.edit({ action: "win_deal", deal_id: first.dealId });
    const third = await account.post("/api/v4/leads/complex", [complexItem({ email: "ann@shop.test" })]);
    expect(third.json[0].merged).toBe(false);
  });
});

describe("the place of a deal", () => {
  it.each([
    ["nothing", {}, { pipeline_id: 4400, status_id: 61_001 }],
    ["a pipeline", { pipeline_id: 4500 }, { pipeline_id: 4500, status_id: 62_001 }],
    ["a stage of the main pipeline", { status_id: 61_003 }, { pipeline_id: 4400, status_id: 61_003 }],
    ["both", { pipeline_id: 4500, status_id: 62_003 }, { pipeline_id: 4500, status_id: 62_003 }],
    ["won in a pipeline", { pipeline_id: 4500, status_id: 142 }, { pipeline_id: 4500, status_id: 142 }],
  ])("follows %s on creating", async (_name, item, place) => {
    const account = openAccount();
    const reply = await account.post("/api/v4/leads", [item]);
    const { id } = reply.json._embedded.leads[0];
    expect((await account.get(`/api/v4/leads/${id}`)).json).toMatchObject(place);
  });

  it("takes a stage of another pipeline only when stages are set to imply their pipeline", async () => {
    for (const [status_implies_pipeline, status] of [
      [false, 400],
      [true, 200],
    ] as const) {
      const account = openAccount({ writes: { status_implies_pipeline } });
      const { dealId } = await makeDeal(account);
      expect((await account.patch(`/api/v4/leads/${dealId}`, { status_id: 62_002 })).status).toBe(status);
    }
  });

  it("sets closed_at on won and lost and clears it on reopening", async () => {
    const account = openAccount();
    const { dealId } = await makeDeal(account);
    const closedAt = async (change: object) => {
      await account.patch(`/api/v4/leads/${dealId}`, change);
      return (await account.get(`/api/v4/leads/${dealId}`)).json.closed_at;
    };
    expect(await closedAt({ status_id: 143, loss_reason_id: 901 })).toBe(account.clock.now() / 1000);
    expect(await closedAt({ status_id: 61_002 })).toBeNull();
    expect(await closedAt({ status_id: 142 })).toBe(account.clock.now() / 1000);
  });
});

describe("changing", () => {
  it("stamps updated_at by the server's clock in whole seconds and ignores a value sent", async () => {
    const account = openAccount();
    const { dealId } = await makeDeal(account);
    await account.clock.advance(1700);
    const reply = await account.patch(`/api/v4/leads/${dealId}`, { price: 5, updated_at: 1 });
    const expected = Math.floor(account.clock.now() / 1000);
    expect(reply.json).toMatchObject({ id: dealId, updated_at: expected });
    expect((await account.get(`/api/v4/leads/${dealId}`)).json).toMatchObject({
      price: 5,
      updated_at: expected,
    });
  });

  it("refuses an older or equal updated_at only with the legacy lock on", async () => {
    const account = openAccount({ writes: { updated_at_lock: true } });
    const { dealId } = await makeDeal(account);
    const now = account.clock.now() / 1000;
    const reply = await account.patch("/api/v4/leads", [{ id: dealId, price: 1, updated_at: now }]);
    expect(reply.json["validation-errors"][0].errors[0]).toMatchObject({
      code: "StaleUpdate",
      path: "updated_at",
    });
    expect((await account.patch("/api/v4/leads", [{ id: dealId, updated_at: now + 1 }])).status).toBe(200);
  });

  it("shifts the account's clock against the client's by the set skew", async () => {
    const account = openAccount({ clock_skew_ms: -90_000 });
    const { dealId } = await makeDeal(account);
    const deal = (await account.get(`/api/v4/leads/${dealId}`)).json;
    expect(deal.created_at).toBe(account.clock.now() / 1000 - 90);
  });

  it("answers a batch with id and updated_at of each", async () => {
    const account = openAccount();
    const one = await makeDeal(account);
    const two = await makeDeal(account);
    const reply = await account.patch("/api/v4/leads", [
      { id: two.dealId, price: 2 },
      { id: one.dealId, price: 1 },
    ]);
    expect(reply.json._embedded.leads.map((lead: { id: number }) => lead.id)).toEqual([
      two.dealId,
      one.dealId,
    ]);
    expect(reply.json._embedded.leads[0].updated_at).toBeTypeOf("number");
  });

  it("replaces all values of a multitext field that is sent", async () => {
    const account = openAccount();
    const { contactId } = await makeDeal(account, { phone: "+79001112233", email: "a@b.test" });
    const values = [{ value: "+79004445566", enum_code: "MOB" }];
    await account.patch(`/api/v4/contacts/${contactId}`, {
      custom_fields_values: [{ field_code: "PHONE", values }],
    });
    const fields = (await account.get(`/api/v4/contacts/${contactId}`)).json.custom_fields_values;
    expect(fields).toMatchObject(
      [
        { field_code: "EMAIL", values: [{ value: "a@b.test", enum_id: 41, enum_code: "WORK" }] },
        { field_code: "PHONE", values: [{ value: "+79004445566", enum_code: "MOB" }] },
      ].sort((one) => (one.field_code === fields[0].field_code ? -1 : 1)),
    );
  });

  it("clears a field with values null", async () => {
    const account = openAccount();
    const { contactId } = await makeDeal(account, { phone: "+79001112233" });
    const clear = { custom_fields_values: [{ field_code: "PHONE", values: null }] };
    await account.patch(`/api/v4/contacts/${contactId}`, clear);
    expect((await account.get(`/api/v4/contacts/${contactId}`)).json.custom_fields_values).toBeNull();
  });

  it("replaces the tags by _embedded.tags, and adds and deletes single ones otherwise", async () => {
    const account = openAccount();
    const { dealId } = await makeDeal(account, { deal: { tags_to_add: [{ name: "a" }, { name: "b" }] } });
    const tags = async () =>
      (await account.get(`/api/v4/leads/${dealId}`)).json._embedded.tags.map(
        (tag: { name: string }) => tag.name,
      );
    await account.patch(`/api/v4/leads/${dealId}`, {
      tags_to_add: [{ name: "c" }],
      tags_to_delete: [{ name: "a" }],
    });
    expect(await tags()).toEqual(["b", "c"]);
    const both = { _embedded: { tags: [{ name: "d" }] }, tags_to_add: [{ name: "e" }] };
    await account.patch(`/api/v4/leads/${dealId}`, both);
    expect(await tags()).toEqual(["d"]);
  });

  it("does not change a deal's contacts by PATCH", async () => {
    const account = openAccount();
    const { dealId, contactId } = await makeDeal(account);
    const other = await makeDeal(account);
    await account.patch(`/api/v4/leads/${dealId}`, { _embedded: { contacts: [{ id: other.contactId }] } });
    const deal = (await account.get(`/api/v4/leads/${dealId}?with=contacts`)).json;
    expect(deal._embedded.contacts).toMatchObject([{ id: contactId }]);
  });

  it.each([400, 404] as const)("answers an unknown or deleted target with %i as set", async (status) => {
    const account = openAccount({ writes: { patch_unknown_id: status } });
    const { dealId } = await makeDeal(account);
    account.sim.control.edit({ action: "delete_deal", deal_id: dealId });
    expect((await account.patch("/api/v4/leads", [{ id: 5, price: 1 }])).status).toBe(status);
    expect((await account.patch(`/api/v4/leads/${dealId}`, { price: 1 })).status).toBe(status);
    expect((await account.patch("/api/v4/contacts/5", { name: "x" })).status).toBe(status);
  });

  it("builds a contact's name from its halves", async () => {
    const account = openAccount();
    const reply = await account.post("/api/v4/contacts", [{ first_name: "Ann", last_name: "Lee" }]);
    const { id } = reply.json._embedded.contacts[0];
    expect((await account.get(`/api/v4/contacts/${id}`)).json.name).toBe("Ann Lee");
  });
});
