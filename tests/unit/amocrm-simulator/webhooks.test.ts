import { describe, expect, it } from "vitest";
import type { SettingsInput } from "#dev/amocrm-simulator/settings.ts";
import { readHook } from "#shared/amocrm/webhook/read-hook.ts";
import { type Account, makeDeal, openAccount } from "./support/account.ts";

const PATH = "/api/v4/webhooks";
const HERE = "https://here.test/functions/v1/amocrm-webhook/secret";
const ALL = ["lead", "contact"].flatMap((entity) =>
  ["add", "update", "delete", "restore", "responsible"].map((action) => `${action}_${entity}`),
);
const MINUTE = 60_000;

interface Listening extends Account {
  bodies: string[];
  answers: number[];
}

/** An account with a subscription, and whoever listens to it; each delivery is answered by the next status told, else 200. */
async function listen(
  hooks: SettingsInput["hooks"] = {},
  settings = [...ALL, "status_lead"],
): Promise<Listening> {
  const bodies: string[] = [];
  const answers: number[] = [];
  const post = async (_url: string, body: string): Promise<number> => {
    bodies.push(body);
    return answers.shift() ?? 200;
  };
  const account = openAccount({ hooks }, { post });
  expect((await account.post(PATH, { destination: HERE, settings })).status).toBe(201);
  return { ...account, bodies, answers };
}

const told = (bodies: readonly string[]) =>
  bodies
    .flatMap((body) => readHook(body)?.hints ?? [])
    .map(({ entity, action, id }) => `${action} ${entity} ${id}`)
    .toSorted();

describe("the management of webhooks", () => {
  it("makes one hook for a destination, however often it is posted, and lists and deletes it", async () => {
    const account = await listen();
    const again = await account.post(PATH, { destination: HERE, settings: ["add_lead"] });
    expect(again.json).toMatchObject({ destination: HERE, settings: ["add_lead"], disabled: false });
    const all = (await account.get(PATH)).json._embedded.webhooks;
    expect(all).toEqual([again.json]);
    expect(
      (await account.get(`${PATH}?filter[destination]=${encodeURIComponent("https://other.test")}`)).status,
    ).toBe(204);
    expect((await account.send("DELETE", PATH, { body: JSON.stringify({ destination: HERE }) })).status).toBe(
      204,
    );
    expect((await account.send("DELETE", PATH, { body: JSON.stringify({ destination: HERE }) })).status).toBe(
      404,
    );
  });

  it.each([402, 403] as const)("is refused with %i where plan or rights lack it", async (refusal) => {
    const account = openAccount({ hooks: { refusal } });
    expect((await account.get(PATH)).status).toBe(refusal);
    expect((await account.post(PATH, { destination: HERE, settings: ["add_lead"] })).status).toBe(refusal);
  });

  it("refuses what is no address and no event, and answers 200 or 201 as set", async () => {
    const account = openAccount({ hooks: { post_status: 200 } });
    expect((await account.post(PATH, { destination: "nowhere", settings: ["add_lead"] })).status).toBe(400);
    expect((await account.post(PATH, { destination: HERE, settings: ["status_contact"] })).status).toBe(400);
    expect((await account.post(PATH, { destination: HERE, settings: [] })).status).toBe(400);
    expect((await account.post(PATH, { destination: HERE, settings: ["add_lead"] })).status).toBe(200);
  });
});

describe("a hook", () => {
  it("tells of what we wrote as of anything else, all of one request in one body", async () => {
    const account = await listen();
    const { dealId, contactId } = await makeDeal(account);
    await account.clock.advance(1000);
    expect(account.bodies).toHaveLength(1);
    expect(told(account.bodies)).toEqual([`add contact ${contactId}`, `add deal ${dealId}`]);
    expect(readHook(account.bodies[0] ?? "")?.accountId).toBe(5_550_001);
  });

  it.each([
    ["both", ["status", "update"]],
    ["status", ["status"]],
    ["update", ["update"]],
  ] as const)("tells of a move by %s", async (on_move, actions) => {
    const account = await listen({ on_move });
    const { dealId } = await makeDeal(account);
    await account.clock.advance(1000);
    account.bodies.length = 0;
    account.sim.control.edit({ action: "move_deal", deal_id: dealId, status_id: 61_002 });
    await account.clock.advance(1000);
    expect(told(account.bodies)).toEqual(actions.map((action) => `${action} deal ${dealId}`));
  });

  it("tells of deletion, restoring, merging and a new responsible user", async () => {
    const account = await listen({ updated_at: "missing", odd_values: true, brackets: "mixed" });
    const one = await makeDeal(account);
    const two = await makeDeal(account);
    await account.clock.advance(1000);
    account.bodies.length = 0;
    const { edit } = account.sim.control;
    const act = edit.bind(account.sim.control);
    for (const order of [
      { action: "delete_deal", deal_id: one.dealId },
      { action: "restore", entity: "deal", id: one.dealId },
      { action: "set_responsible", entity: "contact", id: one.contactId, user_id: 7002 },
      { action: "merge_contacts", into_id: one.contactId, from_id: two.contactId },
    ] as const) {
      act(order);
      await account.clock.advance(1000);
    }
    expect(told(account.bodies)).toEqual(
      [
        `delete deal ${one.dealId}`,
        `restore deal ${one.dealId}`,
        `update contact ${one.contactId}`,
        `update contact ${one.contactId}`,
        `update contact ${one.contactId}`,
        `delete contact ${two.contactId}`,
        `update deal ${two.dealId}`,
      ].toSorted(),
    );
  });

  it("is split by entries, lost, doubled and late as set", async () => {
    const split = await listen({ entries_max: 1 });
    await makeDeal(split);
    await split.clock.advance(1000);
    expect(split.bodies).toHaveLength(2);

    const lost = await listen({ lost: 1 });
    await makeDeal(lost);
    await lost.clock.advance(10 * MINUTE);
    expect(lost.bodies).toHaveLength(0);

    const doubled = await listen({ doubled: 1, late_ms: 5 * MINUTE, order: "shuffled" });
    await makeDeal(doubled);
    await doubled.clock.advance(500);
    expect(doubled.bodies).toHaveLength(0);
    await doubled.clock.advance(6 * MINUTE);
    expect(doubled.bodies).toHaveLength(2);
  });

  it("comes again after 5, 15, 15 and 60 minutes while the server is in trouble, and three times in all when it is refused", async () => {
    const account = await listen();
    account.answers.push(500, 502, 499, 504, 500);
    await makeDeal(account);
    const seen: number[] = [];
    for (const minutes of [1, 5, 15, 15, 60, 600]) {
      await account.clock.advance(minutes * MINUTE);
      seen.push(account.bodies.length);
    }
    expect(seen).toEqual([1, 2, 3, 4, 5, 5]);
    expect(account.sim.hooks.waitingCount).toBe(0);

    const refused = await listen();
    refused.answers.push(404, 0, 301, 404);
    await makeDeal(refused);
    await refused.clock.advance(600 * MINUTE);
    expect(refused.bodies).toHaveLength(3);
  });

  it("is disabled after more than a hundred bad answers in two hours, and no more is sent", async () => {
    const account = await listen();
    account.answers.push(...Array.from({ length: 1000 }, () => 404));
    for (let deal = 0; deal < 101; deal++) await makeDeal(account);
    await account.clock.advance(MINUTE);
    expect(account.sim.hooks.list()).toMatchObject([{ disabled: true }]);
    await account.clock.advance(600 * MINUTE);
    expect(account.bodies).toHaveLength(101);
    await account.post(PATH, { destination: HERE, settings: ["add_lead"] });
    expect(account.sim.hooks.list()).toMatchObject([{ disabled: false }]);
  });
});
