import { afterAll, beforeAll, expect, test } from "vitest";
import { waitFor } from "#dev/stack/wait.ts";
import { listen, type ServiceServer } from "#session-service/http/server.ts";
import { systemClock } from "#shared/platform/clock.ts";
import { SessionStandIn, STAND_IN_SECRET } from "#tests/support/session-stand-in.ts";
import { type System, startSystem } from "../support/system.ts";

let system: System;
let server: ServiceServer;
let standIn: SessionStandIn;

/** The functions as they are under Deno, the service behind a real socket; only its browser is played. */
beforeAll(async () => {
  const late = {
    handle: (request: Parameters<typeof standIn.service.handle>[0]) => standIn.service.handle(request),
  };
  server = await listen({ ...late, stop: () => undefined }, { host: "127.0.0.1", port: 0 }, () => undefined);
  system = await startSystem({
    functionEnv: {
      AMOCRM_ENABLED: "true",
      AMOCRM_PLAYWRIGHT_URL: server.url,
      AMOCRM_PLAYWRIGHT_SECRET: STAND_IN_SECRET,
    },
  });
  standIn = new SessionStandIn({ simulator: system.simulator.simulator, clock: systemClock });
});
afterAll(async () => {
  await system.stop();
  await server.close();
});

const insert = async (from: number, count: number): Promise<void> => {
  const rows = Array.from({ length: count }, (_, index) => ({
    full_name: `Lead ${from + index}`,
    email: `lead${from + index}@example.com`,
    source: "landing",
  }));
  const { error } = await system.anon.from("landing_leads").insert(rows);
  expect(error).toBeNull();
};

test("leads go through the session service, over the end of a session, and its absence is named", async () => {
  await insert(0, 20);
  await system.delivered();
  system.simulator.simulator.control.endSessions();
  await insert(20, 20);
  await system.delivered();
  const { control, state } = system.simulator.simulator;
  expect(state.deals()).toHaveLength(40);
  expect(control.signIns()).toMatchObject({ tries: 2, sessions: 2 });
  expect(await system.sql`select access, account_id::int, host from amocrm.accounts`).toEqual([
    { access: "session", account_id: 5_550_001, host: "https://sim.amocrm.ru" },
  ]);

  await server.close();
  await insert(40, 1);
  const problem = await waitFor("the problem", async () => {
    const [row] = await system.sql`select breaker_message from amocrm.queue_control where queue = 'amocrm'`;
    return (row?.["breaker_message"] as string | null) ?? undefined;
  });
  expect(problem).toBe(`service not reachable: ${server.url}`);
  const waiting = await waitFor("the message to wait", async () => {
    const [row] = await system.sql`select state, attempt_count from amocrm_outbox order by id desc limit 1`;
    return row?.["state"] === "pending" ? row : undefined;
  });
  expect(waiting["attempt_count"]).toBe(0);
});
