import { beforeEach, describe, expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { type Account, openAccount } from "../support/account.ts";
import { useDatabase } from "../support/database.ts";
import { insertLeads } from "../support/leads.ts";
import { insertStudent } from "../support/mail-drainer.ts";

const database = await useDatabase();
const { sql } = database;
const service = database.connect({ user: "authenticator", role: "service_role" });
const TYPO = "asel.typo@example.kz";
const RIGHT = "asel@example.kz";
let account: Account;
beforeEach(async () => {
  account = await openAccount(database);
  const { pipeline, bought } = SEED_IDS.tripwire;
  await sql`insert into amocrm_stages (event, pipeline_id, status_id) values ('student.created', ${pipeline}, ${bought})`;
  await sql`insert into amocrm_routes (source) values ('*')`;
});

const correct = (id: string, email: string) => service`select tripwire_correct_email(${id}, ${email})`;
const told = () =>
  sql`select kind, state, last_error_code as code from amocrm_outbox where queue = 'amocrm' order by id`;
const cards = () =>
  account.simulator.state
    .contacts()
    .map((contact) =>
      (contact.custom_fields_values ?? [])
        .filter((field) => field.field_code === "EMAIL")
        .flatMap((field) => field.values.map(({ value }) => value)),
    );
const noteTexts = () => account.simulator.state.notes().map(({ params }) => String(params["text"]));

describe("a student's corrected address", () => {
  test("comes to the contact in amoCRM, and the mistyped one that we had put there goes", async () => {
    const id = await insertStudent(sql, { email: TYPO });
    await account.drain();
    expect(cards()).toEqual([[TYPO]]);
    await correct(id, RIGHT);
    await account.drainAfter(1000);
    expect(cards()).toEqual([[RIGHT]]);
    expect(await told()).toEqual([
      { kind: "student.created", state: "delivered", code: null },
      { kind: "student.updated", state: "delivered", code: null },
    ]);
    expect(noteTexts()).toHaveLength(1);
    // Whoever comes with the new address is the student.
    await insertLeads(sql, [{ full_name: "Asel", email: RIGHT }]);
    await account.drainAfter(1000);
    expect(account.simulator.state.contacts()).toHaveLength(1);
  });

  test("goes out with the student where that one still waits, and nothing is told twice", async () => {
    const id = await insertStudent(sql, { email: TYPO });
    await correct(id, RIGHT);
    await account.drain();
    await account.drainAfter(1000);
    expect(cards()).toEqual([[RIGHT]]);
    expect(await told()).toMatchObject([{ state: "delivered" }, { state: "delivered" }]);
    expect(account.requests().filter((request) => request.startsWith("PATCH"))).toEqual([]);
  });

  test("that is another person's is told in a note, and stays on that one's card", async () => {
    await insertLeads(sql, [{ full_name: "Other", email: RIGHT }]);
    const id = await insertStudent(sql, { email: TYPO });
    await account.drain();
    await correct(id, RIGHT);
    await account.drainAfter(1000);
    expect(cards().toSorted((a, b) => a.length - b.length)).toEqual([[], [RIGHT]]);
    expect(noteTexts().at(-1)).toContain(`E-mail: ${RIGHT}`);
    expect((await told()).at(-1)).toMatchObject({ kind: "student.updated", state: "delivered" });
  });

  test("of a student who never reached amoCRM ends with the reason", async () => {
    const id = await insertStudent(sql, { email: TYPO });
    await sql`select amocrm_cancel(id) from amocrm_outbox where kind = 'student.created'`;
    await correct(id, RIGHT);
    await account.drain();
    expect((await told()).at(-1)).toEqual({
      kind: "student.updated",
      state: "superseded",
      code: "student_not_in_amocrm",
    });
    expect(account.simulator.state.contacts()).toEqual([]);
  });

  test("makes no message where nothing but its spelling changed", async () => {
    const id = await insertStudent(sql, { email: RIGHT });
    await sql`update tripwire_users set email = upper(email), full_name = 'Asel' where id = ${id}`;
    expect((await told()).map(({ kind }) => kind)).toEqual(["student.created"]);
  });
});
