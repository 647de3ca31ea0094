import { beforeEach, describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS, NOON, noonPlus, setTestClock } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";

const { sql } = await useDatabase();
beforeEach(() => setTestClock(NOON, sql));

/** Our own request that made a contact and its deal, and ended now. */
async function write(id: number): Promise<void> {
  const [clock] = await sql<{ now: number }[]>`select extract(epoch from amocrm.clock())::int as now`;
  const writes = ["contact", "deal"].map((entity) => ({ entity, id, is_created: true, until: clock?.now }));
  await sql`select amocrm.note_own_writes(${JSON.stringify([{ writes }])}::text::jsonb)`;
}
const noted = async () =>
  (
    await sql`select entity || ' ' || amocrm_id as what from amocrm.own_writes order by amocrm_id, entity`
  ).map((row) => row["what"]);

describe("what we wrote ourselves", () => {
  test("is noted of deals always, and of contacts while deliveries of hooks are taken", async () => {
    await write(1);
    await sql`insert into amocrm.webhook_control (secret_hash, made_at, checked_at, state) values ('hash', amocrm.clock(), amocrm.clock(), 'on')`;
    await write(2);
    await sql`select amocrm_webhook_off()`;
    await setTestClock(noonPlus(HOUR_MS), sql);
    await write(3);
    await setTestClock(noonPlus(3 * HOUR_MS), sql);
    await write(4);
    expect(await noted()).toEqual(["deal 1", "contact 2", "deal 2", "contact 3", "deal 3", "deal 4"]);
  });

  test("is forgotten three days after the mirror has read past it, or after a month", async () => {
    const mirrored = async (until: Date, isComplete = true) => {
      await sql`update amocrm.cursors set changed_until = ${until}, is_complete = ${isComplete} where entity = 'deal'`;
      await sql`select amocrm.prune_own_writes(1000)`;
      return noted();
    };
    await write(1);
    await setTestClock(noonPlus(DAY_MS), sql);
    await write(2);
    await setTestClock(noonPlus(20 * DAY_MS), sql);
    expect(await mirrored(noonPlus(3 * DAY_MS - HOUR_MS))).toEqual(["deal 1", "deal 2"]);
    expect(await mirrored(noonPlus(20 * DAY_MS), false)).toEqual(["deal 1", "deal 2"]);
    expect(await mirrored(noonPlus(3 * DAY_MS + HOUR_MS))).toEqual(["deal 2"]);
    await setTestClock(noonPlus(31 * DAY_MS - HOUR_MS), sql);
    expect(await mirrored(noonPlus(3 * DAY_MS + HOUR_MS))).toEqual(["deal 2"]);
    await setTestClock(noonPlus(31 * DAY_MS + HOUR_MS), sql);
    expect(await mirrored(noonPlus(3 * DAY_MS + HOUR_MS))).toEqual([]);
  });
});
