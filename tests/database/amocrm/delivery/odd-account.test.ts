import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { populatedEmail } from "#dev/amocrm-simulator/account/populate.ts";
import { sized } from "../../../support/sizes.ts";
import { type Account, openAccount } from "../../support/account.ts";
import { MINUTE_MS } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, type LeadInput } from "../../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
const naughty: string[] = JSON.parse(
  fs.readFileSync(path.join(import.meta.dirname, "../../../data/blns.json"), "utf8"),
);

const ODD_COUNT = 100;
const ORDINARY_COUNT = sized(200, 1000);
/** An odd lead stands behind each so many ordinary ones. */
const APART = ORDINARY_COUNT / ODD_COUNT;

/** Everything that Postgres takes from a form, and that somebody once left in one. */
function oddLead(index: number): LeadInput {
  const text = naughty[(index * 7) % naughty.length] ?? "";
  const odd: Partial<LeadInput>[] = [
    { full_name: text },
    { full_name: `${"я".repeat(249)}🙂${"я".repeat(200)}` },
    { source: text.slice(0, 50), full_name: "{name} {source} {{{" },
    { metadata: JSON.parse(`{"a": ${"[".repeat(31)}${"]".repeat(31)}}`) },
    { metadata: { __proto__x: text, constructor: text, "metadata.a.b": text, "": text, number: 1e308 } },
    {
      metadata: Object.fromEntries(
        Array.from({ length: 300 }, (_, key) => [`key ${key}`, text.slice(0, 20)]),
      ),
    },
    { metadata: { text: "я".repeat(8000) } },
    // Whom amoCRM knows already, as one of its own odd rows.
    { email: populatedEmail(index + 1) },
  ];
  return { email: `odd${index}@example.com`, ...odd[index % odd.length] };
}

async function workUntilDone(account: Account): Promise<void> {
  for (let round = 0; round < 60; round++) {
    await account.drain();
    await account.pull();
    const [open] = await sql`
      select count(*) filter (where state not in ('delivered', 'dead'))::int as waiting,
        (select bool_and(is_complete) from amocrm.cursors) as is_complete from amocrm_outbox`;
    if (open?.["waiting"] === 0 && open["is_complete"] === true) return;
    await account.wait(MINUTE_MS);
  }
}

test("a hundred odd contacts, deals, users, pipelines, fields and leads cost nobody else anything", async () => {
  const account = await openAccount(database);
  const superuser = database.connect({ user: "supabase_admin" });
  await superuser`update amocrm.cursors set is_complete = false, changed_until = null`;
  await sql`insert into amocrm_routes (source, on_repeat) values ('*', 'note_and_task')`;
  account.simulator.control.populateOdd({
    contacts: ODD_COUNT,
    deals: ODD_COUNT,
    users: ODD_COUNT,
    pipelines: ODD_COUNT,
    fields: ODD_COUNT,
  });
  account.simulator.control.populate({ contacts: 300, deals: 300, days: 30 });
  const leads = Array.from({ length: ORDINARY_COUNT }, (_, index) => ({
    email: `ordinary${index}@example.com`,
    full_name: `Ordinary ${index}`,
  })).flatMap((lead, index) => (index % APART === 0 ? [lead, oddLead(index / APART)] : [lead]));
  await insertLeads(sql, leads);
  await workUntilDone(account);

  const rows = await sql<{ email: string; state: string; code: string | null }[]>`
    select lead.email, message.state, message.last_error_code as code
    from amocrm_outbox as message join unified_lead_tracking as lead on lead.id = message.subject_id`;
  const isOrdinary = ({ email }: { email: string }) => email.startsWith("ordinary");
  expect(rows.filter((row) => isOrdinary(row) && row.state !== "delivered")).toEqual([]);
  expect(rows.filter(isOrdinary)).toHaveLength(ORDINARY_COUNT);
  // An odd one is delivered, or set aside with its reason; none is lost or goes round for ever.
  const setAside = rows.filter(({ state }) => state !== "delivered");
  expect(setAside.filter(({ state, code }) => state !== "dead" || code === null)).toEqual([]);
  expect(rows).toHaveLength(ORDINARY_COUNT + ODD_COUNT);
  // Each person's deal is there once.
  const names = account.simulator.state
    .deals()
    .map(({ name }) => name)
    .filter((name) => name.startsWith("Ordinary "));
  expect(new Set(names).size).toBe(ORDINARY_COUNT);
  expect(names).toHaveLength(ORDINARY_COUNT);
  expect(await sql`select entity, is_complete from amocrm.cursors order by entity`).toEqual([
    { entity: "contact", is_complete: true },
    { entity: "deal", is_complete: true },
  ]);
  // What was left out is told, and does not call it ill.
  const [health] = await sql`select notice from amocrm_health`;
  expect(health?.["notice"]).toMatch(/without a usable id/);
}, 300_000);
