import { describe, expect, it } from "vitest";
import { runForms } from "#cli/commands/forms.ts";
import type { AdminRequestInput } from "#shared/admin/request.ts";
import { type BenchOptions, createBench, NOW_MS } from "./support/command.ts";

const AT = new Date(NOW_MS - 3_600_000).toISOString();
const PLACE = {
  id: "7f1c0a6e-3c1a-4a59-9d0e-5d8f3f1b2a77",
  kind: "tilda",
  source: "landing",
  is_on: true,
  created_at: AT,
  last_form_at: AT,
  form_count: 12,
  waiting_count: 1,
  unmapped_count: 2,
};
const UNMAPPED = {
  id: 5,
  form_source_id: PLACE.id,
  source: "landing",
  received_at: AT,
  reason: "no_email_or_phone",
  fields: { Input_1: "8701", Checkbox: ["a", "b"] },
};
const KEY = "k".repeat(64);

function answer(request: AdminRequestInput): unknown {
  if (request.action !== "forms") throw new Error(`not expected: ${request.action}`);
  if (request.mode === "list") return { mode: "list", sources: [PLACE] };
  if (request.mode === "off") return { mode: "off", off_count: request.which === "landing" ? 1 : 0 };
  if (request.mode === "unmapped") return { mode: "unmapped", forms: [UNMAPPED] };
  if (request.mode === "map") {
    const isBad = "x" in request.field_map;
    const reason = isBad ? "field_map names x which is no column of a lead" : null;
    return { mode: "map", mapped_count: request.which === "landing" ? 1 : 0, fitted_count: 3, reason };
  }
  return request.source === "bad"
    ? { mode: "add", added: null, reason: "field_map names x which is no column of a lead" }
    : { mode: "add", added: { id: PLACE.id, key: KEY }, reason: null };
}
const bench = (options: Partial<BenchOptions> = {}) => createBench({ answer, ...options });

describe("forms", () => {
  it("lists the places with leads, waiting forms and those that fit none, in both languages", async () => {
    const { context, stdout } = bench();
    expect(await runForms({}, context)).toBe(1);
    expect(stdout()).toMatch(/tilda +landing +on +.* 9 +1 +2 +7f1c0a6e/);
    expect(stdout()).toContain("! 2 forms fit no lead: npm run amocrm -- forms unmapped");
    const russian = bench({ language: "ru" });
    await runForms({ words: ["list"] }, russian.context);
    expect(russian.stdout()).toContain("Не подошли 2 формы");
    const empty = bench({ answer: () => ({ mode: "list", sources: [] }) });
    expect(await runForms({}, empty.context)).toBe(0);
    expect(empty.stdout()).toContain("forms add tilda");
  });

  it("prints the whole address of a new place, and asks for the map as typed", async () => {
    const { context, asked, stdout } = bench();
    const map = ["phone=Ваш номер", "metadata.course=A=B"];
    expect(await runForms({ words: ["add", "tilda"], source: "landing", map }, context)).toBe(0);
    expect(asked).toEqual([
      {
        action: "forms",
        mode: "add",
        kind: "tilda",
        source: "landing",
        field_map: { phone: "Ваш номер", "metadata.course": "A=B" },
      },
    ]);
    expect(stdout()).toContain(`https://p.supabase.co/functions/v1/form-intake/${KEY}\n`);
    expect(stdout()).toContain(`Authorization: Bearer ${KEY}`);
    const json = bench({ isJson: true });
    await runForms({ words: ["add", "taplink"], source: "x" }, json.context);
    expect(JSON.parse(json.stdout())).toMatchObject({ key: KEY, id: PLACE.id });
  });

  it("switches a place off by id or source, and says if none was on", async () => {
    const { context, stdout } = bench();
    expect(await runForms({ words: ["off", "landing"] }, context)).toBe(0);
    expect(stdout()).toBe("✓ 1 place is off: its key opens nothing any more.\n");
    expect(await runForms({ words: ["off", "other"] }, context)).toBe(1);
  });

  it("shows the forms that fit no lead as they were typed, and maps their fields", async () => {
    const shown = bench();
    expect(await runForms({ words: ["unmapped"] }, shown.context)).toBe(1);
    expect(shown.stdout()).toContain('landing\n  Input_1 = 8701\n  Checkbox = ["a","b"]\n! Say which');
    const { context, asked, stdout } = bench({ language: "ru" });
    const order = { words: ["map", "landing"], map: ["phone=Input_1"] };
    expect(await runForms(order, context)).toBe(0);
    expect(asked).toMatchObject([{ mode: "map", which: "landing", field_map: { phone: "Input_1" } }]);
    expect(stdout()).toBe("✓ Теперь 3 формы стали заявками.\n");
    expect(await runForms({ ...order, words: ["map", "other"] }, bench().context)).toBe(1);
    await expect(runForms({ ...order, map: ["x=y"] }, bench().context)).rejects.toMatchObject({
      says: { ru: "в field_map есть x, а такой колонки у заявки нет" },
    });
  });

  it("refuses what the database refuses, in its words", async () => {
    const order = { words: ["add", "tilda"], source: "bad" };
    await expect(runForms(order, bench().context)).rejects.toMatchObject({
      says: { en: "field_map names x which is no column of a lead" },
    });
  });

  it.each([
    [{ words: ["ad"] }, /list, add, off, unmapped or map/],
    [{ words: ["add"] }, /tilda, taplink or generic/],
    [{ words: ["add", "tilda"] }, /needs --source/],
    [{ words: ["add", "tilda"], source: "x", map: ["phone"] }, /--map must be/],
    [{ words: ["map", "landing"] }, /needs an id or a source, and --map/],
    [{ words: ["off"] }, /an id or a source/],
  ])("refuses %j in words", async (flags, words) => {
    await expect(runForms(flags, bench().context)).rejects.toMatchObject({
      says: { en: expect.stringMatching(words) },
      exitCode: 2,
    });
  });
});
