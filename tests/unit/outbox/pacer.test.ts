import { expect, test } from "vitest";
import { createPacer } from "#shared/outbox/pacer.ts";
import type { Pace, Slot } from "#shared/outbox/port.ts";
import { TOKEN_PURPOSE } from "#shared/outbox/slots.ts";

const INTERVAL_MS = 150;

/** A clock whose timers fire late by the lateness given for each sleep. */
function lateClock(latenessMs: readonly number[]) {
  let now = 1_000_000;
  let sleeps = 0;
  return {
    nowMs: () => now,
    async sleep(ms: number) {
      now += Math.max(0, ms) + (ms > 0 ? (latenessMs[sleeps++ % latenessMs.length] ?? 0) : 0);
    },
  };
}

/** The pace as the SQL function keeps it: the later of slot and departure counts. */
function paceOn(clock: { nowMs(): number }, asked: (number | null)[] = []): Pace {
  let lastSlotAtMs = Number.NEGATIVE_INFINITY;
  async function reserve(sinceDepartureMs: number | null): Promise<Slot> {
    asked.push(sinceDepartureMs);
    const now = clock.nowMs();
    const slot = Math.max(
      now,
      lastSlotAtMs + INTERVAL_MS,
      now - (sinceDepartureMs ?? INTERVAL_MS) + INTERVAL_MS,
    );
    lastSlotAtMs = slot;
    return { granted: true, isProbe: false, waitMs: slot - now, intervalMs: INTERVAL_MS };
  }
  return {
    reserveSlot: (_token, sinceDepartureMs) => reserve(sinceDepartureMs),
    reserveTokenSlot: reserve,
    reportFault: async () => "harmless",
    reportAnswer: async () => {},
    closeBreaker: async () => {},
  };
}

test.each([[[0]], [[3, 40, 0, 90]], [[149]]])(
  "departures are never closer than the pace when timers are late by %j ms",
  async (lateness) => {
    const clock = lateClock(lateness);
    const pacer = createPacer(paceOn(clock), clock, "token");
    const departures: number[] = [];
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        await pacer.take("read");
        departures.push(clock.nowMs());
      }),
    );
    const gaps = departures.slice(1).map((at, index) => at - (departures[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(INTERVAL_MS);
  },
);

test("each reservation tells how long ago the last request really left", async () => {
  const clock = lateClock([25]);
  const asked: (number | null)[] = [];
  const pacer = createPacer(paceOn(clock, asked), clock, "token");
  await pacer.take("read");
  await pacer.take("read");
  await clock.sleep(100);
  await pacer.take("read");
  expect(asked[0]).toBeNull();
  expect(asked[1]).toBe(0);
  expect(asked[2]).toBeGreaterThanOrEqual(100);
});

test("a refused slot is told with its code, and the next one is asked for again", async () => {
  const clock = lateClock([0]);
  let isPaused = true;
  const pace = paceOn(clock);
  const pacer = createPacer(
    {
      ...pace,
      reserveSlot: async (...ask) =>
        isPaused
          ? { granted: false, code: "paused", message: "Sending is paused", waitMs: null }
          : pace.reserveSlot(...ask),
    },
    clock,
    null,
  );
  expect(await pacer.take("read")).toEqual({
    granted: false,
    code: "paused",
    message: "Sending is paused",
    waitMs: null,
  });
  isPaused = false;
  expect(await pacer.take("read")).toMatchObject({ granted: true });
});

test("a request for a token takes its slot past a pause, and is no probe", async () => {
  const clock = lateClock([0]);
  const pace = paceOn(clock);
  const pacer = createPacer(
    {
      ...pace,
      reserveSlot: async () => ({ granted: true, isProbe: true, waitMs: 0, intervalMs: INTERVAL_MS }),
    },
    clock,
    "token",
  );
  expect(await pacer.take(TOKEN_PURPOSE)).toMatchObject({ granted: true });
  expect(pacer.isProbing()).toBe(false);
  await pacer.take("read");
  await pacer.take(TOKEN_PURPOSE);
  // What the token is for is still the probe.
  expect(pacer.isProbing()).toBe(true);
});

test.each([
  [10_000, true],
  [10_001, false],
])("a process that stands still for %i ms over its slot uses it: %s", async (latenessMs, isUsed) => {
  const clock = lateClock([latenessMs, 0]);
  const pacer = createPacer(paceOn(clock), clock, "token");
  await pacer.take("read");
  const late = await pacer.take("read");
  expect(late.granted).toBe(isUsed);
  if (!late.granted) expect(late).toMatchObject({ code: "slot_expired", waitMs: null });
  expect(await pacer.take("read")).toMatchObject({ granted: true });
});

test("a slot that is far away, or far behind the last departure, is not late", async () => {
  const clock = lateClock([0]);
  const far = { granted: true, isProbe: false, waitMs: 9000, intervalMs: 10_000 } as const;
  const pacer = createPacer({ ...paceOn(clock), reserveSlot: async () => far }, clock, "token");
  expect([await pacer.take("read"), await pacer.take("read"), await pacer.take("read")]).toMatchObject([
    { granted: true },
    { granted: true },
    { granted: true },
  ]);
});

test("a slot that waits for its time when the drain is stopped is given up, but for the token", async () => {
  const clock = lateClock([0]);
  const pacer = createPacer(paceOn(clock), clock, "token");
  await pacer.take("read");
  const waiting = pacer.take("read");
  pacer.stop();
  expect(await waiting).toMatchObject({ granted: false, code: "drain_stopped" });
  expect(await pacer.take("read")).toMatchObject({ granted: false, code: "drain_stopped" });
  expect(await pacer.take(TOKEN_PURPOSE)).toMatchObject({ granted: true });
});
