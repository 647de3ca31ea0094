import { randomUUID } from "node:crypto";
import { createResendSimulator, type ResendSimulator } from "#dev/resend-simulator/simulator.ts";
import { composers } from "#functions/message-drain/composers.ts";
import { type DeliverPorts, deliverMails } from "#shared/mail/deliver.ts";
import { createResendMailer } from "#shared/mail/resend/mailer.ts";
import { createMailQueue } from "#shared/mail/store.ts";
import { withDrainLease } from "#shared/outbox/lease.ts";
import { createLease } from "#shared/outbox/lease-store.ts";
import { createPaceStore } from "#shared/outbox/store.ts";
import type { Clock } from "#shared/platform/clock.ts";
import { NOON, SECOND_MS, setTestClock } from "./clock.ts";
import type { TestDatabase } from "./database.ts";
import { atHour, openRpc } from "./rpc.ts";
import { nextTickMs, tick, tickAfter } from "./ticks.ts";

/** What is wrong with Resend: nothing, no server there, or one that takes mails and never answers. */
type Weather = "fine" | "down" | "silent";

/** The real drain of mails between the real database and a simulated Resend, in hours that pass at once. */
export interface MailOffice {
  resend: ResendSimulator;
  weather: Weather;
  nowMs(): number;
  /** When each request left. */
  requestTimes: number[];
  /** How often cron's tick called the function. */
  callCount(): number;
  /** Lets so much time pass, with cron's tick each ten seconds; more seldom where days pass. */
  pass(ms: number, tickMs?: number): Promise<void>;
}

export const SENDER = {
  from: "School <hello@school.example>",
  name: "School",
  replyTo: null,
  welcomePageUrl: "https://school.example/welcome.html",
  unsubscribeUrl: "https://abcdefgh.supabase.co/functions/v1/unsubscribe",
  unsubscribePageUrl: "https://school.example/unsubscribe.html",
  addresses: { SUPABASE_URL: "https://abcdefgh.supabase.co" },
  adminEmail: "admin@school.example",
  project: "abcdefgh.supabase.co",
};
const TICK_MS = 10 * SECOND_MS;

export async function openMailOffice(
  database: TestDatabase,
  options: { composers?: typeof composers; resend?: ResendSimulator } = {},
): Promise<MailOffice> {
  const sql = database.connect({ user: "authenticator", role: "service_role" });
  const superuser = database.connect({ user: "supabase_admin" });
  let nowMs = NOON.getTime();
  let callCount = 0;
  const setClock = () => setTestClock(new Date(nowMs), sql, database.sql, superuser);
  await setClock();
  const rpc = atHour(await openRpc(sql), setClock);
  const untilAborted = (signal: AbortSignal) =>
    new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  const clock: Clock = {
    nowMs: () => nowMs,
    async sleep(ms, signal) {
      // Only a timeout on a silent server strikes; heartbeats do not.
      if (signal !== undefined && !(office.weather === "silent" && ms === 10_000))
        return untilAborted(signal);
      nowMs += ms;
    },
  };
  const fetchResend = async (_url: string, init: RequestInit): Promise<Response> => {
    office.requestTimes.push(nowMs);
    if (office.weather === "down")
      throw Object.assign(new TypeError("fetch failed"), { code: "ECONNREFUSED" });
    const headers = new Headers(init.headers);
    const outcome = office.resend.send({
      apiKey: headers.get("authorization")?.replace("Bearer ", "") ?? null,
      key: headers.get("idempotency-key"),
      body: await (init.body as Blob).text(),
    });
    if (office.weather === "silent") {
      if (init.signal?.aborted !== true) await untilAborted(init.signal ?? AbortSignal.abort());
      throw new DOMException("aborted", "AbortError");
    }
    if (outcome.kind !== "answer") throw Object.assign(new TypeError("fetch failed"), { code: "ECONNRESET" });
    return Response.json(outcome.body, { status: outcome.status, headers: outcome.headers });
  };
  const deliver = () => {
    const queue = createLease(rpc, "message", { p_project: "ref.supabase.co" });
    const lease = { queue, clock, token: randomUUID() };
    const ports: DeliverPorts = {
      lease,
      queue: createMailQueue(rpc),
      pace: createPaceStore(rpc, "message"),
      connect: (slots) =>
        createResendMailer({
          baseUrl: "https://api.resend.com",
          apiKey: office.resend.apiKey,
          fetch: fetchResend,
          slots,
          clock,
        }),
      composers: options.composers ?? composers,
      sender: SENDER,
      random: () => 0.5,
      log: () => {},
    };
    return withDrainLease(lease, (report) => deliverMails(ports, report));
  };
  const office: MailOffice = {
    resend:
      options.resend ?? createResendSimulator({ nowMs: clock.nowMs, verifiedDomains: ["school.example"] }),
    weather: "fine",
    nowMs: clock.nowMs,
    requestTimes: [],
    callCount: () => callCount,
    async pass(ms, tickMs = TICK_MS) {
      const untilMs = nowMs + ms;
      while (nowMs < untilMs) {
        await setClock();
        const isCalled = await tick(superuser, "message-drain");
        if (isCalled) {
          callCount += 1;
          await deliver();
        }
        nowMs = isCalled ? tickAfter(nowMs, tickMs) : await nextTickMs(superuser, "message", nowMs, tickMs);
      }
    },
  };
  return office;
}
