import { beforeEach, describe, expect, test } from "vitest";
import { createInbox } from "#shared/outbox/inbox/store.ts";
import { HOUR_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { openRpc } from "../support/rpc.ts";

const DAY_MS = 24 * HOUR_MS;
const database = await useDatabase();
const { sql } = database;
const service = database.connect({ user: "authenticator", role: "service_role" });
const inbox = createInbox(await openRpc(service), "test_hooks");
beforeEach(async () => {
  await setTestClock(NOON, sql, service);
  await sql`delete from amocrm.inbox_sources where source in ('test_hooks', 'test_ids')`;
  await sql`insert into amocrm.inbox_sources (source, max_rows, max_mb, max_attempts) values ('test_hooks', 5, 1, 3)`;
});
const rows = () => sql`select key, state, body, error from amocrm.inbox order by id`;
const state = async () => (await sql`select * from amocrm.inbox_state('test_hooks')`)[0];

describe("an event", () => {
  test("is kept once, however often it is delivered, also by two at the same moment", async () => {
    expect(await inbox.append({ key: "a", body: { n: 1 } })).toBe("stored");
    expect(await inbox.append({ key: "a", body: { n: 2 } })).toBe("duplicate");
    const other = database.connect({ user: "authenticator", role: "service_role" });
    const twice = await Promise.all(
      [service, other].map((session) => session`select inbox_append('test_hooks', 'b', '{}') as outcome`),
    );
    expect(twice.map(([row]) => row?.["outcome"]).toSorted()).toEqual(["duplicate", "stored"]);
    expect(await rows()).toMatchObject([
      { key: "a", state: "waiting", body: { n: 1 } },
      { key: "b", state: "waiting" },
    ]);
  });

  test("of an unknown source is refused in words", async () => {
    const stray = createInbox(await openRpc(service), "nobody");
    await expect(stray.append({ key: "a", body: {} })).rejects.toThrow(/22023 the inbox has no source/);
  });

  test("whose source keeps no bodies leaves its key only", async () => {
    await sql`insert into amocrm.inbox_sources (source, keeps_body) values ('test_ids', false)`;
    const keys = createInbox(await openRpc(service), "test_ids");
    await keys.append({ key: "a", body: { email: "ann@example.kz" } });
    expect(await rows()).toMatchObject([{ key: "a", body: null }]);
  });
});

describe("the bound of a source", () => {
  test("is a number of events that wait or cannot be read; what is known already is no news", async () => {
    for (const key of ["a", "b", "c", "d"]) await inbox.append({ key, body: {} });
    expect(await inbox.append({ key: "e", body: "?", isUnreadable: true })).toBe("stored");
    expect(await inbox.append({ key: "f", body: {} })).toBe("full");
    expect(await inbox.append({ key: "a", body: {} })).toBe("duplicate");
    const [first] = await inbox.claim(1, 60);
    await inbox.settle([{ id: first?.id ?? 0, attempt: 1, outcome: "worked" }]);
    expect(await inbox.append({ key: "f", body: {} })).toBe("stored");
  });

  test("is also one of megabytes", async () => {
    const body = "x".repeat(600_000);
    expect(await inbox.append({ key: "a", body })).toBe("stored");
    expect(await inbox.append({ key: "b", body })).toBe("stored");
    expect(await inbox.append({ key: "c", body })).toBe("full");
    expect(await state()).toMatchObject({ waiting: 2, is_full: true });
  });
});

describe("a worker", () => {
  test("gets the oldest that are due, nobody else gets them, and their bodies go when they are worked off", async () => {
    for (const key of ["a", "b", "c"]) await inbox.append({ key, body: { key } });
    const claimed = await inbox.claim(2, 60);
    expect(claimed.map(({ key }) => key).toSorted()).toEqual(["a", "b"]);
    expect((await inbox.claim(10, 60)).map(({ key }) => key)).toEqual(["c"]);
    expect(
      await inbox.settle(claimed.map(({ id, attempt }) => ({ id, attempt, outcome: "worked" as const }))),
    ).toBe(2);
    expect(await rows()).toMatchObject([
      { key: "a", state: "worked", body: null },
      { key: "b", state: "worked", body: null },
      { key: "c", state: "waiting", body: { key: "c" } },
    ]);
  });

  test("that dies loses nothing: the claim ends, and what it says later counts no more", async () => {
    await inbox.append({ key: "a", body: {} });
    const [lost] = await inbox.claim(1, 60);
    expect(await inbox.claim(1, 60)).toEqual([]);
    await setTestClock(noonPlus(61_000), sql, service);
    const [again] = await inbox.claim(1, 60);
    expect(again).toMatchObject({ id: lost?.id, attempt: 2 });
    const late = { id: lost?.id ?? 0, attempt: 1, outcome: "worked" as const };
    expect(await inbox.settle([late])).toBe(0);
    expect(await inbox.settle([{ ...late, attempt: 2 }])).toBe(1);
  });

  test("may let an event wait, longer each time; one that never ends is set aside with its body", async () => {
    await inbox.append({ key: "a", body: { n: 1 } });
    let now = 0;
    for (const [attempt, wait] of [
      [1, 2_000],
      [2, 4_000],
      [3, 8_000],
    ] as const) {
      const [one] = await inbox.claim(1, 60);
      expect(one?.attempt).toBe(attempt);
      await inbox.settle([{ id: one?.id ?? 0, attempt, outcome: "again", error: "busy" }]);
      expect(await inbox.claim(1, 60)).toEqual([]);
      now += wait;
      await setTestClock(noonPlus(now), sql, service);
    }
    expect(await inbox.claim(1, 60)).toEqual([]);
    expect(await rows()).toEqual([{ key: "a", state: "unreadable", body: { n: 1 }, error: "busy" }]);
  });

  test("gets some megabytes at once at most, and one event at least", async () => {
    await sql`update amocrm.inbox_sources set max_mb = 50 where source = 'test_hooks'`;
    for (const key of ["a", "b", "c"])
      await inbox.append({ key, body: "x".repeat(key === "a" ? 5_000_000 : 2_000_000) });
    expect((await inbox.claim(10, 60)).map(({ key }) => key)).toEqual(["a"]);
    expect((await inbox.claim(10, 60)).map(({ key }) => key)).toHaveLength(2);
  });

  test("must ask for a sensible number", async () => {
    await expect(inbox.claim(0, 60)).rejects.toThrow(/p_limit/);
    await expect(inbox.claim(10, 10_000)).rejects.toThrow(/p_seconds/);
  });
});

describe("what is kept", () => {
  test("goes in time: bodies that nobody could read after 30 days, keys after 90; what waits stays", async () => {
    await inbox.append({ key: "waits", body: {} });
    await inbox.append({ key: "odd", body: "%%%", isUnreadable: true, error: "no_form" });
    await service`select inbox_append('test_hooks', 'done', null, 'worked')`;
    const keysAfter = async (days: number) => {
      await setTestClock(noonPlus(days * DAY_MS), sql, service);
      await sql`select amocrm.prune_inbox(10)`;
      return (await rows()).map(({ key }) => key);
    };
    expect(await keysAfter(29)).toEqual(["waits", "odd", "done"]);
    expect(await keysAfter(31)).toEqual(["waits", "done"]);
    expect(await keysAfter(91)).toEqual(["waits"]);
    expect(await sql`select from amocrm.inbox_counts`).toEqual([]);
  });

  test("is counted by hour: deliveries and how many of them were repeated", async () => {
    await inbox.append({ key: "a", body: {} });
    await inbox.append({ key: "a", body: {} });
    await setTestClock(noonPlus(3 * HOUR_MS), sql, service);
    await inbox.append({ key: "a", body: {} });
    await inbox.append({ key: "b", body: {}, isUnreadable: true });
    expect(await state()).toMatchObject({
      waiting: 1,
      unreadable: 1,
      is_full: false,
      last_delivery_at: noonPlus(3 * HOUR_MS),
      deliveries_hour: 2,
      duplicates_hour: 1,
      deliveries_day: 4,
      duplicates_day: 2,
    });
  });
});

describe("forgetting a person", () => {
  test.each([
    [{ fields: { Email: ["ANN@example.kz "] } }],
    [{ fields: [{ name: "Телефон", value: "8 (707) 123-45-67" }] }],
    [{ a: { b: [77071234567] } }],
    ["Name=Ann&Email=ann%40example.kz&broken=%E0%A4%A"],
    ["Phone=%2B7+707+123-45-67&x"],
  ])("empties what names it: %j", async (body) => {
    await inbox.append({ key: "ann", body });
    await inbox.append({ key: "other", body: { email: "bob@example.kz", phone: "+77071234568" } });
    const [answer] = await sql`select amocrm.forget_inboxes('{ann@example.kz}', '{+77071234567}') as count`;
    expect(answer).toEqual({ count: 1 });
    expect(await rows()).toMatchObject([
      { key: "ann", state: "worked", body: null },
      { key: "other", state: "waiting", body: { email: "bob@example.kz" } },
    ]);
    expect(await inbox.append({ key: "ann", body })).toBe("duplicate");
  });

  test("is done by amocrm_forget, which tells how many events it emptied", async () => {
    await inbox.append({ key: "ann", body: { mail: "ann@example.kz" } });
    const [answer] = await service`select amocrm_forget('ann@example.kz', null) as answer`;
    expect(answer?.["answer"]).toMatchObject({ inbox_events: 1 });
  });
});
