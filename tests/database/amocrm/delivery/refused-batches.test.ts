import { beforeEach, expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { type Account, openAccount } from "../../support/account.ts";
import { SECOND_MS } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, messages } from "../../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
let account: Account;
beforeEach(async () => {
  account = await openAccount(database);
  await sql`insert into amocrm_routes (source, pipeline_id, status_id) values ('*', null, null),
    ('wrong', ${SEED_IDS.sales.pipeline}, 99999)`;
  await sql`insert into amocrm_fields (entity, path, field_id) values ('deal', 'id', ${SEED_IDS.dealFields.leadId})`;
});

const lead = (name: string, source: string) => ({ full_name: name, email: `${name}@example.com`, source });
const living = () => [account.simulator.state.deals().length, account.simulator.state.contacts().length];

/** Lists of deals have nothing, as where they show what is new a moment late. */
function hideLists(): () => void {
  const { fetch } = account.simulator;
  const owner = account.simulator as { fetch: typeof fetch };
  owner.fetch = (input, init) =>
    init?.method !== "POST" && new URL(String(input)).pathname === "/api/v4/leads"
      ? Promise.resolve(new Response(null, { status: 204 }))
      : fetch(input, init);
  return () => {
    owner.fetch = fetch;
  };
}

test.each(["good_written", "nothing_written"] as const)(
  "leads beside a refused one are made once, where lists are late and %s of the batch",
  async (bad_item) => {
    account.simulator.control.patchSettings({ writes: { bad_item } });
    const show = hideLists();
    await insertLeads(sql, [lead("a", "site"), lead("b", "site"), lead("c", "wrong")]);
    await account.drain();
    const states = async () => (await messages(sql)).map(({ state }) => state).toSorted();
    expect(await states()).toEqual(["dead", "uncertain", "uncertain"]);
    show();
    await account.drainAfter(10 * SECOND_MS);
    expect(await states()).toEqual(["dead", "delivered", "delivered"]);
    expect(living()).toEqual([2, 2]);
    expect(await sql`select type from amocrm_duplicates`).toEqual([]);
  },
);

/** What the refusals say does not arrive. */
function loseReasons(): void {
  const { fetch } = account.simulator;
  const owner = account.simulator as { fetch: typeof fetch };
  owner.fetch = async (input, init) => {
    const answer = await fetch(input, init);
    return answer.status === 400 ? new Response("<html>", { status: 400 }) : answer;
  };
}

test.each(["good_written", "nothing_written"] as const)(
  "leads beside one whose refusal cannot be read are made once, where lists are late and %s of the batch",
  async (bad_item) => {
    account.simulator.control.patchSettings({ writes: { bad_item } });
    loseReasons();
    const show = hideLists();
    await insertLeads(
      sql,
      ["a", "b", "c", "d", "e"].map((name) => lead(name, name === "c" ? "wrong" : "site")),
    );
    await account.drain();
    const states = async () => (await messages(sql)).map(({ state }) => state);
    expect(await states()).toEqual(Array(5).fill("uncertain"));
    show();
    for (let round = 0; round < 4; round++) await account.drainAfter(10 * SECOND_MS);
    expect((await states()).filter((state) => state === "delivered")).toHaveLength(4);
    expect(living()).toEqual([4, 4]);
    expect(await sql`select type from amocrm_duplicates`).toEqual([]);
  },
);

test("what is lost after that is looked for as often as ever", async () => {
  await insertLeads(sql, [lead("a", "site"), lead("c", "wrong")]);
  await account.drain();
  account.simulator.control.addFaults({
    kind: "status",
    status: 502,
    method: "POST",
    path: "/api/v4/leads/complex",
    times: 1,
  });
  await account.drainAfter(10 * SECOND_MS);
  const good = async () => (await messages(sql)).find(({ state }) => state !== "dead");
  expect(await good()).toMatchObject({ state: "uncertain" });
  await account.drainAfter(10 * SECOND_MS);
  expect(await good()).toMatchObject({ state: "uncertain", progress: { lookCount: 1 } });
});
