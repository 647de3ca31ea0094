import { describe, expect, it } from "vitest";
import { complexItem, openAccount } from "./support/account.ts";

const field = (key: object, values: unknown) => ({ custom_fields_values: [{ ...key, values }] });
const LONG = "я".repeat(257);

describe("a bad member", () => {
  it.each<[string, object, string, string]>([
    ["an unknown stage", { status_id: 5 }, "NotSupportedChoice", "status_id"],
    [
      "a stage of another pipeline",
      { pipeline_id: 4400, status_id: 62_001 },
      "NotSupportedChoice",
      "status_id",
    ],
    ["the stage of incoming leads", { status_id: 61_000 }, "NotSupportedChoice", "status_id"],
    ["a new deal that begins as lost", { status_id: 143 }, "NotSupportedChoice", "status_id"],
    ["an unknown pipeline", { pipeline_id: 5, status_id: 142 }, "NotSupportedChoice", "pipeline_id"],
    ["an unknown user", { responsible_user_id: 5 }, "NotSupportedChoice", "responsible_user_id"],
    ["a dismissed user", { responsible_user_id: 7009 }, "NotSupportedChoice", "responsible_user_id"],
    ["an unknown author", { created_by: 5 }, "NotSupportedChoice", "created_by"],
    ["an unknown loss reason", { loss_reason_id: 5 }, "NotSupportedChoice", "loss_reason_id"],
    ["a name that is a number", { name: 5 }, "InvalidType", "name"],
    ["a price that is a string", { price: "100" }, "InvalidType", "price"],
    ["a stage that is a string", { status_id: "142" }, "InvalidType", "status_id"],
    ["fields that are an object", { custom_fields_values: {} }, "InvalidType", "custom_fields_values"],
    ["an empty list of fields", { custom_fields_values: [] }, "NotBlank", "custom_fields_values"],
    [
      "an unknown field",
      field({ field_id: 5 }, [{ value: "x" }]),
      "NotSupportedChoice",
      "custom_fields_values.0.field_id",
    ],
    [
      "a contact's field on a deal",
      field({ field_id: 301 }, [{ value: "x" }]),
      "NotSupportedChoice",
      "custom_fields_values.0.field_id",
    ],
    [
      "an unknown code",
      field({ field_code: "NO" }, [{ value: "x" }]),
      "NotSupportedChoice",
      "custom_fields_values.0.field_code",
    ],
    ["no field at all", field({}, [{ value: "x" }]), "FieldMissing", "custom_fields_values.0.field_id"],
    [
      "no values",
      { custom_fields_values: [{ field_id: 410 }] },
      "FieldMissing",
      "custom_fields_values.0.values",
    ],
    [
      "an over-long text",
      field({ field_id: 410 }, [{ value: LONG }]),
      "TooLong",
      "custom_fields_values.0.values.0.value",
    ],
    [
      "an over-long utm",
      field({ field_code: "UTM_SOURCE" }, [{ value: LONG }]),
      "TooLong",
      "custom_fields_values.0.values.0.value",
    ],
    [
      "a number in a text",
      field({ field_id: 410 }, [{ value: 5 }]),
      "InvalidType",
      "custom_fields_values.0.values.0.value",
    ],
    [
      "an unknown choice",
      field({ field_id: 415 }, [{ value: "VIP" }]),
      "NotSupportedChoice",
      "custom_fields_values.0.values.0.value",
    ],
    [
      "an unknown enum id",
      field({ field_id: 415 }, [{ enum_id: 9 }]),
      "NotSupportedChoice",
      "custom_fields_values.0.values.0.enum_id",
    ],
    [
      "a text in a number",
      field({ field_id: 413 }, [{ value: "ten" }]),
      "InvalidType",
      "custom_fields_values.0.values.0.value",
    ],
    [
      "a text in a checkbox",
      field({ field_id: 417 }, [{ value: "yes" }]),
      "InvalidType",
      "custom_fields_values.0.values.0.value",
    ],
    [
      "a date before 1970",
      field({ field_id: 414 }, [{ value: -1 }]),
      "InvalidValue",
      "custom_fields_values.0.values.0.value",
    ],
    [
      "a date without time",
      field({ field_id: 414 }, [{ value: "2026-01-01" }]),
      "InvalidType",
      "custom_fields_values.0.values.0.value",
    ],
    ["an unknown tag id", { tags_to_add: [{ id: 5 }] }, "NotSupportedChoice", "tags_to_add.0.id"],
    ["a request_id that is an object", { request_id: {} }, "InvalidType", "request_id"],
  ])("is refused with its path: %s", async (_name, item, code, path) => {
    const account = openAccount();
    const reply = await account.post("/api/v4/leads", [{ name: "Good" }, item]);
    expect(reply.status).toBe(400);
    const [entry, ...others] = reply.json["validation-errors"];
    expect(others).toEqual([]);
    expect(entry.request_id).toBe("1");
    expect(entry.errors).toMatchObject([{ code, path }]);
    expect(account.sim.state.counts().deals).toBe(0);
  });

  it.each<[string, object, string]>([
    [
      "the contact's user",
      { contact: { responsible_user_id: 5 } },
      "_embedded.contacts.0.responsible_user_id",
    ],
    [
      "the contact's field",
      { contact: field({ field_id: 5 }, []) },
      "_embedded.contacts.0.custom_fields_values.0.field_id",
    ],
    [
      "the contact's enum",
      { contact: field({ field_code: "PHONE" }, [{ value: "1", enum_code: "NO" }]) },
      "_embedded.contacts.0.custom_fields_values.0.values.0.enum_code",
    ],
    ["the deal's stage", { deal: { status_id: 1 } }, "status_id"],
    ["an unknown contact", { contact: { id: 5 } }, "_embedded.contacts.0.id"],
  ])("of a complex item is named by its whole path: %s", async (_name, options, path) => {
    const reply = await openAccount().post("/api/v4/leads/complex", [complexItem(options)]);
    expect(reply.json["validation-errors"][0].errors).toMatchObject([{ path }]);
  });

  it("of several items is listed for each of them by request_id", async () => {
    const items = [
      { request_id: "a", status_id: 1 },
      { request_id: "b" },
      { request_id: "c", price: "x", name: 1 },
    ];
    const errors = (await openAccount().post("/api/v4/leads", items)).json["validation-errors"];
    expect(
      errors.map((entry: { request_id: string; errors: [] }) => [entry.request_id, entry.errors.length]),
    ).toEqual([
      ["a", 1],
      ["c", 2],
    ]);
  });

  it("is reported for an item that is no object", async () => {
    const reply = await openAccount().post("/api/v4/contacts", [7]);
    expect(reply.json["validation-errors"][0].errors).toMatchObject([{ code: "InvalidType", path: "" }]);
  });

  it("lets the good items through when set so, and still answers 400", async () => {
    const account = openAccount({ writes: { bad_item: "good_written" } });
    const reply = await account.post("/api/v4/leads", [
      { name: "Good" },
      { status_id: 1 },
      { name: "Good too" },
    ]);
    expect(reply.status).toBe(400);
    expect(account.sim.state.deals().map((deal) => deal.name)).toEqual(["Good", "Good too"]);
  });
});

describe("the size of an item", () => {
  const fields = (count: number) =>
    Array.from({ length: count }, () => ({ field_id: 410, values: [{ value: "x" }] }));

  it("is limited to 40 field values in a complex item, deal and contact each", async () => {
    const account = openAccount();
    const send = (deal: number, contact: number) =>
      account.post("/api/v4/leads/complex", [
        complexItem({
          deal: { custom_fields_values: fields(deal) },
          contact: { custom_fields_values: fields(contact).map((entry) => ({ ...entry, field_id: 303 })) },
        }),
      ]);
    expect((await send(40, 40)).status).toBe(200);
    expect((await send(41, 1)).json["validation-errors"][0].errors[0]).toMatchObject({ code: "TooMany" });
    expect((await send(1, 41)).status).toBe(400);
  });

  it("allows one contact in a complex item", async () => {
    const reply = await openAccount().post("/api/v4/leads/complex", [{ _embedded: { contacts: [{}, {}] } }]);
    expect(reply.json["validation-errors"][0].errors).toMatchObject([{ path: "_embedded.contacts" }]);
  });

  it("cuts an over-long text instead of refusing it when set so", async () => {
    const account = openAccount({ writes: { long_text: "truncate" } });
    await account.post("/api/v4/leads", [field({ field_id: 410 }, [{ value: LONG }])]);
    const [deal] = account.sim.state.deals();
    expect(deal).toMatchObject({ custom_fields_values: [{ values: [{ value: "я".repeat(256) }] }] });
  });

  it("counts characters, not UTF-16 units", async () => {
    const reply = await openAccount().post("/api/v4/leads", [
      field({ field_id: 410 }, [{ value: "😀".repeat(256) }]),
    ]);
    expect(reply.status).toBe(200);
  });

  it("does not limit a textarea", async () => {
    const reply = await openAccount().post("/api/v4/leads", [field({ field_id: 412 }, [{ value: LONG }])]);
    expect(reply.status).toBe(200);
  });
});
