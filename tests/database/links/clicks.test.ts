import { beforeEach, describe, expect, test } from "vitest";
import { NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";

const database = await useDatabase();
const { sql } = database;
const service = database.connect({ user: "authenticator", role: "service_role" });
const second = database.connect({ user: "authenticator", role: "service_role" });
const MESSAGE = 77;
beforeEach(() => setTestClock(NOON, sql, service, second));

interface Link {
  code: string;
  channel?: "mail" | "sms";
  message?: number | null;
  isTrap?: boolean;
}
async function link({ code, channel = "mail", message = MESSAGE, isTrap = false }: Link): Promise<void> {
  await sql`insert into short_links (code, target_url, target_name, channel, message_id, is_trap)
    values (${code}, 'https://school.example/', 'course', ${channel}, ${message}, ${isTrap})`;
}
/** As go tells it; `at` is seconds after noon. */
async function click(at: number, code: string, more: { verdict?: string; ip?: string; id?: string } = {}) {
  await setTestClock(noonPlus(at * 1000), service);
  const hit = {
    id: more.id ?? crypto.randomUUID(),
    code,
    age_ms: 0,
    verdict: more.verdict ?? "human",
    reason: "browser",
    agent: "Mozilla/5.0 (X11)",
    headers: { "cf-connecting-ip": more.ip ?? "203.0.113.7" },
  };
  await service`select link_count(${service.json([hit])})`;
}
const verdicts = async () =>
  (await sql`select code, verdict, reason from link_clicks order by clicked_at, code`).map(
    ({ code, verdict, reason }) => `${code} ${verdict} ${reason}`,
  );

describe("one click", () => {
  test("of a person is one, with no address kept and a network that a day recognises", async () => {
    await link({ code: "a" });
    await click(0, "a", { ip: "203.0.113.7" });
    await click(100, "a", { ip: "203.0.113.99" });
    await click(200, "a", { ip: "203.0.114.7" });
    await click(300, "a", { ip: "2001:db8:1:2::1" });
    await click(400, "a", { ip: "2001:db8:1:ffff::2" });
    await click(500, "a", { ip: "no address" });
    const rows = await sql`select verdict, network_hash from link_clicks order by clicked_at`;
    expect(rows.map(({ verdict }) => verdict)).toEqual(Array(6).fill("human"));
    const [one, same, other, six, sameSix, none] = rows.map(
      ({ network_hash: hash }) => hash?.toString("hex") ?? null,
    );
    expect(one).toMatch(/^[0-9a-f]{32}$/);
    expect([same, sameSix, none]).toEqual([one, six, null]);
    expect(new Set([one, other, six]).size).toBe(3);
    const [text] = await sql`select string_agg(to_jsonb(link_clicks)::text, '') as kept from link_clicks`;
    expect(text?.["kept"]).not.toMatch(/203\.0|2001:db8/);
    await sql`select amocrm.draw_address_key()`;
    await click(600, "a", { ip: "203.0.113.7" });
    const [later] = await sql`select network_hash from link_clicks order by clicked_at desc limit 1`;
    expect(later?.["network_hash"].toString("hex")).not.toBe(one);
  });

  test("told twice is counted once, one of an unknown link not at all, a late one on its own second", async () => {
    await link({ code: "a" });
    const id = crypto.randomUUID();
    await click(0, "a", { id });
    await click(5, "a", { id });
    const hit = {
      id: crypto.randomUUID(),
      code: "a",
      age_ms: 60_000,
      verdict: "human",
      reason: "",
      agent: "x".repeat(999),
      headers: {},
    };
    const [row] =
      await service`select link_count(${service.json([hit, { ...hit, id: crypto.randomUUID(), code: "b" }])}) as count`;
    expect(row).toEqual({ count: 1 });
    expect(await sql`select code, clicked_at from link_clicks order by id`).toEqual([
      { code: "a", clicked_at: NOON },
      { code: "a", clicked_at: noonPlus(5000 - 60_000) },
    ]);
  });

  test("and all further ones of a link that somebody hammers on are answered and no longer kept", async () => {
    await link({ code: "a" });
    await sql`insert into link_clicks (code, verdict, clicked_at) select 'a', 'unknown', ${NOON}::timestamptz - interval '30 minutes' from generate_series(1, 1000)`;
    await click(0, "a");
    expect(await sql`select count(*)::int from link_clicks`).toEqual([{ count: 1000 }]);
    await click(1801, "a");
    expect(await sql`select count(*)::int from link_clicks`).toEqual([{ count: 1001 }]);
  });

  test("within three seconds of the mail's arrival is a machine's", async () => {
    await link({ code: "a" });
    await sql`insert into amocrm.mails (message_id, kind, subject_id, accepted_at, outcome, outcome_at)
      values (${MESSAGE}, 'lead.mail', gen_random_uuid(), ${NOON}, 'delivered', ${noonPlus(60_000)})`;
    await click(62, "a");
    await click(62.5, "a", { verdict: "preview" });
    await click(63, "a");
    expect(await verdicts()).toEqual(["a scanner too_soon", "a preview browser", "a human browser"]);
  });
});

describe("fold-back", () => {
  test("of four links of a mail fetched within a second leaves no person, also of those counted already", async () => {
    for (const code of ["a", "b", "c", "d"]) await link({ code });
    await click(0, "a");
    expect(await verdicts()).toEqual(["a human browser"]);
    for (const [place, code] of ["b", "c", "d"].entries()) await click(0.3 * (place + 1), code);
    expect(await verdicts()).toEqual([
      "a scanner burst",
      "b scanner burst",
      "c scanner burst",
      "d scanner burst",
    ]);
    await click(30, "b");
    expect((await verdicts())[4]).toBe("b human browser");
  });

  test("knows two links within two seconds, three within ten, and no fewer", async () => {
    for (const code of ["a", "b", "c", "d", "e"]) await link({ code });
    await click(0, "a");
    await click(2, "b");
    await click(100, "a");
    await click(102.1, "b");
    await click(200, "a");
    await click(205, "b");
    await click(210, "c");
    await click(300, "a");
    await click(305.1, "b");
    await click(310.2, "c");
    expect((await verdicts()).map((said) => said.split(" ")[1])).toEqual([
      ...["scanner", "scanner", "human", "human"],
      ...["scanner", "scanner", "scanner", "human", "human", "human"],
    ]);
  });

  test("counts neither another mail's link nor the same link twice nor what a messenger fetched", async () => {
    await link({ code: "a" });
    await link({ code: "b" });
    await link({ code: "x", message: 78 });
    await link({ code: "y", message: null });
    await click(0, "a");
    await click(0.5, "a");
    await click(1, "x");
    await click(1, "y");
    await click(1, "b", { verdict: "preview" });
    await click(1, "b", { verdict: "prefetch" });
    expect((await verdicts()).filter((said) => said.includes("human"))).toHaveLength(4);
    await click(1.5, "b", { verdict: "scanner" });
    expect((await verdicts()).filter((said) => said.startsWith("a"))).toEqual([
      "a scanner burst",
      "a scanner burst",
    ]);
  });

  test("takes the opening before a person's for nobody's in a mail with one link, and not in an SMS", async () => {
    await link({ code: "a" });
    await link({ code: "s", channel: "sms", message: 78 });
    for (const code of ["a", "s"]) {
      await click(0, code, { ip: "198.51.100.1" });
      await click(60, code, { ip: "203.0.113.7" });
    }
    await click(300, "a", { ip: "198.51.100.1" });
    await click(310, "a", { ip: "198.51.100.2" });
    await click(400, "a", { ip: "198.51.100.1" });
    await click(460.1, "a", { ip: "203.0.113.7" });
    expect((await verdicts()).filter((said) => !said.includes("human"))).toEqual([
      "a unknown again_from_elsewhere",
    ]);
  });

  test("by a link that no person sees judges ten seconds around it", async () => {
    for (const code of ["a", "b", "c"]) await link({ code });
    await link({ code: "t", isTrap: true });
    await click(0, "a");
    await click(11, "b");
    await click(20, "t");
    await click(30, "c");
    await click(31, "a");
    expect(await verdicts()).toEqual([
      "a human browser",
      "b scanner trap",
      "t scanner trap",
      "c scanner trap",
      // Also two links within two seconds.
      "a scanner burst",
    ]);
  });

  test("sees the neighbour whose counting has not ended", async () => {
    await link({ code: "a" });
    await link({ code: "b" });
    const hit = (code: string) => [
      { id: crypto.randomUUID(), code, age_ms: 0, verdict: "human", reason: "", agent: "", headers: {} },
    ];
    await service`begin`;
    await service`select link_count(${service.json(hit("a"))})`;
    // The other one does not wait for long: it is told again by go.
    await expect(second`select link_count(${second.json(hit("b"))})`).rejects.toThrow(/lock timeout/);
    await service`commit`;
    await second`select link_count(${second.json(hit("b"))})`;
    expect((await verdicts()).map((said) => said.split(" ")[1])).toEqual(["scanner", "scanner"]);
  });

  test("of a thousand openings at once is done in one go", async () => {
    for (const code of ["a", "b", "c"]) await link({ code });
    const hits = Array.from({ length: 900 }, (_, n) => ({
      ...{
        id: crypto.randomUUID(),
        code: "abc"[n % 3],
        age_ms: n,
        verdict: "human",
        reason: "",
        agent: "",
        headers: {},
      },
    }));
    for (let from = 0; from < 900; from += 100)
      await service`select link_count(${service.json(hits.slice(from, from + 100))})`;
    const rows = await sql`select verdict, count(*)::int from link_clicks group by 1`;
    expect(rows).toEqual([{ verdict: "scanner", count: 900 }]);
  });
});
