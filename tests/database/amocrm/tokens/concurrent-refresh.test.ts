import { afterEach, beforeEach, expect, test } from "vitest";
import { type SimulatorServer, startServer } from "#dev/amocrm-simulator/server.ts";
import { DEFAULT_CLIENT } from "#dev/amocrm-simulator/settings.ts";
import { connectAmocrm } from "#shared/amocrm/connection.ts";
import { parseSettings } from "#shared/amocrm/settings.ts";
import { createTokenStore } from "#shared/amocrm/tokens/store.ts";
import { tokensFor } from "#shared/amocrm/tokens/tokens-for.ts";
import { createPacer } from "#shared/outbox/pacer.ts";
import { createPaceStore } from "#shared/outbox/store.ts";
import { systemClock } from "#shared/platform/clock.ts";
import type { Rpc } from "#shared/platform/rpc.ts";
import { createFakeRequestLog } from "../../../unit/support/request-log.ts";
import { HOUR_MS } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { openRpc } from "../../support/rpc.ts";

const CALLERS = 50;
const SESSIONS = 12;

const database = await useDatabase();
const { sql } = database;
// Fifty callers share some sessions, as the Data API's pool does: what runs at once really meets in Postgres.
const rpcs = await Promise.all(
  Array.from({ length: SESSIONS }, () =>
    openRpc(database.connect({ user: "authenticator", role: "service_role" })),
  ),
);
await sql`alter table public.amocrm_settings drop constraint min_interval_keeps_amocrms_limit`;

let simulator: SimulatorServer;
let aheadMs: number;
afterEach(() => simulator.close());

beforeEach(async () => {
  aheadMs = 0;
  simulator = await startServer({
    now: () => Date.now() + aheadMs,
    settings: {
      rate: { requests_per_second: 0, account_per_second: 0, blocks_after: null },
      tokens: { refresh_mode: "strict", refresh_kills_old_access: true },
    },
  });
  await sql`update public.amocrm_settings set min_interval_ms = 1`;
  const pair = simulator.simulator.control.issuePair();
  await createTokenStore(rpcs[0] as Rpc, "local").connect(
    { accessToken: pair.access_token, refreshToken: pair.refresh_token, expiresInSeconds: pair.expires_in },
    { host: simulator.url, accountId: 5_550_001, subdomain: "sim" },
  );
  aheadMs = 25 * HOUR_MS;
});

/** One function call: its own client, its own memory. */
function callAccount(index: number) {
  const settings = parseSettings({
    AMOCRM_CLIENT_ID: DEFAULT_CLIENT.client_id,
    AMOCRM_CLIENT_SECRET: DEFAULT_CLIENT.client_secret,
    AMOCRM_REDIRECT_URI: DEFAULT_CLIENT.redirect_uri,
  });
  if (settings.state !== "ready") throw new Error("the settings are not complete");
  const rpc = rpcs[index % SESSIONS] as Rpc;
  const pace = createPaceStore(rpc);
  const slots = createPacer(pace, systemClock, null);
  const store = createTokenStore(rpc, "local");
  return connectAmocrm(
    settings.access,
    { slots, store, pace, log: () => undefined, requestLog: createFakeRequestLog() },
    tokensFor,
  ).account();
}

const requests = (path: string): number =>
  simulator.simulator.log.entries().filter((entry) => entry.path === path).length;

test("fifty calls with a token that is known to have ended make one refresh, and all succeed", async () => {
  await sql`update amocrm.accounts set access_expires_at = amocrm.clock() - interval '1 hour'`;
  const answers = await Promise.all(Array.from({ length: CALLERS }, (_, index) => callAccount(index)));
  expect(answers.filter(({ verdict }) => verdict === "delivered")).toHaveLength(CALLERS);
  expect(requests("/oauth2/access_token")).toBe(1);
  // Nobody went out with the old token.
  expect(requests("/api/v4/account")).toBe(CALLERS);
  expect(await sql`select version, state, last_error_code from amocrm.accounts`).toEqual([
    { version: 2, state: "connected", last_error_code: null },
  ]);
});

test("fifty calls whose token is refused without notice make one refresh, and all succeed with their second request", async () => {
  const answers = await Promise.all(Array.from({ length: CALLERS }, (_, index) => callAccount(index)));
  expect(answers.filter(({ verdict }) => verdict === "delivered")).toHaveLength(CALLERS);
  expect(requests("/oauth2/access_token")).toBe(1);
  expect(requests("/api/v4/account")).toBeGreaterThan(CALLERS);
});
