import { randomUUID } from "node:crypto";
import { createMobizonSimulator, type MobizonSimulator } from "#dev/mobizon-simulator/simulator.ts";
import { composers } from "#functions/sms-drain/composers.ts";
import { withDrainLease } from "#shared/outbox/lease.ts";
import { createQueueLease } from "#shared/outbox/lease-store.ts";
import { createQueuePaceStore } from "#shared/outbox/store.ts";
import type { Clock } from "#shared/platform/clock.ts";
import type { LogFacts } from "#shared/platform/log.ts";
import { deliverSms, type SmsPorts } from "#shared/sms/deliver.ts";
import { createMobizon } from "#shared/sms/mobizon/client.ts";
import type { SmsService } from "#shared/sms/port.ts";
import { createSmsQueue } from "#shared/sms/store.ts";
import { NOON, SECOND_MS, setTestClock } from "./clock.ts";
import type { TestDatabase } from "./database.ts";
import { atHour, openRpc } from "./rpc.ts";
import { nextTickMs, tick, tickAfter } from "./ticks.ts";

/** The real drain of SMS between the real database and a simulated Mobizon, in hours that pass at once. */
export interface SmsOffice {
  mobizon: MobizonSimulator;
  nowMs(): number;
  /** Every line of the log, as text. */
  log: string[];
  callCount(): number;
  /** Lets so much time pass, with cron's tick each ten seconds. */
  pass(ms: number, tickMs?: number): Promise<void>;
}

/** Makes a faulty sender of the real one, to see whether a test would notice. */
export type Mutation = (service: SmsService, simulator: MobizonSimulator) => SmsService;

const TICK_MS = 10 * SECOND_MS;
/** How long an answer is waited for. */
const ANSWER_MS = 15 * SECOND_MS;

export async function openSmsOffice(
  database: TestDatabase,
  { mutate = (service) => service }: { mutate?: Mutation } = {},
): Promise<SmsOffice> {
  const sql = database.connect({ user: "authenticator", role: "service_role" });
  const superuser = database.connect({ user: "supabase_admin" });
  let nowMs = NOON.getTime();
  let callCount = 0;
  let setToMs: number | null = null;
  const setClock = async () => {
    if (setToMs === nowMs) return;
    await setTestClock(new Date(nowMs), sql, database.sql, superuser);
    setToMs = nowMs;
  };
  await setClock();
  const rpc = atHour(await openRpc(sql), setClock);
  // Ends the wait for an answer, as the clock does once that has lasted too long.
  let expire = (): void => {};
  const clock: Clock = {
    nowMs: () => nowMs,
    async sleep(ms, signal) {
      if (signal === undefined) nowMs += ms;
      else
        await new Promise<void>((resolve) => {
          if (ms === ANSWER_MS) expire = resolve;
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
    },
  };
  const fetchMobizon = async (url: string, init: RequestInit): Promise<Response> => {
    const outcome = office.mobizon.call({ url, body: await (init.body as Blob).text() });
    if (outcome.kind === "answer") return new Response(outcome.body, { status: outcome.status });
    if (outcome.kind === "reset") throw Object.assign(new TypeError("fetch failed"), { code: "ECONNRESET" });
    nowMs += ANSWER_MS;
    expire();
    return new Promise(() => {});
  };
  const deliver = () => {
    const queue = createQueueLease(rpc, "sms", { p_project: "ref.supabase.co" });
    const lease = { queue, clock, token: randomUUID() };
    const ports: SmsPorts = {
      lease,
      queue: createSmsQueue(rpc),
      pace: createQueuePaceStore(rpc, "sms"),
      connect: (slots) =>
        mutate(
          createMobizon({
            baseUrl: "https://api.mobizon.kz",
            apiKey: office.mobizon.apiKey,
            fetch: fetchMobizon,
            slots,
            clock,
          }),
          office.mobizon,
        ),
      composers,
      variables: { LINK_BASE_URL: "https://go.example" },
      random: () => 0.5,
      log: (level, event, facts?: LogFacts) =>
        void office.log.push(JSON.stringify({ level, event, ...facts })),
    };
    return withDrainLease(lease, (report) => deliverSms(ports, report));
  };
  const office: SmsOffice = {
    mobizon: createMobizonSimulator({ nowMs: clock.nowMs }),
    nowMs: clock.nowMs,
    log: [],
    callCount: () => callCount,
    async pass(ms, tickMs = TICK_MS) {
      const untilMs = nowMs + ms;
      while (nowMs < untilMs) {
        await setClock();
        if (Math.floor(nowMs / 60_000) !== Math.floor((nowMs - tickMs) / 60_000)) {
          await superuser`select amocrm.ring_for_reports()`;
        }
        const isCalled = await tick(superuser, "sms-drain");
        if (isCalled) {
          callCount += 1;
          await deliver();
          await rpc("amocrm_heartbeat", {
            p_component: "sms-drain",
            p_state: "ok",
            p_missing: [],
            p_detail: null,
          });
        }
        nowMs = isCalled ? tickAfter(nowMs, tickMs) : await nextTickMs(superuser, "sms", nowMs, tickMs);
      }
    },
  };
  return office;
}
