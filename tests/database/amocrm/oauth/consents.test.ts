import { createHash, randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { DAY_MS, MINUTE_MS, noonPlus, SECOND_MS, setTestClock } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { errorOf } from "../../support/errors.ts";

const database = await useDatabase();
const service = database.connect({ user: "authenticator", role: "service_role" });

const at = (ms: number) => setTestClock(noonPlus(ms), service, database.sql);
beforeEach(() => at(0));

const hash = (secret: string = randomUUID()): string => createHash("sha256").update(secret).digest("hex");

async function makeLink(allowsSwitch = false): Promise<{ id: number; hash: string; expiresAt: string }> {
  const linkHash = hash();
  const made = (await service`select amocrm_oauth_make_link(${linkHash}, ${allowsSwitch}) as link`)[0]?.[
    "link"
  ];
  return { id: made.id, hash: linkHash, expiresAt: made.expires_at };
}
async function begin(
  linkHash: string | null,
  allowsSwitch = false,
): Promise<{ outcome: string; state: string }> {
  const state = hash();
  const outcome = (
    await service`select amocrm_oauth_begin(${state}, ${linkHash}, ${allowsSwitch}) as o`
  )[0]?.["o"];
  return { outcome, state };
}
const useState = async (state: string, session = service) =>
  (await session`select amocrm_oauth_use_state(${state}) as answer`)[0]?.["answer"];
const end = (state: string, outcome: string) => service`select amocrm_oauth_end(${state}, ${outcome})`;
const progress = async (id: number) => (await service`select amocrm_oauth_link(${id}) as link`)[0]?.["link"];
const countOf = async (table: string): Promise<number> =>
  (await database.sql`select count(*)::int as n from ${database.sql(`amocrm.${table}`)}`)[0]?.["n"];

describe("a link", () => {
  it("can be fetched again and again until a connection was made with it", async () => {
    const link = await makeLink();
    const scanner = await begin(link.hash);
    const person = await begin(link.hash);
    expect([scanner.outcome, person.outcome]).toEqual(["begun", "begun"]);
    expect(await useState(person.state)).toEqual({ outcome: "granted", allows_switch: false });
    await end(person.state, "code_refused");
    expect(await progress(link.id)).toMatchObject({ state: "open", last_outcome: "code_refused" });
    const again = await begin(link.hash);
    await useState(again.state);
    await end(again.state, "connected");
    expect(await progress(link.id)).toMatchObject({ state: "used", last_outcome: "connected" });
    expect((await begin(link.hash)).outcome).toBe("link_used");
    expect(await useState(scanner.state)).toEqual({ outcome: "used" });
  });

  it("lasts for thirty minutes, and its states for ten", async () => {
    const link = await makeLink();
    expect(new Date(link.expiresAt)).toEqual(noonPlus(30 * MINUTE_MS));
    await at(30 * MINUTE_MS - SECOND_MS);
    const { outcome, state } = await begin(link.hash);
    expect(outcome).toBe("begun");
    await at(30 * MINUTE_MS);
    expect((await begin(link.hash)).outcome).toBe("link_expired");
    expect(await progress(link.id)).toMatchObject({ state: "expired" });
    await at(40 * MINUTE_MS - 2 * SECOND_MS);
    expect((await useState(state)).outcome).toBe("granted");
    const other = await begin(null);
    await at(50 * MINUTE_MS);
    expect(await useState(other.state)).toEqual({ outcome: "expired" });
  });

  it("that nobody made opens nothing", async () => {
    expect((await begin(hash())).outcome).toBe("link_unknown");
    expect(await countOf("oauth_states")).toBe(0);
  });

  it("keeps twenty waiting states at most, the newest", async () => {
    const link = await makeLink();
    const states: string[] = [];
    for (let count = 0; count < 25; count++) {
      await at(count * SECOND_MS);
      states.push((await begin(link.hash)).state);
    }
    expect(await countOf("oauth_states")).toBe(20);
    expect(await useState(states[4] ?? "")).toEqual({ outcome: "unknown" });
    expect((await useState(states[5] ?? "")).outcome).toBe("granted");
    expect((await useState(states[24] ?? "")).outcome).toBe("granted");
  });

  it("decides whether the account may change, whatever the caller says", async () => {
    const strict = await makeLink(false);
    const lax = await makeLink(true);
    expect(await useState((await begin(strict.hash, true)).state)).toMatchObject({ allows_switch: false });
    expect(await useState((await begin(lax.hash, false)).state)).toMatchObject({ allows_switch: true });
    expect(await useState((await begin(null, true)).state)).toMatchObject({ allows_switch: true });
  });
});

describe("a state", () => {
  /** One caller has used a state and not committed yet, while `meanwhile` goes on in another session. */
  async function whileItIsUsed<T>(state: string, meanwhile: () => Promise<T>): Promise<T> {
    const first = database.connect({ user: "authenticator", role: "service_role" });
    await setTestClock(noonPlus(MINUTE_MS), first);
    await first`begin`;
    expect((await useState(state, first)).outcome).toBe("granted");
    const second = meanwhile();
    await expect
      .poll(async () => (await database.sql`select from pg_locks where not granted`).length)
      .toBeGreaterThan(0);
    await first`commit`;
    await first.end();
    return await second;
  }

  it("is granted to one of two callers at once: the second waits for the first", async () => {
    const { state } = await begin((await makeLink()).hash);
    expect(await whileItIsUsed(state, () => useState(state))).toEqual({ outcome: "used" });
  });

  it("that is just being used is not pushed out by newer ones: a replay of it is told so", async () => {
    const link = await makeLink();
    const { state } = await begin(link.hash);
    await at(SECOND_MS);
    for (let count = 0; count < 19; count++) await begin(link.hash);
    expect((await whileItIsUsed(state, () => begin(link.hash))).outcome).toBe("begun");
    expect(await useState(state)).toEqual({ outcome: "used" });
  });

  it("that nobody made is unknown", async () => {
    expect(await useState(hash())).toEqual({ outcome: "unknown" });
  });

  it.each(["", "def", "A".repeat(64), `${"a".repeat(64)}\n`])(
    "is a hash and never a secret: %j",
    async (text) => {
      expect((await errorOf(service`select amocrm_oauth_begin(${text}, null, false)`)).code).toBe("23514");
      expect((await errorOf(service`select amocrm_oauth_make_link(${text}, false)`)).code).toBe("23514");
    },
  );
});

it("the sweep forgets links and states a day after they expired, and no sooner", async () => {
  const link = await makeLink();
  const { state } = await begin(link.hash);
  await begin(null);
  await at(DAY_MS);
  await database.sql`select amocrm.sweep()`;
  expect(await useState(state)).toEqual({ outcome: "expired" });
  await at(DAY_MS + 31 * MINUTE_MS);
  await database.sql`select amocrm.sweep()`;
  expect([await countOf("oauth_links"), await countOf("oauth_states")]).toEqual([0, 0]);
  expect(await progress(link.id)).toBeNull();
});
