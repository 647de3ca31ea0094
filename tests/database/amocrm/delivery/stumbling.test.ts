import { beforeEach, describe, expect, test } from "vitest";
import { handlers } from "#functions/amocrm-drain/handlers.ts";
import { type Account, openAccount } from "../../support/account.ts";
import { HOUR_MS, MINUTE_MS } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, messages, strangers } from "../../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
let account: Account;
/** What happens over the lead of this name. */
const POISON = "Poison Secret";

/** The real handlers, which stumble over one lead, before or after it has been sent. */
async function open(when: "before" | "after"): Promise<void> {
  account = await openAccount(database, {
    handlers: {
      ...handlers,
      "lead.created": async (message, tools) => {
        const isPoison = message.subject?.["full_name"] === POISON;
        if (isPoison && when === "before")
          throw new RangeError(`Maximum call stack size exceeded: ${POISON}`);
        const end = await handlers["lead.created"]?.(message, tools);
        if (isPoison || end === undefined)
          throw new RangeError(`Maximum call stack size exceeded: ${POISON}`);
        return end;
      },
    },
  });
}
beforeEach(async () => {
  await sql`insert into amocrm_routes (source) values ('*')`;
});

const poison = async () => (await messages(sql)).find(({ id }) => id === 2);
async function drainForHours(hours: number): Promise<void> {
  for (let minute = 0; minute < hours * 60; minute += 5) await account.drainAfter(5 * MINUTE_MS);
}
async function insertThree(): Promise<void> {
  const [first, second] = strangers(2);
  await insertLeads(sql, [first ?? {}, { email: "poison@example.com", full_name: POISON }, second ?? {}]);
}

describe("a message that the function stumbles over", () => {
  test.each(["before", "after"] as const)(
    "is set back as an attempt, %s its deal is made, and the others are delivered at once",
    async (when) => {
      await open(when);
      await insertThree();
      const report = await account.drain();
      expect(report).toMatchObject({ outcome: "granted", stoppedBy: null, isMoreDue: false });
      expect(await messages(sql)).toMatchObject([
        { state: "delivered" },
        {
          state: "pending",
          attempt_count: 1,
          goes_alone: true,
          last_error_code: "handler_failed",
          last_error_message: expect.stringMatching(
            /^The function stumbled over this message: RangeError at stumbling\.test\.ts:\d+$/,
          ),
        },
        { state: "delivered" },
      ]);
    },
  );

  test("goes alone the next time, and is dead at the limit, with its deal made once", async () => {
    await open("after");
    await sql`update amocrm_settings set max_attempts = 4`;
    await insertThree();
    await drainForHours(3);
    expect(await poison()).toMatchObject({
      state: "dead",
      attempt_count: 4,
      last_error_code: "handler_failed",
    });
    expect(account.simulator.state.deals()).toHaveLength(3);
    await insertLeads(sql, strangers(2, "later"));
    await account.drainAfter(MINUTE_MS);
    expect((await messages(sql)).slice(3)).toMatchObject([{ state: "delivered" }, { state: "delivered" }]);
    const [letter] = await sql`select remedy from amocrm_dead_letters`;
    expect(letter?.["remedy"]).toMatch(/./);
  });

  test("whose deal is in doubt is dead at the limit as well, and still looked for first when it is requeued", async () => {
    await open("before");
    await sql`update amocrm_settings set max_attempts = 3`;
    await insertThree();
    await sql`update amocrm.outbox set state = 'uncertain', step = 'create_deals_with_contacts', sent_at = amocrm.clock(),
      is_fresh = false, person_id = 999, is_head = true where id = 2`;
    await drainForHours(3);
    expect(await poison()).toMatchObject({ state: "dead", last_error_code: "handler_failed" });
    expect(await sql`select step from amocrm_outbox where id = 2`).toEqual([
      { step: "create_deals_with_contacts" },
    ]);
  });
});

test("metadata nested without end, from before there was a limit, arrives without what lies deepest", async () => {
  account = await openAccount(database);
  await insertLeads(sql, strangers(3));
  // 6,000 levels: more than JSON.stringify takes.
  await sql`update unified_lead_tracking set metadata = (${`{"a": 1, "b": ${"[".repeat(6000)}${"]".repeat(6000)}}`}::text)::jsonb
    where email = 'person2@example.com'`;
  await account.drain();
  await account.drainAfter(HOUR_MS);
  expect((await messages(sql)).filter(({ kind }) => kind === "lead.created")).toMatchObject(
    Array(3).fill({ state: "delivered" }),
  );
  const notes = [...account.simulator.state.notes()].map(({ params }) => String(params["text"]));
  expect(notes.some((text) => text.includes(`b: ${"[".repeat(64)}null`))).toBe(true);
});
