import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitFor } from "#dev/stack/wait.ts";
import { sized } from "../../support/sizes.ts";
import { ACCOUNT, type System, startSystem } from "../support/system.ts";

const DEALS = sized(80, 1000);
const DELIVERIES = sized(100, 6000);
/** A hundred a second. */
const DELIVERY_EVERY_MS = 10;
const ENTRIES_MAX = 50;

let system: System;
let address: string;

beforeAll(async () => {
  system = await startSystem({
    simulator: {
      population: { contacts: 5, deals: DEALS, days: 3 },
      settings: { hooks: { delay_ms: 100, lost: 0.05, doubled: 0.1, order: "shuffled", entries_max: 1 } },
    },
  });
});
afterAll(() => system?.stop());

const admin = async (mode: "on" | "status") => {
  const response = await fetch(`${system.stack.functionsUrl}/amocrm-admin`, {
    method: "POST",
    headers: { apikey: system.stack.secretKey, "content-type": "application/json" },
    body: JSON.stringify({ action: "webhook", mode }),
  });
  return (await response.json()) as {
    subscription: string;
    problem: unknown;
    status: Record<string, number>;
  };
};
const post = async (body: string, url = address, method = "POST"): Promise<number> => {
  const response = await fetch(url, {
    method,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    ...(method === "GET" ? {} : { body }),
  });
  await response.body?.cancel();
  return response.status;
};
const count = async (statement: string): Promise<number> =>
  Number((await system.sql.unsafe<{ count: string }[]>(`select count(*) from ${statement}`))[0]?.count);
const requests = () =>
  system.simulator.simulator.log.entries().map(({ method, path }) => `${method} ${path}`);

describe("amoCRM's hooks, with the functions under Deno", () => {
  test("are subscribed to once, however often it is asked", async () => {
    await system.sql`select amocrm_pull_request(null, false)`;
    await waitFor("the mirror", async () => (await count("amocrm.cursors where is_complete")) === 2, {
      timeoutMs: 180_000,
    });
    expect(await count("amocrm_deal_events")).toBe(0);
    expect(await admin("on")).toMatchObject({ subscription: "on", problem: null });
    expect(await admin("on")).toMatchObject({ subscription: "on", problem: null });
    const list = system.simulator.simulator.hooks.list();
    expect(list).toHaveLength(1);
    address = list[0]?.destination ?? "";
    expect(await admin("status")).toMatchObject({ subscription: "on" });
  });

  test("bring what a manager moves within seconds, each once; the lost ones come with the next pull", async () => {
    const ids = system.simulator.simulator.state.deals().map(({ id }) => Number(id));
    system.simulator.simulator.log.clear();
    for (const deal_id of ids)
      system.simulator.simulator.control.edit({
        action: "move_deal",
        deal_id,
        pipeline_id: ACCOUNT.tripwirePipelineId,
        status_id: ACCOUNT.boughtStageId,
      });
    const moved = `amocrm_deals where pipeline_id = ${ACCOUNT.tripwirePipelineId}`;
    await waitFor("most deals", async () => (await count(moved)) >= ids.length * 0.8, { timeoutMs: 180_000 });
    await waitFor(
      "hooks to be read",
      async () =>
        (await count("amocrm.hints where due_at is not null")) + (await count("amocrm.hint_notes")) === 0,
      { timeoutMs: 180_000 },
    );
    const byHooks = await count(moved);
    const requestCount = requests().length;
    await system.sql`select amocrm_pull_request(null, false)`;
    await waitFor("all deals", async () => (await count(moved)) === ids.length, { timeoutMs: 180_000 });
    // A hook that comes late tells its deal's move after the pull has read where the deal stands.
    await waitFor("all moves", async () => (await count("amocrm_deal_events")) >= ids.length, {
      timeoutMs: 180_000,
    });
    expect(await count("amocrm_deal_events where event = 'stage_changed' and not is_ours")).toBe(ids.length);
    expect(await count("amocrm_deal_events")).toBe(ids.length);
    console.info(`${byHooks} of ${ids.length} moved deals by hooks, in ${requestCount} requests`);
  });

  test("are answered as the table says, and leave no secret", async () => {
    const hook = `leads[update][0][id]=1&account[id]=${system.simulator.simulator.hooks.list()[0]?.account_id}`;
    const bare = address.slice(0, address.lastIndexOf("/"));
    const answers = {
      right: await post(hook),
      none: await post(hook, bare),
      wrong: await post(hook, `${address}x`),
      other: await post("leads[update][0][id]=1&account[id]=99"),
      garbage: await post("garbage"),
      large: await post("x".repeat(2 * 1024 * 1024)),
      get: await post("", address, "GET"),
    };
    expect(answers).toEqual({
      right: 200,
      none: 404,
      wrong: 404,
      other: 200,
      garbage: 200,
      large: 413,
      get: 405,
    });
    const secret = address.slice(address.lastIndexOf("/") + 1);
    for (const table of [
      "amocrm.inbox",
      "amocrm.hints",
      "amocrm.hint_notes",
      "amocrm.webhook_control",
      "amocrm.requests",
      "amocrm.actions",
    ])
      expect(await count(`${table} as t where t::text like '%${secret}%'`), table).toBe(0);
  });

  test("come a hundred a second with 1 to 50 entries each: every answer is 200 and nothing is lost", async () => {
    const account = system.simulator.simulator.hooks.list()[0]?.account_id;
    const times: number[] = [];
    let next = 5_000_000;
    const ids = new Set<number>();
    const statuses = await Promise.all(
      Array.from({ length: DELIVERIES }, async (_, index) => {
        const entries = Array.from({ length: 1 + (index % ENTRIES_MAX) }, (_entry, place) => {
          const id = next + ((index * 7 + place) % 1000);
          ids.add(id);
          return `leads[update][${place}][id]=${id}&leads[update][${place}][updated_at]=1000`;
        });
        await new Promise((resolve) => setTimeout(resolve, index * DELIVERY_EVERY_MS));
        const startedAt = performance.now();
        const status = await post([...entries, `n=${index}`, `account[id]=${account}`].join("&"));
        times.push(performance.now() - startedAt);
        return status;
      }),
    );
    next = 0;
    expect(new Set(statuses)).toEqual(new Set([200]));
    await system.sql`select amocrm.gather_hints()`;
    expect(await count(`amocrm.hints where amocrm_id between 5000000 and 5000999`)).toBe(ids.size);
    const sorted = times.toSorted((a, b) => a - b);
    console.info(
      `${DELIVERIES} deliveries: the slowest took ${Math.round(sorted.at(-1) ?? 0)} ms, 99 % below ${Math.round(sorted[Math.floor(sorted.length * 0.99)] ?? 0)} ms`,
    );
  });
});
