import { afterEach, expect, test, vi } from "vitest";
import { leadOf, startTraffic } from "#dev/traffic.ts";

const EVERY_MS = 10;
const WAYS = { url: "https://project.example", publishableKey: "sb_publishable_x", secretKey: "sb_secret_x" };

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A Data API that takes routes at once and answers a lead when it is told to. */
function slowApi() {
  const unanswered: (() => void)[] = [];
  vi.stubGlobal("fetch", (address: string) =>
    address.endsWith("/amocrm_routes")
      ? Promise.resolve(new Response(null, { status: 201 }))
      : new Promise<Response>((resolve) => {
          unanswered.push(() => resolve(new Response(null, { status: 201 })));
        }),
  );
  const answer = (): void => {
    for (const resolve of unanswered.splice(0)) resolve();
  };
  return { unanswered, answer };
}

test("a slow project gets one lead at a time, and none after the traffic has stopped", async () => {
  vi.useFakeTimers();
  const { unanswered, answer } = slowApi();
  const traffic = await startTraffic(WAYS, [{ source: "landing" }], EVERY_MS);
  await vi.advanceTimersByTimeAsync(5 * EVERY_MS);
  expect(unanswered).toHaveLength(1);
  answer();
  await vi.advanceTimersByTimeAsync(5 * EVERY_MS);
  expect(unanswered).toHaveLength(1);

  let hasStopped = false;
  const stopped = traffic.stop().then(() => {
    hasStopped = true;
  });
  await vi.advanceTimersByTimeAsync(5 * EVERY_MS);
  expect(hasStopped).toBe(false);
  answer();
  await stopped;
  await vi.advanceTimersByTimeAsync(5 * EVERY_MS);
  expect(unanswered).toHaveLength(0);
});

test("one lead in nine goes by a way that is broken", () => {
  const turns = Array.from({ length: 18 }, (_, turn) => leadOf([{ source: "landing" }], turn)["source"]);
  expect(turns.filter((source) => source === "old-campaign")).toHaveLength(2);
});
