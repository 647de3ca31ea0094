import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { useDatabase } from "../support/database.ts";
import { deliverAll, openDrainer } from "../support/drainer.ts";
import { outcomeOf } from "../support/errors.ts";
import { ANON, openDataApi } from "../support/roles.ts";

interface Sample {
  input: Record<string, unknown>;
  /** The true person behind the submission. */
  person: number;
  ok: boolean;
}

const samples = fs
  .readFileSync(path.join(import.meta.dirname, "../../data/leads-1000.ndjson"), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Sample);

const database = await useDatabase();
const { sql } = database;
const runAs = openDataApi(database);

test("1,000 messy submissions become 981 leads of 756 people, and 19 refusals that name the reason", async () => {
  const personOfName = new Map<string, number>();
  let wrong: unknown[] = [];
  let accepted = 0;
  for (const [index, sample] of samples.entries()) {
    const row = { ...sample.input, utm_term: `line ${index}` };
    const columns = Object.keys(row);
    const outcome = await outcomeOf(
      runAs(
        ANON,
        (anon) => anon`insert into landing_leads (${anon(columns)}) select ${anon(columns)}
          from jsonb_populate_record(null::public.landing_leads, ${JSON.stringify(row)}::text::jsonb)`,
      ),
    );
    if (outcome === "ok") accepted++;
    if (outcome !== (sample.ok ? "ok" : "23514")) wrong = [...wrong, { line: index + 1, outcome, ...sample }];
    personOfName.set(`line ${index}`, sample.person);
  }
  expect(wrong).toEqual([]);
  expect(accepted).toBe(981);

  const drainer = openDrainer(database);
  await drainer.begin();
  expect(await deliverAll(drainer)).toHaveLength(981);

  const rows = await sql<{ utm_term: string; person_id: number }[]>`
    select lead.utm_term, person_keys.person_id from unified_lead_tracking as lead
    join amocrm.person_keys on (type, key) = ('email', lead.email) or (type, key) = ('phone', lead.phone)`;
  const found = new Map<number, Set<number>>();
  for (const row of rows) {
    const truth = personOfName.get(row.utm_term) ?? -1;
    found.set(truth, (found.get(truth) ?? new Set()).add(row.person_id));
  }
  expect([...found].filter(([, people]) => people.size !== 1)).toEqual([]);
  expect(new Set([...found.values()].flatMap((people) => [...people])).size).toBe(756);
});
