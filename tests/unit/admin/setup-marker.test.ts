import { beforeEach, describe, expect, it } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { prepareSetup } from "./support/prepare-setup.ts";

const { dealFields } = SEED_IDS;
let { store, crm, run } = prepareSetup();

beforeEach(() => {
  ({ store, crm, run } = prepareSetup());
});

describe("setup of the marker", () => {
  const markers = () =>
    (
      crm.simulator.state.part("fields") as {
        code: string | null;
        id: number;
        is_api_only: boolean;
        type: string;
      }[]
    ).filter(({ code }) => code === "SUPABASE_LEAD_ID");

  it("makes one text field that only the API writes, and maps the lead's id to it", async () => {
    const { steps } = await run({ marker: true });
    expect(steps["marker"]?.outcome).toBe("done");
    expect(markers()).toMatchObject([{ is_api_only: true, type: "text" }]);
    expect(store.rows.fields).toEqual([
      { entity: "deal", path: "id", field_id: markers()[0]?.id, field_code: null },
    ]);
  });

  it("finds the field that is there, when the mapping was lost", async () => {
    await run({ marker: true });
    store.rows.fields = [];
    const { steps } = await run({ marker: true });
    expect(steps["marker"]?.detail).toMatch(/was found/);
    expect(markers()).toHaveLength(1);
    expect(store.rows.fields).toHaveLength(1);
  });

  it.each([
    ["lost after the field was made", { kind: "lost_answer" as const, times: 1 }],
    ["cut off in the middle", { kind: "cut_body" as const, times: 1 }],
  ])("makes one field, when the answer was %s", async (_, fault) => {
    crm.simulator.control.addFaults({ ...fault, method: "POST", path: "/api/v4/leads/custom_fields" });
    const { steps } = await run({ marker: true });
    expect(steps["marker"]?.outcome).toBe("done");
    expect(markers()).toHaveLength(1);
    expect(store.rows.fields).toMatchObject([{ field_id: markers()[0]?.id }]);
  });

  it("makes it without its code, where an account refuses that, and finds it by its name from then on", async () => {
    crm.simulator.control.patchSettings({ writes: { field_codes: "refuse" } });
    const named = () =>
      (crm.simulator.state.part("fields") as { name: string; id: number; code: string | null }[]).filter(
        ({ name }) => name === "Supabase lead id",
      );
    const { steps } = await run({ marker: true });
    expect(steps["marker"]?.outcome).toBe("done");
    expect(named()).toMatchObject([{ code: null }]);
    store.rows.fields = [];
    await run({ marker: true });
    expect(named()).toHaveLength(1);
    expect(store.rows.fields).toMatchObject([{ path: "id", field_id: named()[0]?.id }]);
  });

  it("keeps the field that the admin has chosen for the id", async () => {
    await run({ fields: [{ entity: "deal", path: "id", field_id: dealFields.leadId }] });
    const { steps } = await run({ marker: true });
    expect(steps["marker"]).toEqual({ outcome: "unchanged", detail: "Deal field 411 «ID заявки»" });
    expect(markers()).toEqual([]);
  });

  it("gives way to a field for the id in the same order", async () => {
    const { outcomes } = await run({
      marker: true,
      fields: [{ entity: "deal", path: "id", field_id: dealFields.leadId }],
    });
    expect(outcomes).toEqual(["field deal.id: done"]);
  });

  it("makes the field anew, when the one that was chosen has been deleted", async () => {
    await run({ fields: [{ entity: "deal", path: "id", field_id: dealFields.leadId }] });
    crm.simulator.control.edit({ action: "delete_field", field_id: dealFields.leadId });
    const { steps } = await run({ marker: true });
    expect(steps["marker"]?.outcome).toBe("done");
    expect(store.rows.fields).toMatchObject([{ field_id: markers()[0]?.id }]);
  });

  it("warns with the remedy, when the token may not make fields", async () => {
    crm.simulator.control.addFaults({ kind: "forbidden", method: "POST" });
    const { ok, steps } = await run({ marker: true, utm: true });
    expect(ok).toBe(true);
    expect(steps["marker"]).toMatchObject({ outcome: "warning", detail: expect.stringMatching(/by hand/) });
    expect(steps["utm"]?.outcome).toBe("done");
    expect(crm.pace.acts).toEqual([]);
  });
});

describe("setup of utm", () => {
  it("maps the five columns to the fields with their codes, and makes none", async () => {
    const before = crm.simulator.state.part("fields");
    const { steps } = await run({ utm: true });
    expect(steps["utm"]?.outcome).toBe("done");
    expect(store.rows.fields.map(({ path, field_code }) => [path, field_code])).toEqual([
      ["utm_source", "UTM_SOURCE"],
      ["utm_medium", "UTM_MEDIUM"],
      ["utm_campaign", "UTM_CAMPAIGN"],
      ["utm_content", "UTM_CONTENT"],
      ["utm_term", "UTM_TERM"],
    ]);
    expect(crm.simulator.state.part("fields")).toEqual(before);
  });

  it("leaves a column where the admin has mapped it, and names a code that the account lacks", async () => {
    crm.simulator.control.edit({ action: "delete_field", field_id: dealFields.utmTerm });
    await run({ fields: [{ entity: "deal", path: "utm_source", field_id: dealFields.source }] });
    const { steps } = await run({ utm: true });
    expect(steps["utm"]?.detail).toBe(
      "mapped utm_medium, utm_campaign, utm_content; 1 mapped already; no deal field has the code UTM_TERM: those values go into the note",
    );
    expect(store.rows.fields).toContainEqual(
      expect.objectContaining({ path: "utm_source", field_id: dealFields.source }),
    );
  });
});
