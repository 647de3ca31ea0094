import { beforeEach, describe, expect, test } from "vitest";
import { drawn, sized } from "../../../support/sizes.ts";
import { type Account, openAccount } from "../../support/account.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, messages } from "../../support/leads.ts";
import { configureVault } from "../../support/vault.ts";

/** One person for whom amoCRM fails time and again: everybody else is delivered as if there were no such person. */
const database = await useDatabase();
const { sql } = database;
const MINUTE_MS = 60_000;
/** The first twenty are each sent alone in the end, and who comes at that moment waits for them. */
const SLOWEST_MS = 120_000;
const LATER_COUNT = sized(15, 30);
const POISON = "Poison";

let account: Account;
beforeEach(async () => {
  account = await openAccount(database);
  await configureVault(sql);
  await sql`insert into amocrm_routes (source) values ('*')`;
});

const lead = (name: string) => ({
  full_name: name,
  email: `${name.toLowerCase()}@example.com`,
  metadata: { remark: name },
});
const poison = async () =>
  (
    await sql`select state, last_error_code, last_error_message, alone_fault_count from amocrm_outbox
    join unified_lead_tracking on unified_lead_tracking.id = subject_id where full_name = ${POISON}`
  )[0];
const others = async () =>
  (
    await sql`select state, extract(epoch from delivered_at - amocrm_outbox.created_at)::float * 1000 as took
      from amocrm_outbox join unified_lead_tracking on unified_lead_tracking.id = subject_id where full_name <> ${POISON} order by amocrm_outbox.id`
  ).map((row) => ({ state: String(row["state"]), tookMs: Number(row["took"]) }));

type FaultInput = Parameters<Account["simulator"]["control"]["addFaults"]>[0];
const FAULTS: readonly [string, boolean, FaultInput][] = [
  ["the search, without a mirror", false, { kind: "status", status: 500, method: "GET", content: "poison" }],
  ["the create", true, { kind: "status", status: 500, path: "/api/v4/leads/complex", content: POISON }],
  [
    "the create, by 504",
    true,
    { kind: "status", status: 504, path: "/api/v4/leads/complex", content: POISON },
  ],
  [
    "the create, by a refusal without a reason",
    true,
    { kind: "status", status: 400, path: "/api/v4/leads/complex", content: POISON },
  ],
  ["the note", true, { kind: "status", status: 500, path: "/api/v4/leads/notes", content: POISON }],
];

describe("while amoCRM fails for one lead at", () => {
  test.each(drawn(FAULTS, 3))(
    "%s, all others arrive within two minutes, and it is dead in the end, named",
    { timeout: 180_000 },
    async (_what, hasMirror, fault) => {
      if (!hasMirror) await sql`update amocrm.cursors set is_complete = false where entity = 'contact'`;
      account.simulator.control.addFaults(fault);
      await insertLeads(
        sql,
        [POISON, ...Array.from({ length: 20 }, (_, index) => `First${index}`)].map(lead),
      );
      for (let number = 0; number < LATER_COUNT; number++) {
        await account.pass(2 * MINUTE_MS);
        await insertLeads(sql, [lead(`Later${number}`)]);
      }
      await account.pass(2 * MINUTE_MS);
      const rows = await others();
      expect(rows.filter(({ state }) => state !== "delivered")).toEqual([]);
      // Twenty people without a mirror take forty searches; what shared a batch with it goes through looks first.
      const later = rows.slice(20).map(({ tookMs }) => tookMs);
      expect(Math.max(...later)).toBeLessThanOrEqual(SLOWEST_MS);

      for (let hour = 0; hour < 48 && (await poison())?.["state"] !== "dead"; hour++) {
        await account.pass(60 * MINUTE_MS);
        await insertLeads(sql, [lead(`Hourly${hour}`)]);
      }
      expect(await poison()).toMatchObject({
        state: "dead",
        last_error_code: "fails_alone",
        alone_fault_count: 12,
      });
      expect((await poison())?.["last_error_message"]).toMatch(/for this message/);
      await account.pass(5 * MINUTE_MS);
      expect((await messages(sql)).filter(({ state }) => state !== "delivered")).toHaveLength(1);
      expect(account.simulator.state.counts().deals).toBe(
        (await others()).length + Number(fault.path === "/api/v4/leads/notes"),
      );
    },
  );
});
