import { beforeEach, describe, expect, test } from "vitest";
import { sized } from "../support/sizes.ts";
import { ConnectionWorld, type DeathPoint } from "./world/connection-world.ts";
import { useQueueDatabase } from "./world/support.ts";

const database = await useQueueDatabase();

const START_MS = Date.UTC(2031, 4, 5, 12);
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

beforeEach(() => database.reset(START_MS));

/** Somebody asks until there is an answer, each minute as cron would have it; tells how often, or null in vain. */
async function askUntilAnswered(world: ConnectionWorld, tries: number): Promise<number | null> {
  for (let count = 1; count <= tries; count++) {
    const answer = await world.caller().client.account();
    if (answer.verdict === "delivered") return count;
    await world.time.sleep(MINUTE_MS);
  }
  return null;
}

const POINTS: DeathPoint[] = [
  "before the call",
  "after the server's answer",
  "before the commit",
  "after it",
];

/** A refresh whose process dies at the point, and one that comes a second later. */
async function dieAndFollow(mode: "grace" | "strict", point: DeathPoint) {
  const world = new ConnectionWorld(database, START_MS, {
    refresh_mode: mode,
    refresh_kills_old_access: true,
  });
  let tries: number | null = null;
  const live = async () => {
    await world.connect();
    await world.time.sleep(DAY_MS + HOUR_MS);
    void world.caller(point).client.account();
    await world.time.sleep(SECOND_MS);
    tries = await askUntilAnswered(world, 5);
  };
  await world.play(live());
  return { world, tries: () => tries };
}

describe("a refresh whose process is killed", () => {
  test.each(POINTS)("%s is made up for by the next, when amoCRM is graceful", async (point) => {
    const { world, tries } = await dieAndFollow("grace", point);
    expect(tries()).toBe(1);
    expect(await storedState()).toBe("connected");
    expect(world.tokenRequestCount()).toBe(point === "before the call" || point === "after it" ? 1 : 2);
  });

  test.each(["before the call", "after it"] as const)(
    "%s is made up for by the next, when amoCRM is strict",
    async (point) => {
      const { world, tries } = await dieAndFollow("strict", point);
      expect(tries()).toBe(1);
      expect(await storedState()).toBe("connected");
      expect(world.tokenRequestCount()).toBe(1);
    },
  );

  test.each(["after the server's answer", "before the commit"] as const)(
    "%s ends in reauth_required with an alert when amoCRM is strict, and amoCRM is asked no more",
    async (point) => {
      const { world, tries } = await dieAndFollow("strict", point);
      expect(tries()).toBeNull();
      expect(await storedState()).toBe("reauth_required");
      // One by the process that died, one by the next. Then a day of drains and of cron.
      expect(world.tokenRequestCount()).toBe(2);
      await world.play(askOnAndOn(world, DAY_MS));
      expect(world.tokenRequestCount()).toBe(2);
      expect(await database.sql`select code, severity, detail from public.amocrm_alerts`).toEqual([
        {
          code: "reauth_required",
          severity: "critical",
          detail: expect.stringContaining("npm run amocrm -- connect"),
        },
      ]);
      expect(
        await database.sql`select breaker_code from amocrm.queue_control where queue = 'amocrm'`,
      ).toEqual([{ breaker_code: "reauth_required" }]);
    },
  );
});

describe("a connection that is taken over from a variable", () => {
  test("is renewed at its first use, and a deploy with the old variable does it no harm", async () => {
    const world = new ConnectionWorld(database, START_MS, { refresh_mode: "strict" });
    const { refresh_token: variable } = world.simulator.control.issuePair();
    const verdicts: string[] = [];
    const live = async () => {
      for (let day = 0; day < 5; day++) {
        // Many at once, and each as a new deploy.
        const answers = [1, 2, 3].map(() => world.caller(undefined, variable).client.account());
        for (const answer of await Promise.all(answers)) verdicts.push(answer.verdict);
        await world.time.sleep(DAY_MS);
      }
    };
    await world.play(live());
    expect(verdicts).toEqual(Array.from({ length: 15 }, () => "delivered"));
    expect(world.tokenRequestCount()).toBe(5);
    expect(await storedState()).toBe("connected");
  });
});

async function storedState(): Promise<string | undefined> {
  const [row] = await database.sql<{ state: string }[]>`select state from amocrm.accounts`;
  return row?.state;
}

async function askOnAndOn(world: ConnectionWorld, forMs: number): Promise<void> {
  const untilMs = world.time.nowMs() + forMs;
  while (world.time.nowMs() < untilMs) {
    await world.caller().client.account();
    await world.caller().refreshDue();
    await world.time.sleep(10 * MINUTE_MS);
  }
}

/** Every answer of a life, and what it cost. */
interface Life {
  requestCount: number;
  failures: string[];
}

/**
 * A busy system: the tick of cron calls the refresh when the database says that it is due, and each twenty minutes a drain
 * works for some twenty seconds, so that some are under way when the pair changes.
 */
async function live(world: ConnectionWorld, forMs: number, life: Life): Promise<void> {
  const untilMs = world.time.nowMs() + forMs;
  const drainOnce = async () => {
    const { client } = world.caller();
    for (let request = 0; request < 6; request++) {
      const answer = await client.account();
      life.requestCount += 1;
      if (answer.verdict !== "delivered") life.failures.push(answer.fault.causeCode ?? answer.fault.code);
      await world.time.sleep(4 * SECOND_MS);
    }
  };
  const drains = async () => {
    for (; world.time.nowMs() < untilMs; await world.time.sleep(20 * MINUTE_MS - 7 * SECOND_MS)) {
      await drainOnce();
    }
  };
  const ticks = async () => {
    // Cron ticks each ten seconds. Here only while a refresh is tried, since nothing comes of it at other times.
    for (let isTrying = false; world.time.nowMs() < untilMs; ) {
      await world.time.sleep(isTrying ? 10 * SECOND_MS : 5 * MINUTE_MS);
      // What pg_net would do with the post of the tick.
      const posts = await world.access.callThenQuery(
        "select public.amocrm_tick()",
        "delete from net.http_request_queue where url like '%amocrm-oauth/refresh' returning id",
      );
      if (posts.length === 0) continue;
      isTrying = (await world.caller().refreshDue()).outcome !== "renewed";
    }
  };
  await Promise.all([drains(), ticks()]);
}

/** So that some pairs change in the middle of a drain; the deep run has a month. */
const BUSY_DAYS = sized(8, 30);

describe("the life of a busy system over days", () => {
  test("meets no request that fails for its token, when amoCRM is strict and old access tokens die at once", async () => {
    const world = new ConnectionWorld(database, START_MS, {
      refresh_mode: "strict",
      refresh_kills_old_access: true,
    });
    const life: Life = { requestCount: 0, failures: [] };
    await world.play(world.connect().then(() => live(world, BUSY_DAYS * DAY_MS, life)));
    tell("strict", world, life);
    expect(life.failures).toEqual([]);
    // A pair lasts for a day less a quarter of an hour, and less what amoCRM cuts off.
    expect(world.tokenRequestCount()).toBeGreaterThanOrEqual(BUSY_DAYS);
    expect(world.tokenRequestCount()).toBeLessThanOrEqual(BUSY_DAYS + 2);
  });

  test("meets none either when answers with tokens are lost and the token endpoint fails, and amoCRM is graceful", async () => {
    const world = new ConnectionWorld(database, START_MS, { refresh_mode: "grace" });
    // Four in ten token requests fail; two in a row are one refresh that fails.
    world.simulator.control.addFaults(
      { kind: "lost_answer", path: "/oauth2/access_token", probability: 0.2 },
      { kind: "status", status: 502, path: "/oauth2/access_token", probability: 0.1 },
      { kind: "reset", path: "/oauth2/access_token", probability: 0.1 },
    );
    const life: Life = { requestCount: 0, failures: [] };
    await world.play(world.connect().then(() => live(world, BUSY_DAYS * DAY_MS, life)));
    tell("grace, with faults", world, life);
    expect(life.failures).toEqual([]);
    expect(await storedState()).toBe("connected");
  });

  test("is not ended by a pause: one refresh a week keeps the connection alive, and nothing else is asked", async () => {
    const world = new ConnectionWorld(database, START_MS, {});
    await world.play(world.connect());
    await database.sql`select amocrm_pause('holidays')`;
    const life: Life = { requestCount: 0, failures: [] };
    const ticks = async () => {
      for (let hour = 0; hour < 120 * 24; hour++) {
        const posts = await world.access.callThenQuery(
          "select public.amocrm_tick()",
          "delete from net.http_request_queue returning id",
        );
        if (posts.length > 0) await world.caller().refreshDue();
        await world.time.sleep(HOUR_MS);
      }
      life.requestCount = world.simulator.log.entries().length;
      const answer = await world.caller().client.account();
      if (answer.verdict !== "delivered") life.failures.push(answer.fault.code);
    };
    await world.play(ticks());
    // Longer than a refresh token lives.
    expect(life).toEqual({ requestCount: 17, failures: [] });
  });
});

function tell(name: string, world: ConnectionWorld, life: Life): void {
  console.info(
    `${BUSY_DAYS} days, ${name}: ${life.requestCount} requests, ${world.tokenRequestCount()} of the token endpoint, ` +
      `${world.logged.filter(({ event }) => event === "token_refreshed").length} pairs, ${life.failures.length} failures`,
  );
}
