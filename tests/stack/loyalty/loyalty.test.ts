import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import postgres from "postgres";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { createQticketsSimulator, type SimulatedOrder } from "#dev/qtickets-simulator/simulator.ts";
import { createSocialSimulator } from "#dev/social-simulator/simulator.ts";
import { type Stack, startStack } from "#dev/stack/stack.ts";
import { waitFor } from "#dev/stack/wait.ts";
import { startUnisender, type UnisenderServer } from "#dev/unisender-simulator/server.ts";
import { ROOT } from "../support/template.ts";

const LIMIT_MS = 300_000;
const SECRETS = { vk: "vk-secret", telegram: "telegram-secret", instagram: "instagram-secret" };
const social = createSocialSimulator(SECRETS);
const qtickets = createQticketsSimulator("seller-token", "hook-secret");

let seller: Server;
let unisender: UnisenderServer;
let stack: Stack;
let sql: postgres.Sql;

beforeAll(async () => {
  seller = createServer((request, response) => {
    const headers = { authorization: request.headers.authorization ?? "" };
    void qtickets
      .fetch(`http://seller${request.url}`, { method: request.method ?? "", headers })
      .then(async (answer) => response.writeHead(answer.status).end(await answer.text()));
  });
  await new Promise<void>((resolve) => seller.listen(0, "127.0.0.1", resolve));
  unisender = await startUnisender("hello@school.example");
  stack = await startStack({
    root: ROOT,
    dataTemplate: inject("dataTemplate"),
    cron: false,
    functionEnv: {
      AMOCRM_ENABLED: "false",
      MAIL_FROM: "School <hello@school.example>",
      ...unisender.functionEnv,
      QTICKETS_TOKEN: "seller-token",
      QTICKETS_BASE_URL: `http://127.0.0.1:${(seller.address() as AddressInfo).port}`,
      QTICKETS_WEBHOOK_SECRET: "hook-secret",
      VK_SECRET: SECRETS.vk,
      TELEGRAM_SECRET: SECRETS.telegram,
      INSTAGRAM_APP_SECRET: SECRETS.instagram,
      INSTAGRAM_VERIFY_TOKEN: "verify-token",
    },
  });
  sql = postgres(stack.dbUrl(), { max: 2, onnotice: () => {} });
}, LIMIT_MS);
afterAll(async () => {
  await sql?.end({ timeout: 1 });
  await stack?.stop();
  await unisender?.close();
  seller?.close();
});

/** Delivers a call as a network or seller would; answers status and text. */
async function tell(name: string, request: Request): Promise<string> {
  const answer = await fetch(`${stack.functionsUrl}/${name}`, {
    method: "POST",
    headers: Object.fromEntries(request.headers),
    body: await request.arrayBuffer(),
  });
  return `${answer.status} ${await answer.text()}`;
}

function sell(id: number): SimulatedOrder {
  const at = new Date().toISOString();
  const order: SimulatedOrder = {
    ...{ id, payed: true, payed_at: at, created_at: at, updated_at: at, deleted_at: null },
    ...{ price: 1000, currency_id: "KZT", client_id: id },
    client: { id, email: `buyer${id}@example.com`, details: { phone: null } },
    baskets: [{ id, price: 1000, quantity: 1, refunded_at: null, refunded_amount: null }],
  };
  qtickets.orders.set(id, order);
  return order;
}

test(
  "orders come by a signed hook and by the night's reading, each once",
  async () => {
    const told = sell(1);
    sell(2);
    const pull = (body: object) =>
      fetch(`${stack.functionsUrl}/loyalty-pull`, {
        method: "POST",
        headers: { apikey: stack.secretKey, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    for (let time = 0; time < 3; time += 1)
      expect(await tell("qtickets-events", qtickets.hook("payed", told))).toMatch(/^200 /);
    const forged = new Request(qtickets.hook("payed", told), { headers: { "x-signature": "0".repeat(40) } });
    expect(await tell("qtickets-events", forged)).toMatch(/^401 /);
    expect((await pull({ nightly: true })).status).toBeLessThan(300);
    await waitFor(
      "both orders to be there",
      async () => (await sql`select from loyalty_orders`).length === 2,
    );
    expect((await pull({})).status).toBeLessThan(300);
    await waitFor("the function to have ended", async () => stack.openCallCount() === 0);
    expect(await sql`select source_key, amount::int from loyalty_points order by id`).toHaveLength(2);
    expect(qtickets.requests.every((line) => line.startsWith("GET "))).toBe(true);
  },
  LIMIT_MS,
);

test(
  "likes and comments of each network become points, and a wrong secret opens no door",
  async () => {
    const [member] = await sql`insert into loyalty_members default values returning id`;
    await sql`insert into loyalty_identities (member_id, provider, external_id) values
      (${member?.["id"]}, 'vk', '11'), (${member?.["id"]}, 'telegram', '12'), (${member?.["id"]}, 'instagram', '13')`;
    await sql`insert into loyalty_award_rules (provider, action, points) values ('vk', 'like', 5), ('telegram', 'like', 7), ('instagram', 'comment', 11)`;
    const like = social.like(11, 1);
    expect(await tell("vk-events", like.clone())).toBe("200 ok");
    expect(await tell("vk-events", like)).toBe("200 ok");
    expect(await tell("telegram-events", social.reaction(12, 1))).toMatch(/^200 /);
    expect(await tell("instagram-events", social.comment("13", "c1", "m1"))).toMatch(/^200 /);
    const strangers = createSocialSimulator({ vk: "x", telegram: "x", instagram: "x" });
    expect(await tell("vk-events", strangers.like(11, 2))).toMatch(/^401 /);
    expect(await tell("telegram-events", strangers.reaction(12, 2))).toMatch(/^401 /);
    expect(await tell("instagram-events", strangers.comment("13", "c2", "m2"))).toMatch(/^401 /);
    await stack.worker?.runJob("amocrm-loyalty-social");
    await stack.worker?.idle();
    const [balance] = await sql`select balance::int from loyalty_balance where member_id = ${member?.["id"]}`;
    expect(balance).toEqual({ balance: 23 });
  },
  LIMIT_MS,
);

test(
  "a member becomes a contact of Unisender, a campaign is created there once, and unsubscribing there counts here",
  async () => {
    const { simulator } = unisender;
    const [member] = await sql`insert into loyalty_members default values returning id`;
    await sql`insert into loyalty_identities (member_id, provider, external_id) values (${member?.["id"]}, 'email', 'reader@example.com')`;
    const [campaign] = await sql`select loyalty_campaign_create(null, 'News', '<p>Hello</p>') as id`;
    await sql`select loyalty_campaign_confirm(${campaign?.["id"]})`;
    await waitFor(
      "the campaign to be created",
      async () => {
        await stack.worker?.runJob("amocrm-tick");
        await stack.worker?.idle();
        const [row] = await sql`select state, problem from loyalty_campaigns`;
        if (!/^(waits_censor|scheduled)$/.test(String(row?.["state"]))) throw new Error(JSON.stringify(row));
        return true;
      },
      { timeoutMs: LIMIT_MS },
    );
    expect(simulator.contacts.get("reader@example.com")?.tags).toContain("tier_bronze");
    expect(simulator.campaigns()).toHaveLength(1);
    const said = { event_name: "unsubscribe", event_data: { email: "reader@example.com" } };
    expect(await tell("unisender-events", simulator.event([said], "another key"))).toMatch(/^401 /);
    expect(await tell("unisender-events", simulator.event([said]))).toMatch(/^200 /);
    expect(await sql`select recipient, topic, state from message_consents`).toEqual([
      { recipient: "reader@example.com", topic: "news", state: "withdrawn" },
    ]);
  },
  LIMIT_MS,
);
