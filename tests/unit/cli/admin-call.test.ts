import { expect, it } from "vitest";
import { callAdmin } from "#cli/admin-call.ts";
import type { Target } from "#cli/target.ts";

const LOCAL: Target = { kind: "local", url: "http://127.0.0.1:1", secretKey: "k", origin: ".dev/stack.json" };

/** Answers 503 so often, then 200. */
function starting(count: number): { fetch: typeof globalThis.fetch; calls: () => number } {
  let calls = 0;
  const fetch = async () => {
    calls += 1;
    return Response.json({}, { status: calls <= count ? 503 : 200 });
  };
  return { fetch, calls: () => calls };
}

it("waits for a local stack whose functions begin anew with a variable", async () => {
  const { fetch, calls } = starting(3);
  const call = await callAdmin(LOCAL, { action: "resume" }, fetch, async () => {});
  expect([call, calls()]).toEqual([{ kind: "answered", status: 200, body: {} }, 4]);
});

it("ends with the answer of one that does not start at all, and asks a hosted project once", async () => {
  const never = starting(Number.POSITIVE_INFINITY);
  expect(await callAdmin(LOCAL, { action: "resume" }, never.fetch, async () => {})).toMatchObject({
    status: 503,
  });
  expect(never.calls()).toBeGreaterThan(1);
  const hosted = starting(Number.POSITIVE_INFINITY);
  await callAdmin({ ...LOCAL, kind: "hosted" }, { action: "resume" }, hosted.fetch, async () => {});
  expect(hosted.calls()).toBe(1);
});
