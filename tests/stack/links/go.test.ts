import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { waitFor } from "#dev/stack/wait.ts";
import { type System, startSystem } from "../support/system.ts";
import { truncate } from "../support/truncate.ts";

const FALLBACK = "https://school.example/welcome";
let system: System;
beforeAll(async () => {
  system = await startSystem({ functionEnv: { AMOCRM_ENABLED: "false", LINK_FALLBACK_URL: FALLBACK } });
});
afterAll(() => system?.stop());
beforeEach(async () => {
  const { sql } = system;
  await truncate(sql, "link_targets", "short_links");
  await sql`insert into link_targets (name, target_url) values ('course', 'https://school.example/курс?a=1#top')`;
});

const PERSON = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";
const make = async (days: number | null = 365): Promise<string> =>
  (
    await system.sql`select short_link_make('course', p_parameters => '{"utm_source": "mail"}', p_days => ${days}) as code`
  )[0]?.["code"];
const go = async (place: string, init: RequestInit = {}) =>
  await fetch(`${system.stack.functionsUrl}/go/${place}`, {
    redirect: "manual",
    ...init,
    headers: { "user-agent": PERSON, ...init.headers },
  });
const clicks = () =>
  system.sql`select code, verdict, reason, agent, length(network_hash) as hash_length from link_clicks order by id`;
const counted = (count: number) =>
  waitFor(`${count} clicks`, async () => (await clicks()).length === count, { timeoutMs: 180_000 });

describe("over HTTP, in the platform's Deno", () => {
  test("a person is led on, with the parameters, and counted by the hash of the network alone", async () => {
    const code = await make();
    const response = await go(code);
    expect(response.status).toBe(302);
    expect(response.headers.get("location")).toBe(
      `https://school.example/%D0%BA%D1%83%D1%80%D1%81?a=1&click_id=${code}&utm_source=mail#top`,
    );
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("x-robots-tag")).toBe("noindex");
    await counted(1);
    expect(await clicks()).toEqual([
      { code, verdict: "human", reason: "browser", agent: PERSON, hash_length: 16 },
    ]);
  });

  test("HEAD, a messenger's preview and a browser that loads ahead are led on as well, and are no people", async () => {
    const code = await make();
    const head = await go(code, { method: "HEAD" });
    expect([head.status, head.headers.get("cache-control")]).toEqual([302, "no-store"]);
    await counted(1);
    expect((await go(code, { headers: { "user-agent": "TelegramBot (like TwitterBot)" } })).status).toBe(302);
    await counted(2);
    expect((await go(code, { headers: { "sec-purpose": "prefetch" } })).status).toBe(302);
    await counted(3);
    expect((await clicks()).map(({ verdict }) => verdict)).toEqual(["scanner", "preview", "prefetch"]);
  });

  test("what is unknown is 404, whatever address comes with it; other methods are 405", async () => {
    for (const place of [
      "abcdefghjk",
      "abcdefghjk?url=https://evil.example",
      "https:%2F%2Fevil.example",
      "",
      "a/b",
    ]) {
      const response = await go(place);
      expect([place, response.status, response.headers.get("location")]).toEqual([place, 404, null]);
    }
    const code = await make();
    for (const method of ["POST", "PUT", "DELETE"]) {
      const response = await go(code, { method });
      expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    }
    expect(await clicks()).toEqual([]);
  });

  test("what has expired leads to LINK_FALLBACK_URL", async () => {
    const code = await make();
    await system.sql`update short_links set expires_at = now() - interval '1 second'`;
    const response = await go(code);
    expect([
      response.status,
      response.headers.get("location"),
      response.headers.get("cache-control"),
    ]).toEqual([302, FALLBACK, "no-store"]);
  });

  test("while the store is down it is asked for again", async () => {
    const code = await make();
    await system.sql`revoke execute on function link_open(text) from service_role`;
    const response = await go(code);
    await system.sql`grant execute on function link_open(text) to service_role`;
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
    expect((await go(code)).status).toBe(302);
  });

  test("fifty clicks in a burst are all led on while nothing can be counted, and counted once it can", async () => {
    const codes = await Promise.all(Array.from({ length: 50 }, () => make()));
    const connection = await system.sql.reserve();
    try {
      await connection`begin`;
      await connection`lock table link_clicks in access exclusive mode`;
      const answers = await Promise.all(codes.map((code) => go(code)));
      expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(302));
      expect(new Set(answers.map(({ headers }) => headers.get("location"))).size).toBe(50);
    } finally {
      await connection`rollback`;
      connection.release();
    }
    await counted(50);
    expect(new Set((await clicks()).map(({ verdict, code }) => `${verdict} ${code}`)).size).toBe(50);
  });

  test("the operator's command writes a target down and makes a link, which leads there", async () => {
    const admin = async (order: object) => {
      const response = await fetch(`${system.stack.functionsUrl}/amocrm-admin`, {
        method: "POST",
        headers: { apikey: system.stack.secretKey, "content-type": "application/json" },
        body: JSON.stringify({ action: "links", ...order }),
      });
      return await response.json();
    };
    expect(await admin({ mode: "make", target: "shop" })).toMatchObject({ link: null });
    await admin({ mode: "target", name: "shop", url: "https://shop.example/?click_id=own" });
    const { link } = await admin({ mode: "make", target: "shop" });
    expect(link.address).toBe(`${system.stack.functionsUrl}/go/${link.code}`);
    const response = await fetch(link.address, { redirect: "manual", headers: { "user-agent": PERSON } });
    expect(response.headers.get("location")).toBe("https://shop.example/?click_id=own");
    await counted(1);
    await system.sql`select amocrm.fold_links(1000)`;
    expect(await admin({ mode: "list" })).toMatchObject({
      results: [{ target: "shop", links: 1, links_opened: 1, human_clicks: 1, previews: 0 }],
    });
  });

  test("neither codes nor targets nor addresses are in the log of the function", async () => {
    const code = await make();
    await go(code);
    await counted(1);
    for (const text of [code, "school.example/", "127.0.0.1"])
      expect(system.stack.functionLog()).not.toContain(text);
  });
});
