import { describe, expect, test } from "vitest";
import { answerVkEvents } from "#shared/loyalty/vk-events.ts";
import { useDatabase } from "../support/database.ts";
import { dayPlus } from "../support/loyalty.ts";
import { ANN, GROUP, openSocial } from "../support/social.ts";

const database = await useDatabase();
const { sql } = database;
const social = await openSocial(database);
const { simulator, at, tell, told, work, kept, rule, ann } = social;

describe("whoever is not the network", () => {
  const like = (more: object) =>
    simulator.vk("like_add", { liker_id: ANN, object_type: "post", object_owner_id: -1, object_id: 1 }, more);
  const signed = (signature: string) => {
    const request = simulator.comment(String(ANN), "1");
    return new Request(request, { headers: { "x-hub-signature-256": signature } });
  };
  test.each([
    ["VK, another secret", "vk", () => like({ secret: "vk-secreT" })],
    ["VK, none", "vk", () => like({ secret: undefined })],
    ["VK, one that is no text", "vk", () => like({ secret: { length: 9 } })],
    ["VK, a confirmation with another secret", "vk", () => simulator.vk("confirmation", {}, { secret: "x" })],
    ["VK, no JSON", "vk", () => simulator.raw("vk", "secret=vk-secret")],
    [
      "Telegram, another secret",
      "telegram",
      () => simulator.telegram({}, { "x-telegram-bot-api-secret-token": "x" }),
    ],
    [
      "Telegram, an empty one",
      "telegram",
      () => simulator.telegram({}, { "x-telegram-bot-api-secret-token": "" }),
    ],
    ["Instagram, zeros", "instagram", () => signed(`sha256=${"0".repeat(64)}`)],
    ["Instagram, no hex", "instagram", () => signed(`sha256=${"z".repeat(64)}`)],
    ["Instagram, another hash", "instagram", () => signed(`sha1=${"0".repeat(40)}`)],
    ["Instagram, nothing", "instagram", () => signed("")],
  ] as const)("is refused, and nothing is kept: %s", async (_, network, request) => {
    expect((await tell(network, request())).status).toBe(401);
    expect(await kept()).toBe(0);
  });

  test("is let in nowhere without a secret of ours, and a GET learns nothing", async () => {
    social.environment = { VK_SECRET: " " };
    for (const network of ["vk", "telegram", "instagram"] as const) {
      expect((await tell(network, simulator.raw(network, "{}"))).status).toBe(503);
    }
    expect((await tell("vk", new Request("https://project.example"))).status).toBe(405);
    expect((await tell("telegram", new Request("https://project.example"))).status).toBe(405);
  });

  test("or sends too much is not read to the end", async () => {
    expect((await tell("vk", simulator.raw("vk", " ".repeat(300_000)))).status).toBe(413);
    expect((await tell("telegram", simulator.raw("telegram", " ".repeat(300_000)))).status).toBe(413);
    expect((await tell("instagram", simulator.raw("instagram", " ".repeat(4_200_000)))).status).toBe(413);
  });
});

describe("the right network", () => {
  test("VK: is told the code of its community, and only those that are named are let in", async () => {
    const confirm = async (group: number, more: object = { secret: undefined }) => {
      const answer = await tell(
        "vk",
        simulator.vk("confirmation", {}, { group_id: group, object: undefined, ...more }),
      );
      return [answer.status, await answer.text()];
    };
    expect(await confirm(1)).toEqual([200, "3f1c2a9b"]);
    expect(await confirm(1, {})).toEqual([200, "3f1c2a9b"]);
    social.environment["VK_CONFIRMATION"] = "1:aaa, 2:bbb";
    expect(await confirm(2)).toEqual([200, "bbb"]);
    expect((await confirm(3))[0]).toBe(503);
    social.environment["VK_GROUP_IDS"] = "1,2";
    expect((await confirm(3))[0]).toBe(403);
    expect((await tell("vk", simulator.like(ANN, 1))).status).toBe(403);
    expect(await kept()).toBe(0);
  });

  test("Instagram: answers the challenge to the right token only", async () => {
    const ask = async (request: Request) => {
      const answer = await tell("instagram", request);
      return [answer.status, answer.status === 200 ? await answer.text() : ""];
    };
    expect(await ask(simulator.challenge("verify-token", "1158201444"))).toEqual([200, "1158201444"]);
    expect(await ask(simulator.challenge("verify-tokem", "1158201444"))).toEqual([403, ""]);
    expect(await ask(simulator.challenge("", "1"))).toEqual([403, ""]);
    expect(await ask(simulator.challenge("verify-token", "1", "unsubscribe"))).toEqual([403, ""]);
    expect(await ask(simulator.challenge("verify-token", "<script>"))).toEqual([400, ""]);
    social.environment["INSTAGRAM_VERIFY_TOKEN"] = "";
    expect(await ask(simulator.challenge("", "1"))).toEqual([503, ""]);
  });

  test("Telegram and Instagram: other chats and accounts are answered and not kept", async () => {
    social.environment["TELEGRAM_CHAT_IDS"] = "-1";
    social.environment["INSTAGRAM_ACCOUNT_IDS"] = "2";
    await told("telegram", simulator.reaction(ANN, 1));
    await told("instagram", simulator.comment(String(ANN), "1"));
    expect(await kept()).toBe(0);
    social.environment["TELEGRAM_CHAT_IDS"] = String(GROUP);
    social.environment["INSTAGRAM_ACCOUNT_IDS"] = "17841400000000001";
    await told("telegram", simulator.reaction(ANN, 1));
    await told("instagram", simulator.comment(String(ANN), "1"));
    expect(await kept()).toBe(2);
  });

  test("but in a shape that nobody knows is kept, without its words, and answered so that it does not stop", async () => {
    await told("vk", simulator.vk("like_add", { liker_id: "Anna" }));
    await told("vk", simulator.vk("like_add", {}, { object: [null], event_id: 7, group_id: "x" }));
    await told("vk", simulator.vk("like_add", {}, { type: undefined }));
    await told("telegram", simulator.raw("telegram", '{"update_id": "x", "text": "Anna"}'));
    await told("telegram", simulator.raw("telegram", "Anna"));
    await told("instagram", simulator.raw("instagram", "Anna"));
    await told("instagram", simulator.instagram([{ time: 1 }]));
    const deep = `${'{"a":'.repeat(60_000)}1${"}".repeat(60_000)}`;
    await told("instagram", simulator.raw("instagram", deep));
    expect(await sql`select distinct state, error, body from amocrm.inbox`).toEqual([
      { state: "unreadable", error: "unexpected_shape", body: null },
    ]);
    expect(await kept()).toBe(8);
  });

  test("with ids, keys and letters that nobody expects breaks nothing", async () => {
    await ann();
    await told(
      "vk",
      simulator.vk("like_add", { liker_id: -5, object_type: "post", object_owner_id: -1, object_id: 1 }),
    );
    await told(
      "vk",
      simulator.vk(
        "like_add",
        { liker_id: ANN, object_type: "post", object_owner_id: -1, object_id: 1 },
        { event_id: "\0".repeat(5000) },
      ),
    );
    await told("vk", simulator.vk("constructor", {}));
    await told(
      "vk",
      simulator.vk("message_new", { message: { from_id: ANN, text: "\ud800\0".repeat(1000) } }),
    );
    await told(
      "telegram",
      simulator.raw(
        "telegram",
        '{"update_id": 1, "message_reaction": {"chat": {"id": 12345678901234567890, "type": "x"}}}',
      ),
    );
    await work();
    expect(await sql`select source, state from amocrm.inbox order by id`).toEqual([
      { source: "vk", state: "worked" },
      { source: "telegram", state: "unreadable" },
    ]);
  });

  test("gets 503 if nothing could be kept, and 429 beyond the bound", async () => {
    const broken = {
      append: () => Promise.reject(new Error("down")),
      claim: async () => [],
      settle: async () => 0,
    };
    const answer = await answerVkEvents(simulator.like(ANN, 1), {
      environment: social.environment,
      inbox: broken,
      log: () => {},
    });
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("5");
    await sql`update amocrm.inbox_sources set max_rows = 1 where source = 'vk'`;
    await told("vk", simulator.like(ANN, 1));
    expect((await tell("vk", simulator.like(ANN, 2))).status).toBe(429);
    await work();
    await told("vk", simulator.like(ANN, 2));
    await sql`update amocrm.inbox_sources set max_rows = 20000 where source = 'vk'`;
  });
});

describe("health", () => {
  test("warns of a door that is open to any community, and of rules for a network that never called", async () => {
    await rule("telegram", "like", 1);
    await told("vk", simulator.like(ANN, 1));
    await work();
    await at(dayPlus(2));
    expect(await sql`select code, detail from amocrm.social_conditions()`).toEqual([
      {
        code: "loyalty_network_open",
        detail: "Deliveries of vk are taken from any community or account, since none are named",
      },
      {
        code: "loyalty_network_silent",
        detail: "There are rules of points for telegram, and no delivery was ever received",
      },
    ]);
    social.environment["VK_GROUP_IDS"] = "219000001";
    await told("vk", simulator.like(ANN, 1, false));
    await told("telegram", simulator.reaction(ANN, 1));
    social.environment["TELEGRAM_CHAT_IDS"] = String(GROUP);
    await told("telegram", simulator.reaction(ANN, 2));
    await work();
    expect(await sql`select code from amocrm.social_conditions()`).toEqual([]);
  });
});
