import { beforeEach, expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { UNLIMITED_SETTINGS } from "#dev/amocrm-simulator/settings.ts";
import { answerHook } from "#shared/amocrm/webhook/endpoint.ts";
import { createHookStore } from "#shared/amocrm/webhook/store.ts";
import { sha256Of } from "#shared/platform/secrets.ts";
import { sized } from "../../../support/sizes.ts";
import { openAccount } from "../../support/account.ts";
import { SECOND_MS, setTestClock } from "../../support/clock.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, strangers } from "../../support/leads.ts";
import { openRpc } from "../../support/rpc.ts";

const database = await useDatabase();
const { sql } = database;
const service = database.connect({ user: "authenticator", role: "service_role" });
const store = createHookStore(await openRpc(service));
const SECRET = "a-secret-of-forty-three-characters-1234567";
const HERE = `https://here.test/functions/v1/amocrm-webhook/${SECRET}`;
const EVENTS = ["add_lead", "update_lead", "status_lead", "add_contact", "update_contact"];
const LEADS = sized(80, 1000);

beforeEach(async () => {
  await sql`insert into amocrm_routes (source) values ('*')`;
});

test(`${LEADS} leads of ours cost at most two requests more while hooks tell of each`, {
  timeout: 600_000,
}, async () => {
  const bodies: string[] = [];
  const account = await openAccount(database, {
    simulator: {
      settings: { ...UNLIMITED_SETTINGS, hooks: { delay_ms: 0, doubled: 0.1, order: "shuffled" } },
      sleep: async () => undefined,
      post: async (_url, body) => {
        bodies.push(body);
        return 200;
      },
    },
  });
  await sql`update amocrm.accounts set account_id = ${SEED_IDS.account} where queue = 'amocrm'`;
  await sql`insert into amocrm.webhook_control (secret_hash, made_at, state, checked_at) values (${await sha256Of(SECRET)}, amocrm.clock(), 'on', amocrm.clock())`;
  await sql`update amocrm.cursors set is_complete = true, changed_until = amocrm.clock(), pulled_at = amocrm.clock()`;
  account.simulator.hooks.subscribe(HERE, EVENTS, 10, 1);

  let extra = 0;
  const pullWhatWasTold = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    await setTestClock(new Date(account.nowMs()), service);
    for (const body of bodies.splice(0)) {
      const answer = await answerHook(new Request(HERE, { method: "POST", body }), { store, log: () => {} });
      expect(answer.status).toBe(200);
    }
    await account.wait(5 * SECOND_MS);
    const before = account.requests().length;
    // Nothing else of a pull is due yet.
    await account.pull();
    extra += account.requests().length - before;
  };

  await insertLeads(sql, strangers(LEADS));
  const waiting = () => sql`select from amocrm.outbox where state <> 'delivered'`;
  for (let call = 0; call < 200 && (await waiting()).length > 0; call++) {
    await account.drainAfter(SECOND_MS);
    await pullWhatWasTold();
  }
  await pullWhatWasTold();
  expect(await waiting()).toEqual([]);
  await sql`select amocrm.gather_hints()`;
  // A contact and a deal each.
  expect(await sql`select count(*)::int as count from amocrm.hints`).toEqual([{ count: 2 * LEADS }]);
  expect(extra).toBeLessThanOrEqual(2);
});
