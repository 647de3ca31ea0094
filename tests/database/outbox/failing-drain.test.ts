import { beforeEach, describe, expect, test } from "vitest";
import { createHeartbeat } from "#shared/outbox/heartbeat-store.ts";
import { withDrainLease } from "#shared/outbox/lease.ts";
import { createLease } from "#shared/outbox/lease-store.ts";
import { runConfigured } from "#shared/outbox/run-configured.ts";
import type { Clock } from "#shared/platform/clock.ts";
import { NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { insertLeads, strangers } from "../support/leads.ts";
import { openRpc } from "../support/rpc.ts";
import { configureVault, queuedPosts } from "../support/vault.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });
const session = database.connect({ user: "authenticator", role: "service_role" });
const rpc = await openRpc(session);
const at = (ms: number) => setTestClock(noonPlus(ms), sql, session);
const clock: Clock = { nowMs: () => NOON.getTime(), sleep: async () => undefined };

beforeEach(async () => {
  await at(0);
  await configureVault(sql);
  await insertLeads(sql, strangers(1));
  await superuser`truncate net.http_request_queue`;
});

/** One call of amocrm-drain whose work does that. */
const call = (work: () => Promise<void>) =>
  runConfigured({
    name: "drain",
    settings: { state: "ready", access: {} },
    heartbeat: createHeartbeat(rpc, "amocrm-drain"),
    log: () => {},
    work: async () => ({
      ...(await withDrainLease(
        { queue: createLease(rpc, "amocrm"), clock, token: crypto.randomUUID() },
        work,
      )),
    }),
  });
const fail = () => call(() => Promise.reject(new Error("Cannot call amocrm_drain_look: 22P02")));
const beat = async () =>
  (
    await sql`select state, detail, failure_count, begun_at, ended_at, last_ok_at from amocrm.heartbeats where component = 'amocrm-drain'`
  )[0];
/** Is a drain called by cron now? */
const isCalled = async () => {
  await sql`select amocrm_tick()`;
  const count = (await queuedPosts(sql)).length;
  await superuser`truncate net.http_request_queue`;
  return count > 0;
};

describe("a drain that ends by an error", () => {
  test("does not ring for the next one, and neither cron nor a new lead calls for ten seconds", async () => {
    await fail();
    expect(await queuedPosts(sql)).toEqual([]);
    await insertLeads(sql, strangers(1, "meanwhile"));
    await at(9_999);
    expect([await queuedPosts(sql), await isCalled()]).toEqual([[], false]);
    await at(10_000);
    expect(await isCalled()).toBe(true);
  });

  test("makes the next call wait longer each time, up to five minutes", async () => {
    let nowMs = 0;
    const waits = [];
    for (let count = 1; count <= 8; count++) {
      await at(nowMs);
      await fail();
      let waitMs = 10_000;
      for (; waitMs < 400_000; waitMs += 10_000) {
        await at(nowMs + waitMs);
        if (await isCalled()) break;
      }
      waits.push(waitMs / 1000);
      nowMs += waitMs;
    }
    expect(waits).toEqual([10, 20, 40, 80, 160, 300, 300, 300]);
  });

  test("because the code of its work cannot be loaded gives its lease back, and no message has noticed", async () => {
    const state = () => sql`
      select state, attempt_count, error_count, lease_token, last_error_code from amocrm_outbox order by id`;
    const before = await state();
    // As a function does whose part is missing from the deploy, or throws when it is first evaluated.
    await call(async () => {
      const broken = "data:text/javascript,throw new Error('engine.ts is broken')";
      await import(broken);
    });
    expect(await beat()).toMatchObject({ state: "failed", detail: "engine.ts is broken", failure_count: 1 });
    expect(await state()).toEqual(before);
    const [control] = await sql`select drain_token from amocrm.queue_control where queue = 'amocrm'`;
    expect(control).toEqual({ drain_token: null });
    await at(10_000);
    expect(await isCalled()).toBe(true);
  });

  test("is counted in its heartbeat, and does not look well while the next one works", async () => {
    await fail();
    await at(20_000);
    await fail();
    expect(await beat()).toMatchObject({
      state: "failed",
      failure_count: 2,
      ended_at: noonPlus(20_000),
      last_ok_at: null,
    });
    await at(60_000);
    await call(async () => {
      expect(await beat()).toMatchObject({
        state: "failed",
        detail: "Cannot call amocrm_drain_look: 22P02",
        begun_at: noonPlus(60_000),
        ended_at: noonPlus(20_000),
      });
    });
    expect(await beat()).toMatchObject({
      state: "ok",
      detail: null,
      failure_count: 0,
      last_ok_at: noonPlus(60_000),
    });
    expect((await queuedPosts(sql)).length, "what is due is rung for again").toBe(1);
  });
});
