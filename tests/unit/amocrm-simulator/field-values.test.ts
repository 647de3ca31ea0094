import { describe, expect, it } from "vitest";
import { makeDeal, openAccount } from "./support/account.ts";

const field = (key: object, values: unknown) => ({ custom_fields_values: [{ ...key, values }] });

describe("a good value", () => {
  it.each<[string, number, unknown, unknown]>([
    ["text", 410, [{ value: "x" }], [{ value: "x" }]],
    ["number", 413, [{ value: 12.5 }], [{ value: "12.5" }]],
    ["numeric string", 413, [{ value: " 7 " }], [{ value: "7" }]],
    ["checkbox", 417, [{ value: true }], [{ value: true }]],
    ["seconds", 414, [{ value: 1_760_000_000 }], [{ value: 1_760_000_000 }]],
    ["RFC 3339 time", 414, [{ value: "2026-01-01T00:00:00+03:00" }], [{ value: 1_767_214_800 }]],
    ["choice by text", 415, [{ value: "Премиум" }], [{ value: "Премиум", enum_id: 503, enum_code: null }]],
    ["choice by id", 415, [{ enum_id: 501 }], [{ value: "Базовый", enum_id: 501, enum_code: null }]],
    [
      "several choices",
      416,
      [{ value: "Код" }, { enum_id: 513 }],
      [
        { value: "Код", enum_id: 512, enum_code: null },
        { value: "Маркетинг", enum_id: 513, enum_code: null },
      ],
    ],
  ])("comes back as amoCRM keeps it: %s", async (_name, fieldId, sent, kept) => {
    const account = openAccount();
    const reply = await account.post("/api/v4/leads", [field({ field_id: fieldId }, sent)]);
    const { id } = reply.json._embedded.leads[0];
    const shown = (await account.get(`/api/v4/leads/${id}`)).json.custom_fields_values;
    expect(shown).toMatchObject([{ field_id: fieldId, values: kept }]);
  });

  it("vanishes with its field when the account deletes that", async () => {
    const account = openAccount();
    const { dealId } = await makeDeal(account, { deal: field({ field_id: 411 }, [{ value: "id-1" }]) });
    account.sim.control.edit({ action: "delete_field", field_id: 411 });
    expect((await account.get(`/api/v4/leads/${dealId}`)).json.custom_fields_values).toEqual([]);
    const again = await account.patch(`/api/v4/leads/${dealId}`, field({ field_id: 411 }, [{ value: "x" }]));
    expect(again.json["validation-errors"][0].errors[0].path).toBe("custom_fields_values.0.field_id");
  });
});

describe("custom fields", () => {
  it.each([200, 201] as const)("are made with status %i as set, and usable at once", async (status) => {
    const account = openAccount({ writes: { field_create_status: status } });
    const reply = await account.post("/api/v4/leads/custom_fields", [
      { name: "Marker", type: "text", code: "MARK" },
    ]);
    expect(reply.status).toBe(status);
    expect(reply.json._embedded.custom_fields[0]).toMatchObject({
      name: "Marker",
      type: "text",
      code: "MARK",
    });
    expect(
      (await account.post("/api/v4/leads", [field({ field_code: "MARK" }, [{ value: "1" }])])).status,
    ).toBe(200);
  });

  it("are refused without name, with an unknown type, without enums where they are needed", async () => {
    const items = [{ type: "text" }, { name: "a", type: "rainbow" }, { name: "b", type: "select" }];
    const reply = await openAccount().post("/api/v4/leads/custom_fields", items);
    const errors = reply.json["validation-errors"] as { errors: { path: string }[] }[];
    expect(errors.map((entry) => entry.errors[0]?.path)).toEqual(["name", "type", "enums"]);
  });

  it("are listed 50 at a time, up to 250 with limit", async () => {
    const account = openAccount();
    const many = Array.from({ length: 60 }, (_, index) => ({ name: `f${index}`, type: "text" }));
    await account.post("/api/v4/leads/custom_fields", many);
    expect((await account.get("/api/v4/leads/custom_fields")).json._embedded.custom_fields).toHaveLength(50);
    expect(
      (await account.get("/api/v4/leads/custom_fields?limit=250")).json._embedded.custom_fields,
    ).toHaveLength(75);
  });
});
