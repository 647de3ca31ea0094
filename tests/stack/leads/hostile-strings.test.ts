import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drawn } from "../../support/sizes.ts";
import { crmOf } from "../support/crm.ts";
import { type System, startSystem } from "../support/system.ts";

const all: string[] = JSON.parse(
  fs.readFileSync(path.join(import.meta.dirname, "../../data/blns.json"), "utf8"),
);
/** They stand by kind, so that each third or fourth is some of each. */
const strings = drawn(all, 150);
let system: System;
beforeAll(async () => {
  system = await startSystem();
  await system.sql`delete from amocrm_fields where path = 'utm_source'`;
  // An account whose mirror is complete, so that leads travel in batches, with no search for each.
  await system.sql`update amocrm.cursors set is_complete = true, changed_until = clock_timestamp() where entity = 'contact'`;
});
afterAll(() => system.stop());

test("each hostile string as name, UTM and metadata is refused with a clear error or arrives byte for byte", async () => {
  const refused: string[] = [];
  const accepted = new Map<string, string>();
  for (const [index, text] of strings.entries()) {
    const email = `blns${index}@mail.example`;
    const { error } = await system.anon
      .from("landing_leads")
      .insert({ full_name: text, email, utm_source: text, metadata: { form: { text } }, source: "blns" });
    if (error === null) accepted.set(email, text);
    else refused.push(`${error.code} ${error.message}`);
  }
  await system.delivered(110_000);
  const rows = await system.sql<
    { email: string; contact: number; deal: number; state: string; is_cut: boolean }[]
  >`
    select lead.email, message.amocrm_contact_id::int as contact, message.amocrm_deal_id::int as deal, message.state,
      message.warnings @> '[{"code": "name_shortened"}]' as is_cut
    from unified_lead_tracking as lead join amocrm_outbox as message on message.subject_id = lead.id`;
  const crm = crmOf(system.simulator);
  const names = new Map(crm.contacts().map((contact) => [contact.id, contact.name]));
  const notes = new Map(crm.notes().map((note) => [note.entity_id, note.params.text]));
  const damaged = rows.filter(({ email, contact, deal, is_cut }) => {
    const text = accepted.get(email) ?? "";
    const isBlank = text.trim() === "";
    const name = isBlank ? email : text;
    // The text stands twice in the note: as the UTM column and as metadata.
    const mentions = (notes.get(deal) ?? "").split(`: ${text}`).length - 1;
    // A name longer than amoCRM takes is cut with a warning, and stands whole in the note.
    const isNamed = is_cut ? name.startsWith(names.get(contact) || "?") : names.get(contact) === name;
    return !isNamed || (!isBlank && mentions < 2);
  });
  console.log(
    `${strings.length} strings: ${rows.length} arrived, ${refused.length} refused ${[...new Set(refused)].join("; ")}`,
  );
  expect(rows.filter((row) => row.state !== "delivered")).toEqual([]);
  expect(damaged.map(({ email }) => accepted.get(email))).toEqual([]);
  expect(rows.length).toBe(accepted.size);
  expect(accepted.size + refused.length).toBe(strings.length);
}, 120_000);
