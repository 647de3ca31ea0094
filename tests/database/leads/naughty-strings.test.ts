import fs from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { useDatabase } from "../support/database.ts";
import { outcomeOf } from "../support/errors.ts";
import { messages } from "../support/leads.ts";
import { ANON, openDataApi } from "../support/roles.ts";

const strings = JSON.parse(
  fs.readFileSync(path.join(import.meta.dirname, "../../data/blns.json"), "utf8"),
) as string[];

const database = await useDatabase();
const runAs = openDataApi(database);

/** Inserts one row per string and compares what is stored byte for byte; tells the refusals. */
async function store(toRow: (text: string) => { full_name?: string; metadata?: unknown }, column: string) {
  const refused: { text: string; outcome: string }[] = [];
  const changed: string[] = [];
  for (const text of strings) {
    const row = toRow(text);
    const outcome = await outcomeOf(
      runAs(
        ANON,
        (anon) => anon`insert into landing_leads (email, full_name, metadata)
          values ('a@example.com', ${row.full_name ?? null}, ${JSON.stringify(row.metadata ?? null)}::text::jsonb)`,
      ),
    );
    if (outcome !== "ok") {
      refused.push({ text, outcome });
      continue;
    }
    const [stored] = await database.sql`
      select ${database.sql(column)} as value from unified_lead_tracking order by created_at desc, ctid desc limit 1`;
    const expected = column === "full_name" ? row.full_name : row.metadata;
    if (JSON.stringify(stored?.["value"]) !== JSON.stringify(expected)) changed.push(text);
  }
  return { refused, changed };
}

describe("each naughty string", () => {
  test("is stored byte for byte as a name", async () => {
    expect(await store((text) => ({ full_name: text }), "full_name")).toEqual({ refused: [], changed: [] });
    expect(await messages(database.sql)).toHaveLength(strings.length);
  });

  test("is stored byte for byte as a value in metadata", async () => {
    expect(await store((text) => ({ metadata: { answer: text } }), "metadata")).toEqual({
      refused: [],
      changed: [],
    });
  });

  test("is stored byte for byte as a key in metadata", async () => {
    expect(await store((text) => ({ metadata: { [text]: 1 } }), "metadata")).toEqual({
      refused: [],
      changed: [],
    });
  });
});
