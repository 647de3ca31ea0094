import { beforeEach, describe, expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { type Account, openAccount } from "../../support/account.ts";
import { MINUTE_MS, SECOND_MS } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, messages } from "../../support/leads.ts";
import { STUDENT_ID } from "../../support/roles.ts";

const database = await useDatabase();
const { sql } = database;
const { sales, tripwire, dealFields, contactFields, users } = SEED_IDS;
let account: Account;
beforeEach(async () => {
  account = await openAccount(database);
  await sql`insert into amocrm_routes (source, pipeline_id, status_id) values ('*', ${sales.pipeline}, ${sales.fresh})`;
  await sql`insert into amocrm_fields (entity, path, field_id) values ('deal', 'id', ${dealFields.leadId})`;
});

const tell = async (
  to: object,
  kind: string,
  payload: object,
  key: string | null = null,
): Promise<number> => {
  const [row] =
    await sql`select amocrm_tell(${sql.json(to as never)}, ${kind}, ${sql.json(payload as never)}, ${key}) as id`;
  return Number(row?.["id"]);
};
const noteTexts = () =>
  account.simulator.state
    .notes()
    .map((note) => (note["params"] as { text: string }).text.replace(/\n#[^\n]*$/, ""));
const state = async (id: number) => (await messages(sql)).find((message) => message.id === id);
const ada = { full_name: "Ada", email: "ada@example.com" };
const deliveredLead = async () => {
  const [id = ""] = await insertLeads(sql, [ada]);
  await account.drain();
  return id;
};

describe("on the deal of a lead", () => {
  test("a note arrives with its text, once, in the transaction that told it", async () => {
    const leadId = await deliveredLead();
    await sql
      .begin(async (tx) => {
        await tx`select amocrm_tell(${tx.json({ lead_id: leadId })}, 'deal.note', '{"text": "taken back"}')`;
        throw new Error("rolled back");
      })
      .catch(() => {});
    const id = await tell({ lead_id: leadId }, "deal.note", { text: "Paid 5 000 ₸\nby card" });
    await account.drain();
    expect(await state(id)).toMatchObject({ state: "delivered", kind: "deal.note", warnings: [] });
    expect(noteTexts()).toEqual(["Paid 5 000 ₸\nby card"]);
    expect(account.requests().filter((line) => line.startsWith("POST"))).toEqual([
      "POST /api/v4/leads/complex",
      "POST /api/v4/leads/notes",
    ]);
  });

  test("told with the lead in one transaction, it goes out behind it", async () => {
    await sql.begin(async (tx) => {
      const [row] =
        await tx`insert into unified_lead_tracking (full_name, email) values ('Ada', 'ada@example.com') returning id`;
      await tx`select amocrm_tell(${tx.json({ lead_id: row?.["id"] })}, 'deal.note', '{"text": "from the shop"}')`;
    });
    await account.drain();
    expect((await messages(sql)).map(({ kind, state: is }) => [kind, is])).toEqual([
      ["lead.created", "delivered"],
      ["deal.note", "delivered"],
    ]);
    expect(noteTexts()).toEqual(["from the shop"]);
  });

  test("a task is due from when it was told, and for whom it was told, else for whoever is responsible for the deal", async () => {
    const leadId = await deliveredLead();
    const at = Math.floor(account.nowMs() / 1000);
    await tell({ lead_id: leadId }, "deal.task", {
      text: "Call back",
      due_in_minutes: 30,
      responsible_user_id: users.manager,
    });
    await tell({ lead_id: leadId }, "deal.task", { text: "Send the bill" });
    await account.drainAfter(10 * SECOND_MS);
    expect(account.simulator.state.tasks()).toMatchObject([
      { complete_till: at + 30 * 60, responsible_user_id: users.manager },
      { complete_till: at + 24 * 60 * 60, responsible_user_id: users.admin },
    ]);
    expect(account.simulator.state.tasks()[0]?.text).toMatch(/^Call back\n#deal-/);
  });

  test("a task for a dismissed user goes to the next who may be responsible, with a warning", async () => {
    const leadId = await deliveredLead();
    const id = await tell({ lead_id: leadId }, "deal.task", {
      text: "Call back",
      responsible_user_id: users.dismissed,
    });
    await account.drain();
    expect(account.simulator.state.tasks()).toHaveLength(1);
    expect((await state(id))?.warnings).toMatchObject([{ code: "responsible_user_refused" }]);
  });

  test("it moves on, into another pipeline too, but neither back nor out of won", async () => {
    const leadId = await deliveredLead();
    const to = { lead_id: leadId };
    await tell(to, "deal.move", { pipeline_id: sales.pipeline, status_id: sales.proposal });
    const back = await tell(to, "deal.move", { pipeline_id: sales.pipeline, status_id: sales.qualified });
    await account.drain();
    expect(account.simulator.state.deals()).toMatchObject([{ status_id: sales.proposal }]);
    expect(await state(back)).toMatchObject({ state: "delivered", last_error_code: "deal_ahead" });
    await tell(to, "deal.move", { pipeline_id: tripwire.pipeline, status_id: tripwire.bought });
    await account.drain();
    expect(account.simulator.state.deals()).toMatchObject([
      { pipeline_id: tripwire.pipeline, status_id: tripwire.bought },
    ]);
    await tell(to, "deal.move", { pipeline_id: tripwire.pipeline, status_id: 142 });
    const out = await tell(to, "deal.move", { pipeline_id: tripwire.pipeline, status_id: tripwire.lesson67 });
    const nowhere = await tell(to, "deal.move", { pipeline_id: tripwire.pipeline, status_id: 1 });
    await account.drain();
    expect(account.simulator.state.deals()).toMatchObject([{ status_id: 142 }]);
    expect(await state(out)).toMatchObject({ last_error_code: "deal_won" });
    expect(await state(nowhere)).toMatchObject({ state: "dead", last_error_code: "stage_not_found" });
  });

  test("values go by id or code in the form that their field takes; what no field takes becomes a note", async () => {
    const leadId = await deliveredLead();
    const values = {
      [dealFields.budget]: "50 000,50 ₸",
      [dealFields.isPartner]: true,
      [dealFields.comment]: "Wants it blue",
      NO_SUCH: "lost and found",
      [dealFields.tariff]: "no such choice",
    };
    const id = await tell({ lead_id: leadId }, "deal.fields", { values });
    await account.drain();
    const message = await state(id);
    expect(message).toMatchObject({ state: "delivered" });
    expect(message?.warnings).toMatchObject([{ code: "field_refused" }, { code: "field_unknown" }]);
    expect(fieldOf(dealFields.budget)).toEqual(["50000.50"]);
    expect(fieldOf(dealFields.isPartner)).toEqual([true]);
    expect(fieldOf(dealFields.comment)).toEqual(["Wants it blue"]);
    expect(noteTexts()[0]).toContain("NO_SUCH: lost and found");
    expect(noteTexts()[0]).toContain("no such choice");
    await tell({ lead_id: leadId }, "deal.fields", { values: { [dealFields.comment]: null } });
    await account.drain();
    expect(fieldOf(dealFields.comment)).toBeNull();
  });

  test("tags come and go beside those of others", async () => {
    const leadId = await deliveredLead();
    const to = { lead_id: leadId };
    await tell(to, "deal.tags", { add: ["paid", "VIP"] });
    await account.drain();
    await tell(to, "deal.tags", { add: ["shipped"], remove: ["paid"] });
    await account.drain();
    const [deal] = account.simulator.state.deals();
    expect(deal?._embedded.tags.map(({ name }) => name).toSorted()).toEqual(["VIP", "shipped"]);
  });

  test("a contact gets values, and a further phone beside the one that it has", async () => {
    const leadId = await deliveredLead();
    const values = {
      PHONE: "8 707 123-45-67",
      [contactFields.telegram]: "@ada",
      [contactFields.email]: ["ada@work.example"],
    };
    await tell({ lead_id: leadId }, "contact.fields", { values });
    await account.drain();
    await tell({ lead_id: leadId }, "contact.fields", { values: { PHONE: "+77770001122" } });
    await account.drain();
    const shown = JSON.stringify(account.simulator.state.contacts());
    for (const value of ["+77071234567", "+77770001122", "ada@example.com", "ada@work.example", "@ada"])
      expect(shown).toContain(value);
  });
});

interface Shown {
  custom_fields_values: { field_id: number; values: { value: unknown }[] }[] | null;
}
function fieldOf(fieldId: number): unknown[] | null {
  const deal = account.simulator.state.deals().at(-1) as unknown as Shown;
  return (
    deal.custom_fields_values
      ?.find((field) => field.field_id === fieldId)
      ?.values.map(({ value }) => value) ?? null
  );
}

describe("which deal", () => {
  test("a student's own, and one that is named by its id, whoever it belongs to", async () => {
    await sql`insert into amocrm_stages (event, pipeline_id, status_id) values ('student.created', ${tripwire.pipeline}, ${tripwire.bought})`;
    await sql`insert into auth.users (id) values (${STUDENT_ID})`;
    const [student] =
      await sql`insert into tripwire_users (user_id, full_name, email) values (${STUDENT_ID}, 'Anna', 'anna@example.com') returning id`;
    await account.drain();
    const foreign = (await account.post("/api/v4/leads", [{ name: "Foreign" }])) as {
      _embedded: { leads: { id: number }[] };
    };
    const foreignId = foreign._embedded.leads[0]?.id ?? 0;
    await tell({ student_id: student?.["id"] }, "deal.note", { text: "to the student" });
    await tell({ deal_id: foreignId }, "deal.note", { text: "to the foreign deal" });
    await account.drain();
    const byDeal = Object.fromEntries(
      account.simulator.state.notes().map((note) => [note.entity_id, note["params"]]),
    );
    expect(Object.keys(byDeal)).toHaveLength(2);
    expect(JSON.stringify(byDeal[foreignId])).toContain("to the foreign deal");
  });

  test("by e-mail or phone: the freshest open one of the main pipeline, else a won one, which takes a note for all", async () => {
    await deliveredLead();
    const to = { email: "ADA@example.com" };
    await tell(to, "deal.tags", { add: ["found"] });
    await account.drain();
    const [deal] = account.simulator.state.deals();
    expect(deal?._embedded.tags).toMatchObject([{ name: "found" }]);
    account.simulator.control.edit({ action: "win_deal", deal_id: deal?.id ?? 0 });
    const ids = [
      await tell(to, "deal.tags", { add: ["late"], remove: ["found"] }),
      await tell(to, "deal.task", { text: "Call" }),
      await tell(to, "deal.fields", { values: { [dealFields.comment]: "blue" } }),
    ];
    await account.drain();
    expect(noteTexts()).toEqual(["Теги: +late, −found", "Задача: Call", `${dealFields.comment}: blue`]);
    for (const id of ids)
      expect(await state(id)).toMatchObject({ state: "delivered", last_error_code: "deal_won" });
    expect(account.simulator.state.tasks()).toEqual([]);
  });

  test("without one a message waits for the lead's delivery, and the lead is not held up by it", async () => {
    const id = await tell({ email: "ada@example.com" }, "deal.note", { text: "early" });
    await account.drain();
    expect(await state(id)).toMatchObject({ state: "pending", last_error_code: "no_deal" });
    const later = await tell({ email: "ada@example.com" }, "deal.note", { text: "later" });
    await insertLeads(sql, [ada]);
    await account.drainAfter(SECOND_MS);
    expect(noteTexts()).toEqual(["early", "later"]);
    expect(await state(later)).toMatchObject({ state: "delivered" });
    expect(account.simulator.state.deals()).toHaveLength(1);
  });

  test("after 24 hours it is dead, and neither a deal nor a contact was made", async () => {
    const id = await tell({ phone: "+77071234567" }, "deal.note", { text: "to nobody" });
    const fields = await tell({ email: "nobody@example.com" }, "contact.fields", {
      values: { [contactFields.telegram]: "@x" },
    });
    await account.drain();
    await account.drainAfter(23 * 60 * MINUTE_MS);
    expect(await state(id)).toMatchObject({ state: "pending", last_error_code: "no_deal" });
    await account.drainAfter(61 * MINUTE_MS);
    expect(await state(id)).toMatchObject({ state: "dead", last_error_code: "no_deal" });
    expect(await state(fields)).toMatchObject({ state: "dead", last_error_code: "no_contact" });
    expect(account.simulator.state.counts()).toMatchObject({ contacts: 0, deals: 0, notes: 0 });
  });

  test("the row's own that a manager deleted is replaced by rule 7; one that was named ends the message", async () => {
    const leadId = await deliveredLead();
    const [deal] = account.simulator.state.deals();
    account.simulator.control.edit({ action: "delete_deal", deal_id: deal?.id ?? 0 });
    const named = await tell({ deal_id: deal?.id }, "deal.note", { text: "named" });
    const own = await tell({ lead_id: leadId }, "deal.note", { text: "own" });
    for (let turn = 0; turn < 6; turn++) await account.drainAfter(10 * SECOND_MS);
    expect(await state(named)).toMatchObject({ state: "superseded", last_error_code: "deal_deleted" });
    expect(await state(own)).toMatchObject({ state: "pending", last_error_code: "no_deal" });
    await insertLeads(sql, [ada]);
    for (let turn = 0; turn < 6; turn++) await account.drainAfter(10 * SECOND_MS);
    expect(noteTexts()).toContain("own");
  });
});
