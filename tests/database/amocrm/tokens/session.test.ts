import { createHash } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { defaultAccount } from "#dev/amocrm-simulator/account/account-seed.ts";
import { UNLIMITED_SETTINGS } from "#dev/amocrm-simulator/settings.ts";
import { askSession } from "#shared/amocrm/api/account-connection.ts";
import { createRequestLog } from "#shared/amocrm/api/request-log-store.ts";
import { createSessionTransport } from "#shared/amocrm/api/session-transport.ts";
import {
  type AdmissionParts,
  createAdmission,
  switchToSession,
} from "#shared/amocrm/tokens/session-admission.ts";
import { createTokenStore } from "#shared/amocrm/tokens/store.ts";
import { SessionStandIn, STAND_IN_SECRET, STAND_IN_URL } from "#tests/support/session-stand-in.ts";
import { type Account, openAccount } from "../../support/account.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, messages } from "../../support/leads.ts";
import { configureVault } from "../../support/vault.ts";

const database = await useDatabase();
const { sql } = database;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SESSION = { url: STAND_IN_URL, secret: STAND_IN_SECRET };
const STRANGERS_ID = 7_770_002;

interface ByService extends Account {
  service: SessionStandIn;
  switch(): Promise<unknown>;
}

/** An account that the drain reaches through the service, with no address of its own in the variables. */
async function openByService(id?: number): Promise<ByService> {
  const seed = defaultAccount();
  let service: SessionStandIn | null = null;
  let admission: AdmissionParts | null = null;
  const account = await openAccount(database, {
    simulator: {
      seed: id ?? 1,
      account: id === undefined ? seed : { ...seed, account: { ...seed.account, id } },
      settings: UNLIMITED_SETTINGS,
    },
    transport({ simulator, rpc, clock, slots }) {
      service ??= new SessionStandIn({ simulator, clock });
      const http = { session: SESSION, slots, fetch: service.fetch, clock };
      const requestLog = createRequestLog(rpc, "amocrm-drain", clock.nowMs, () => {});
      admission = {
        store: createTokenStore(rpc, "ref.supabase.co"),
        fingerprint: async (text) => createHash("sha256").update(text).digest("hex"),
        whose: () => askSession({ ...http, requestLog }),
      };
      return createSessionTransport({ ...http, admission: createAdmission(SESSION, null, admission) });
    },
  });
  await account.drain();
  return {
    ...account,
    get service() {
      if (service === null) throw new Error("Nothing was drained yet");
      return service;
    },
    async switch() {
      if (admission === null) throw new Error("Nothing was drained yet");
      return await switchToSession(SESSION, null, admission);
    },
  };
}

const breaker = async () =>
  (await sql`select breaker_code, breaker_message from amocrm.queue_control where queue = 'amocrm'`)[0];
const last = async () => (await messages(sql)).at(-1);
const account = async () => (await sql`select access, host, account_id from amocrm.accounts`)[0];
const lead = (name: string) =>
  insertLeads(sql, [{ full_name: name, email: `${name.toLowerCase()}@example.com` }]);

beforeEach(async () => {
  await configureVault(sql);
  await sql`insert into amocrm_routes (source) values ('*')`;
  await lead("Ann");
});

describe("an account that is reached through a session service", () => {
  test("is known by the service's first answer, and asked about once", async () => {
    const own = await openByService();
    expect(await last()).toMatchObject({ state: "delivered" });
    expect(await account()).toEqual({
      access: "session",
      host: "https://sim.amocrm.ru",
      account_id: 5_550_001,
    });
    await lead("Ben");
    await own.drainAfter(HOUR);
    await own.drainAfter(HOUR);
    expect(await last()).toMatchObject({ state: "delivered" });
    // One by the service to prove its session, one by us.
    expect(own.requests().filter((line) => line === "GET /api/v4/account")).toHaveLength(2);
    expect(own.simulator.control.signIns().tries).toBe(1);
  });

  test("goes on over the end of a session in mid-backlog: one sign-in, nothing lost, nothing twice", async () => {
    const own = await openByService();
    for (let n = 0; n < 30; n++) await lead(`Person${n}`);
    own.simulator.control.endSessions();
    await own.drainAfter(MINUTE);
    await own.drainAfter(MINUTE);
    expect((await messages(sql)).every(({ state }) => state === "delivered")).toBe(true);
    expect(own.simulator.state.deals()).toHaveLength(31);
    expect(own.simulator.control.signIns()).toMatchObject({ tries: 2, sessions: 2 });
    expect(await breaker()).toMatchObject({ breaker_code: null });
  });

  test.each([
    [
      "a second factor",
      "needs_person",
      "The session service needs a person: amoCRM asks for a second factor",
    ],
    [
      "a wrong password",
      "needs_person",
      "The session service needs a person: amoCRM refuses its e-mail or password",
    ],
    ["a killed service", "session_unreachable", `service not reachable: ${STAND_IN_URL}`],
  ])("stops the sending at %s, at no message's cost, and says why", async (what, code, message) => {
    const own = await openByService();
    if (what === "a killed service") own.service.kill();
    else own.simulator.control.endSessions();
    if (what === "a second factor") own.simulator.control.patchSettings({ sign_in: { second_factor: true } });
    if (what === "a wrong password") own.service.password = "wrong";
    await lead("Ben");
    for (let time = 0; time < 20; time++) await own.drainAfter(5 * MINUTE);
    expect(await last()).toMatchObject({ state: "pending", attempt_count: 0 });
    expect(await breaker()).toEqual({ breaker_code: code, breaker_message: message });
    const [told] = await sql`select amocrm.breaker_remedy(breaker_code) as remedy from amocrm_health`;
    expect(told?.["remedy"]).toContain("docs/areas/session.md");
    expect(own.simulator.control.signIns().refusals).toBeLessThanOrEqual(2);

    own.simulator.control.patchSettings({ sign_in: { second_factor: false } });
    own.service.password = own.simulator.settings.sign_in.password;
    if (what === "a killed service") own.service.start();
    else await own.service.keeper.resume();
    await own.drainAfter(10 * MINUTE);
    expect(await last()).toMatchObject({ state: "delivered", attempt_count: 1 });
    expect(own.simulator.state.deals()).toHaveLength(2);
  });

  test("is sent nothing that is meant for another, until a person says that the account changes", async () => {
    await openByService();
    await lead("Ben");
    const other = await openByService(STRANGERS_ID);
    await other.drainAfter(HOUR);
    expect(other.simulator.state.deals()).toEqual([]);
    expect(await last()).toMatchObject({ state: "pending", attempt_count: 0 });
    expect(await breaker()).toMatchObject({ breaker_code: "other_account" });
    expect(await account()).toMatchObject({ account_id: 5_550_001 });
    expect(await other.switch()).toMatchObject({ ok: true, accountId: STRANGERS_ID, isOther: true });
    expect(await account()).toMatchObject({ account_id: STRANGERS_ID });
  });

  test("that nobody knew before and turns out to be another is asked again, since its user may be changed", async () => {
    const store = createTokenStore(
      async (name, args) =>
        (await sql.unsafe(`select public.${name}(${argsOf(args)}) as answer`))[0]?.["answer"],
      "ref.supabase.co",
    );
    const token = { host: "https://sim.amocrm.ru", expiresAt: null, accountId: 5_550_001, fingerprint: "a" };
    await store.noteLongLived(token);
    const service = { ...token, access: "session" as const, host: null, fingerprint: "b" };
    expect(await store.noteLongLived({ ...service, accountId: STRANGERS_ID })).toMatchObject({
      outcome: "other_account",
    });
    expect(await store.noteLongLived({ ...service, accountId: null })).toMatchObject({ outcome: "unproven" });
    expect(await store.noteLongLived(service)).toEqual({
      outcome: "granted",
      host: "https://sim.amocrm.ru",
      accountId: 5_550_001,
    });
    expect(await account()).toMatchObject({ access: "session" });
  });
});

function argsOf(args: Record<string, unknown> | undefined): string {
  return Object.entries(args ?? {})
    .map(([name, value]) => `${name} => ${value === null ? "null" : `'${String(value)}'`}`)
    .join(", ");
}
