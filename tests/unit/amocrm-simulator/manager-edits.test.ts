import { describe, expect, it } from "vitest";
import { EditError } from "#dev/amocrm-simulator/account/manager-account-edits.ts";
import { makeDeal, openAccount } from "./support/account.ts";

describe("an edit by a manager", () => {
  it.each([
    [
      "moves a deal",
      { action: "move_deal", pipeline_id: 4500, status_id: 62_003 },
      { pipeline_id: 4500, status_id: 62_003 },
    ],
    ["wins a deal", { action: "win_deal" }, { status_id: 142 }],
    ["loses a deal", { action: "lose_deal", loss_reason_id: 902 }, { status_id: 143, loss_reason_id: 902 }],
    ["deletes a deal", { action: "delete_deal" }, { is_deleted: true }],
  ] as const)("%s and stamps the change", async (_name, edit, expected) => {
    const account = openAccount();
    const { dealId } = await makeDeal(account);
    await account.clock.advance(5000);
    account.sim.control.edit({ ...edit, deal_id: dealId });
    expect(account.sim.state.deals()).toMatchObject([
      { ...expected, updated_at: account.clock.now() / 1000 },
    ]);
  });

  it("changes phone, e-mail and name, for the search too", async () => {
    const account = openAccount();
    const { contactId } = await makeDeal(account, { phone: "+79001112233" });
    account.sim.control.edit({ action: "change_phone", contact_id: contactId, phone: "+79009998877" });
    account.sim.control.edit({ action: "rename", entity: "contact", id: contactId, name: "Новая" });
    expect((await account.get("/api/v4/contacts?query=1112233")).status).toBe(204);
    const [hit] = (await account.get("/api/v4/contacts?query=9998877")).json._embedded.contacts;
    expect(hit).toMatchObject({ id: contactId, name: "Новая" });
  });

  it("merges two contacts: the second is deleted, its deals and values go over", async () => {
    const account = openAccount();
    const one = await makeDeal(account, { phone: "+79001112233" });
    const two = await makeDeal(account, { phone: "+79004445566", email: "two@b.test" });
    account.sim.control.edit({ action: "merge_contacts", into_id: one.contactId, from_id: two.contactId });
    const merged = (await account.get(`/api/v4/contacts/${one.contactId}?with=leads`)).json;
    expect(merged._embedded.leads.map((deal: { id: number }) => deal.id)).toEqual([one.dealId, two.dealId]);
    const values = merged.custom_fields_values.flatMap(
      (field: { values: { value: string }[] }) => field.values,
    );
    expect(values.map(({ value }: { value: string }) => value)).toEqual([
      "+79001112233",
      "+79004445566",
      "two@b.test",
    ]);
    expect((await account.get(`/api/v4/contacts/${two.contactId}`)).status).toBe(204);
    expect((await account.get("/api/v4/events?filter[type]=entity_merged")).status).toBe(200);
  });

  it("brings a deleted deal back", async () => {
    const account = openAccount();
    const { dealId } = await makeDeal(account);
    account.sim.control.edit({ action: "delete_deal", deal_id: dealId });
    account.sim.control.edit({ action: "restore", entity: "deal", id: dealId });
    expect((await account.get(`/api/v4/leads/${dealId}`)).status).toBe(200);
  });

  it.each([
    [
      "a dismissed user",
      { action: "dismiss_user", user_id: 7002 },
      { responsible_user_id: 7002 },
      "responsible_user_id",
    ],
    [
      "a deleted stage",
      { action: "delete_stage", pipeline_id: 4400, status_id: 61_002 },
      { status_id: 61_002 },
      "status_id",
    ],
    [
      "an archived pipeline",
      { action: "archive_pipeline", pipeline_id: 4500 },
      { pipeline_id: 4500 },
      "pipeline_id",
    ],
  ] as const)("makes a client's configuration wrong: %s", async (_name, edit, item, path) => {
    const account = openAccount();
    expect((await account.post("/api/v4/leads", [item])).status).toBe(200);
    account.sim.control.edit(edit);
    const reply = await account.post("/api/v4/leads", [item]);
    expect(reply.json["validation-errors"][0].errors).toMatchObject([{ code: "NotSupportedChoice", path }]);
  });

  it("is refused for what the account does not have", () => {
    const { control } = openAccount().sim;
    expect(() => control.edit({ action: "win_deal", deal_id: 5 })).toThrow(EditError);
    expect(() => control.edit({ action: "delete_field", field_id: 5 })).toThrow("no field 5");
    expect(() => control.edit({ action: "win_deal" } as never)).toThrow(/deal_id/);
  });
});
