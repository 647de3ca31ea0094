import { beforeEach, describe, expect, test } from "vitest";
import { NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";

const { sql } = await useDatabase();
const PIPELINE = 11;
let second = 0;

beforeEach(async () => {
  await setTestClock(NOON, sql);
  await sql`update loyalty_settings set amocrm_pipelines = ${[PIPELINE]} where is_the_only_row`;
});

const deal = (
  event: string,
  more: { price?: number; pipeline?: number; status?: number; id?: number } = {},
) => {
  second += 1;
  return sql`insert into amocrm_deal_events (amocrm_deal_id, event, to_pipeline_id, to_status_id, price, is_ours, occurred_at)
    values (${more.id ?? 500}, ${event}, ${more.pipeline ?? PIPELINE}, ${more.status ?? 142}, ${more.price ?? 2000}, false, ${noonPlus(second * 1000)})`;
};
const points = async () =>
  (await sql`select amount from loyalty_points order by id`).map(({ amount }) => amount);

describe("a deal of amoCRM", () => {
  test("that is won in a pipeline that counts is an order of its contact, once", async () => {
    await sql`insert into amocrm.contacts (amocrm_contact_id, account, updated_at) values (77, amocrm.account(), ${NOON})`;
    await sql`insert into amocrm.contact_keys (amocrm_contact_id, type, key, account) values (77, 'email', 'ann@example.com', amocrm.account())`;
    await sql`insert into amocrm.deals (amocrm_deal_id, amocrm_contact_id, account) values (500, 77, amocrm.account())`;
    await deal("won");
    await deal("won");
    expect(await points()).toEqual([100]);
    expect(await sql`select provider, external_id from loyalty_identities`).toEqual([
      { provider: "email", external_id: "ann@example.com" },
    ]);
    await deal("price_changed", { price: 3000 });
    await deal("reopened", { status: 20 });
    await deal("won", { price: 3000 });
    await deal("deleted");
    expect(await points()).toEqual([100, 50, -150, 150, -150]);
    expect(await sql`select count(*)::int from loyalty_orders`).toEqual([{ count: 1 }]);
  });

  test("elsewhere, or that is lost or moved, is none; and by default no pipeline counts", async () => {
    await deal("won", { pipeline: 12 });
    await deal("lost", { status: 143, id: 501 });
    await deal("stage_changed", { status: 20, id: 502 });
    await sql`update loyalty_settings set amocrm_pipelines = default where is_the_only_row`;
    await deal("won", { id: 503 });
    expect(await sql`select count(*)::int from loyalty_orders`).toEqual([{ count: 0 }]);
  });

  test("that cannot be booked stops no mirror, and is booked at night", async () => {
    await sql`update loyalty_tiers set code = 'copper' where code = 'bronze'`;
    await sql`alter table loyalty_members alter column tier set default 'none'`;
    await deal("won");
    expect(await sql`select error from amocrm.loyalty_deals_waiting`).toEqual([{ error: "23503" }]);
    await sql`alter table loyalty_members alter column tier set default 'bronze'`;
    await sql`update loyalty_tiers set code = 'bronze' where code = 'copper'`;
    await sql`select loyalty_recompute()`;
    expect(await points()).toEqual([100]);
    expect(await sql`select * from amocrm.loyalty_deals_waiting`).toEqual([]);
  });
});
