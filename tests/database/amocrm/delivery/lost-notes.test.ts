import { beforeEach, describe, expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { type Account, openAccount } from "../../support/account.ts";
import { noonPlus, SECOND_MS } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, messages } from "../../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
let account: Account;
beforeEach(async () => {
  account = await openAccount(database);
  await sql`insert into amocrm_routes (source, on_repeat) values ('*', 'note'), ('call', 'note_and_task')`;
  await sql`insert into amocrm_fields (entity, path, field_id) values ('deal', 'id', ${SEED_IDS.dealFields.leadId})`;
});

const ADA = { full_name: "Ada", email: "ada@example.com" };
const LEADS = "/api/v4/leads";
const control = () => account.simulator.control;
const state = () => account.simulator.state;
const loseAnswers = (path: string, times?: number) =>
  control().addFaults({ kind: "lost_answer", method: "POST", path, ...(times && { times }) });
const rows = () => messages(sql);

describe("a note whose request was lost", () => {
  const NOTES = `${LEADS}/notes`;
  const references = () =>
    state()
      .notes()
      .map((note) => /#lead-[0-9a-f]{8}-\d+/.exec(String((note["params"] as { text: string }).text))?.[0]);
  const typeNotes = (dealId: number, count: number) =>
    account.post(
      NOTES,
      Array.from({ length: count }, (_, index) => ({
        entity_id: dealId,
        note_type: "common",
        params: { text: `Call ${index}` },
      })),
    );

  /** A second lead of a person, whose note meets the fault. */
  async function repeatWith(fault: () => void): Promise<number> {
    await insertLeads(sql, [{ ...ADA, metadata: { answer: "first" } }]);
    await account.drain();
    fault();
    await insertLeads(sql, [{ ...ADA, metadata: { answer: "second" } }]);
    await account.drainAfter(SECOND_MS);
    expect((await rows())[1]).toMatchObject({ state: "uncertain", step: "create_notes" });
    return Number(state().deals()[0]?.id);
  }
  const allLooks = async () => {
    for (const seconds of [10, 50, 250]) await account.drainAfter(seconds * SECOND_MS);
  };
  const reset = () => control().addFaults({ kind: "reset", method: "POST", path: NOTES, times: 1 });

  test.each(["when_more", "when_full", "always"] as const)(
    "is written after all looks, where a page links to the next one %s",
    async (next_link) => {
      control().patchSettings({ lists: { next_link } });
      await repeatWith(reset);
      await allLooks();
      expect((await rows())[1]).toMatchObject({ state: "delivered", warnings: [] });
      expect(references()).toEqual([expect.any(String), expect.stringMatching(/-2$/)]);
    },
  );

  test.each([{ filters_need_paid_option: false }, { filters_need_paid_option: true }])(
    "is found behind more notes than a page holds, and not written twice (%o)",
    async (lists) => {
      control().patchSettings({ lists: { next_link: "always", ...lists } });
      const dealId = await repeatWith(() => loseAnswers(NOTES, 1));
      // A list is ordered by whole seconds.
      await account.drainAfter(3 * SECOND_MS);
      await typeNotes(dealId, 250);
      await typeNotes(dealId, 60);
      await allLooks();
      expect((await rows())[1]).toMatchObject({ state: "delivered", warnings: [] });
      expect(references().filter((reference) => reference !== undefined)).toHaveLength(2);
    },
  );

  test("is found again although amoCRM changed its text on the way", async () => {
    control().patchSettings({ text: { changes: ["trim", "collapse", "entities", "emoji"] } });
    await repeatWith(() => loseAnswers(NOTES, 1));
    await allLooks();
    expect((await rows())[1]).toMatchObject({ state: "delivered", warnings: [] });
    expect(references()).toHaveLength(2);
  });
});

describe("a deal by its name, where no field marks it", () => {
  test("is found again although amoCRM changed the name", async () => {
    await sql`delete from amocrm_fields where true`;
    await sql`update amocrm.marker_search set tried_at = ${noonPlus(0)} where true`;
    control().patchSettings({ text: { changes: ["trim", "collapse", "entities", "emoji"] } });
    control().addFaults({ kind: "forbidden", method: "POST", path: `${LEADS}/custom_fields` });
    loseAnswers(`${LEADS}/complex`, 1);
    await insertLeads(sql, [{ ...ADA, full_name: ' Ada  "the\u2764\uFE0F" & Co ' }]);
    await account.drain();
    expect(await rows()).toMatchObject([{ state: "uncertain" }]);
    await account.drainAfter(10 * SECOND_MS);
    expect(await rows()).toMatchObject([{ state: "delivered", warnings: [{ code: "answer_lost" }] }]);
    expect(state().deals()).toHaveLength(1);
  });
});
