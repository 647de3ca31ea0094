import { expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { openAccount } from "../../support/account.ts";
import { useDatabase } from "../../support/database.ts";
import { messages } from "../../support/leads.ts";

const database = await useDatabase();
const { sql } = database;

const BIG = ["9007199254740993", "770712345678901234567", "-1701234567890123456", "0.1234567890123456789"];

test("numbers beyond what a double holds reach note and field with every digit, others as they are", async () => {
  const account = await openAccount(database);
  await sql`insert into amocrm_routes (source) values ('*')`;
  await sql`insert into amocrm_fields (entity, path, field_id) values ('deal', 'metadata.order', ${SEED_IDS.dealFields.bookingId})`;
  const metadata = `{"order": 9007199254740993, "list": [${BIG.join(", ")}, 5, 0.5], "deep": {"card": 770712345678901234567},
    "huge": 1e400, "year": 2031, "text": "9007199254740993"}`;
  await sql`insert into unified_lead_tracking (email, metadata) values ('a@example.com', ${metadata}::text::jsonb)`;
  // Deeper than anybody asks for, from before there was a limit.
  await sql`insert into unified_lead_tracking (email) values ('b@example.com')`;
  await sql`update unified_lead_tracking set metadata = ${`{"a": ${"[".repeat(3000)}9007199254740993${"]".repeat(3000)}}`}::text::jsonb
    where email = 'b@example.com'`;
  await account.drain();
  expect((await messages(sql)).filter(({ kind }) => kind === "lead.created")).toMatchObject([
    { state: "delivered" },
    { state: "delivered" },
  ]);
  const notes = account.simulator.state.notes().map(({ params }) => String(params["text"]));
  const note = notes.find((text) => text.includes("year: 2031")) ?? "";
  for (const number of BIG) expect(note).toContain(number);
  expect(note).toContain("deep.card: 770712345678901234567");
  expect(note).toContain(`huge: 1${"0".repeat(400)}`);
  expect(note).toContain(",5,0.5]");
  const fields = account.simulator.state.deals().flatMap((deal) => JSON.stringify([...Object.values(deal)]));
  expect(fields.join()).toContain('"9007199254740993"');
});
