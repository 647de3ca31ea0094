import { afterAll, beforeAll, expect, test } from "vitest";
import { hostedDeno, localDeno } from "#dev/check/deno.ts";
import { waitFor } from "#dev/stack/wait.ts";
import { crmOf } from "../support/crm.ts";
import { leave, type System, startSystem } from "../support/system.ts";

/** The deepest metadata that the database takes (amocrm.refuse_bad_lead). */
const MAX_LEVELS = 32;
/** How deep a row of an older database may be: deeper than any engine's stack. */
const OLD_LEVELS = 6_000;

let system: System;
beforeAll(async () => {
  // Where npm has no build of the hosted level for this platform, the same is asked of the one of development.
  system = await startSystem({ deno: hostedDeno() ?? localDeno() });
}, 180_000);
afterAll(() => system.stop());

/** Metadata of so many levels, itself the first of them, with a word at the bottom. */
const nested = (levels: number, word: string): string =>
  `${'{"in":'.repeat(levels - 1)}{"word":"${word}"}${"}".repeat(levels - 1)}`;
const metadata = (levels: number, word: string) => JSON.parse(nested(levels, word)) as object;

test("under the hosted Deno metadata may be as deep as the limit, is refused in words beyond it, and everybody is delivered", async () => {
  await leave(system, { full_name: "Before", email: "before@mail.example" });
  await leave(system, {
    full_name: "Deep",
    email: "deep@mail.example",
    metadata: metadata(MAX_LEVELS, "bottom"),
  });
  await leave(system, { full_name: "After", email: "after@mail.example" });
  for (const levels of [MAX_LEVELS + 1, 1_000]) {
    const refused = await system.anon
      .from("landing_leads")
      .insert({ full_name: "Abyss", email: "abyss@mail.example", metadata: metadata(levels, "abyss") });
    expect(refused.error).toMatchObject({
      code: "23514",
      message: `metadata is nested deeper than ${MAX_LEVELS} levels`,
    });
  }
  await system.delivered(110_000);
  const rows = await system.sql`
    select lead.email, message.state, message.amocrm_deal_id::int as deal
    from unified_lead_tracking as lead join amocrm_outbox as message on message.subject_id = lead.id order by message.id`;
  expect(rows).toMatchObject([
    { email: "before@mail.example", state: "delivered" },
    { email: "deep@mail.example", state: "delivered" },
    { email: "after@mail.example", state: "delivered" },
  ]);
  const notes = crmOf(system.simulator).notes();
  expect(notes.find((note) => note.entity_id === rows[1]?.["deal"])?.params.text).toContain("bottom");
}, 180_000);

test("under the hosted Deno a row that was deeper before there was a limit stops nobody either", async () => {
  await system.sql`select amocrm_pause('a row of an older database')`;
  for (const name of ["old", "new"]) await leave(system, { full_name: name, email: `${name}@mail.example` });
  await system.sql`update unified_lead_tracking set metadata = ${nested(OLD_LEVELS, "abyss")}::text::jsonb
    where email = 'old@mail.example'`;
  await system.sql`select amocrm_resume()`;
  await waitFor(
    "both to be settled",
    async () => {
      const [row] = await system.sql`select count(*)::int as count from amocrm_outbox
        where state not in ('delivered', 'dead', 'superseded')`;
      return row?.["count"] === 0;
    },
    { timeoutMs: 180_000 },
  );
  expect(
    await system.sql`select distinct message.state from unified_lead_tracking as lead
      join amocrm_outbox as message on message.subject_id = lead.id where lead.email in ('old@mail.example', 'new@mail.example')`,
  ).toEqual([{ state: "delivered" }]);
}, 180_000);
