import { describe, expect, it } from "vitest";
import { NAMES_UPWARD, WRITES_OF_OTHERS } from "./support/sql-debts.ts";
import { areasOfObjects, namesInSchemas } from "./support/sql-names.ts";

/** Tables of which each area adds the rows that are its own, in its own files. */
const REGISTRIES = [
  "amocrm.kinds",
  "amocrm.error_policies",
  "amocrm.heartbeats",
  "amocrm.queues",
  "amocrm.queue_control",
  "amocrm.queue_subjects",
  "amocrm.queue_fillers",
  "amocrm.conditions",
  "amocrm.upkeep",
  "amocrm.inbox_sources",
  "amocrm.followup_members",
];

const areas = areasOfObjects();
const names = namesInSchemas();
const sorted = (places: readonly string[]): string[] => [...new Set(places)].toSorted();

describe("a schema file", () => {
  it("names objects of its own area and of those below only, but for what is written down as a debt", () => {
    const upward = names.filter(({ area, name }) => (areas.get(name) ?? "") > area);
    expect(sorted(upward.map(({ file, name }) => `${file} -> ${name}`))).toEqual(sorted(NAMES_UPWARD));
  });

  it("writes tables of its own area only, and rows of registries, but for what is written down as a debt", () => {
    const foreign = names.filter(
      ({ area, name, isWritten, isInBody }) =>
        isWritten && areas.has(name) && areas.get(name) !== area && !(REGISTRIES.includes(name) && !isInBody),
    );
    expect(sorted(foreign.map(({ file, name }) => `${file} -> ${name}`))).toEqual(sorted(WRITES_OF_OTHERS));
  });

  it("is read by these rules: they see names in functions, in texts and in writes", () => {
    const seen = (file: string, name: string) =>
      names.filter((one) => one.file === file && one.name === name);
    expect(seen("10-outbox/claim.sql", "amocrm.outbox").some((one) => one.isInBody && one.isWritten)).toBe(
      true,
    );
    expect(seen("30-amocrm/tick.sql", "public.amocrm_tick").some((one) => !one.isInBody)).toBe(true);
    expect(areas.get("public.amocrm_drain_claim")).toBe("30-amocrm");
    expect(areas.size).toBeGreaterThan(400);
  });
});
