import { createMobizonSimulator, type MobizonSimulator } from "#dev/mobizon-simulator/simulator.ts";
import { createResendSimulator, type ResendSimulator } from "#dev/resend-simulator/simulator.ts";
import { composers as mailComposers } from "#functions/message-drain/composers.ts";
import { composers as smsComposers } from "#functions/sms-drain/composers.ts";
import { type DeliverPorts, deliverMails } from "#shared/mail/deliver.ts";
import { createResendMailer } from "#shared/mail/resend/mailer.ts";
import { createMailQueue } from "#shared/mail/store.ts";
import { type LeasePorts, withDrainLease } from "#shared/outbox/lease.ts";
import { createLease, createQueueLease } from "#shared/outbox/lease-store.ts";
import { createPaceStore, createQueuePaceStore } from "#shared/outbox/store.ts";
import type { Rpc } from "#shared/platform/rpc.ts";
import { deliverSms, type SmsPorts } from "#shared/sms/deliver.ts";
import { createMobizon } from "#shared/sms/mobizon/client.ts";
import { createSmsQueue } from "#shared/sms/store.ts";
import { createChance } from "../../simulation/world/chance.ts";
import { VirtualTime } from "../../simulation/world/virtual-time.ts";
import { setTestClock } from "./clock.ts";
import type { TestDatabase } from "./database.ts";
import { SENDER } from "./mail-office.ts";
import { openRpc } from "./rpc.ts";
import { takeCalls } from "./ticks.ts";

/** Of each call, by chance: the process dies before it is made or after it was done. */
interface Harshness {
  crashes?: number;
  lostAnswers?: number;
}

/**
 * Mail and SMS of a school in one time: two processes of cron's tick, each calling drains that are called as often as the
 * database asks for, all at once. At each await chance decides who goes on; the same seed is the same history.
 */
export interface MessageTown {
  resend: ResendSimulator;
  mobizon: MobizonSimulator;
  /** Both providers refuse connections while it is true. */
  isOutage: boolean;
  harshness: Harshness;
  crashCount: number;
  /** How often a drain found another one at work. */
  busyCount: number;
  nowMs(): number;
  /** Lets so much time pass. */
  pass(ms: number): Promise<void>;
}

interface TownOptions {
  seed: number;
  start: Date;
  tickMs: number;
}

const forever = <T>() => new Promise<T>(() => {});

export async function openMessageTown(
  database: TestDatabase,
  { seed, start, tickMs }: TownOptions,
): Promise<MessageTown> {
  const chance = createChance(seed, "town");
  const time = new VirtualTime(start.getTime(), (count) => chance.below(count));
  let failure: unknown;

  /** A process that dies by chance: whatever it awaits never comes, and its heartbeat asks for nothing more either. */
  function openProcess() {
    let isDead = false;
    return {
      /** True from the moment on at which it dies, which may be this one. */
      dies(): boolean {
        if (isDead) return true;
        isDead = chance.happens(town.harshness.crashes ?? 0);
        if (isDead) town.crashCount += 1;
        return isDead;
      },
    };
  }
  type Process = ReturnType<typeof openProcess>;

  /** A worker of the functions, with a session of its own. */
  async function openWorker() {
    const sql = database.connect({ user: "authenticator", role: "service_role" });
    const call = await openRpc(sql);
    const process = openProcess();
    const rpc: Rpc = async (name, args) => {
      if (process.dies()) return forever();
      const answer = await time.outside(async () => {
        await setTestClock(new Date(time.nowMs()), sql);
        return call(name, args);
      });
      return process.dies() ? forever() : answer;
    };
    const beginning = { p_project: "ref.supabase.co" };
    const leaseOf = (queue: LeasePorts["queue"]) => ({ queue, clock: time, token: chance.uuid() });
    const ports = { random: chance.next, log: () => {} };
    return {
      mail() {
        const lease = leaseOf(createLease(rpc, "message", beginning));
        const mails: DeliverPorts = {
          ...ports,
          lease,
          queue: createMailQueue(rpc),
          pace: createPaceStore(rpc, "message"),
          connect: (slots) =>
            createResendMailer({
              ...provider(process, askResend),
              baseUrl: "https://api.resend.com",
              apiKey: town.resend.apiKey,
              slots,
            }),
          composers: mailComposers,
          sender: SENDER,
        };
        return withDrainLease(lease, (report) => deliverMails(mails, report));
      },
      sms() {
        const lease = leaseOf(createQueueLease(rpc, "sms", beginning));
        const sms: SmsPorts = {
          ...ports,
          lease,
          queue: createSmsQueue(rpc),
          pace: createQueuePaceStore(rpc, "sms"),
          connect: (slots) =>
            createMobizon({
              ...provider(process, askMobizon),
              baseUrl: "https://api.mobizon.kz",
              apiKey: town.mobizon.apiKey,
              slots,
            }),
          composers: smsComposers,
          variables: { LINK_BASE_URL: "https://go.example" },
        };
        return withDrainLease(lease, (report) => deliverSms(sms, report));
      },
    };
  }

  type Ask = (url: string, init: RequestInit) => Promise<() => Response>;
  const askResend: Ask = async (_url, init) => {
    const headers = new Headers(init.headers);
    const outcome = town.resend.send({
      apiKey: headers.get("authorization")?.replace("Bearer ", "") ?? null,
      key: headers.get("idempotency-key"),
      body: await (init.body as Blob).text(),
    });
    if (outcome.kind !== "answer") throw new Error("Nobody asked Resend to fail");
    return () => Response.json(outcome.body, { status: outcome.status, headers: outcome.headers });
  };
  const askMobizon: Ask = async (url, init) => {
    const outcome = town.mobizon.call({ url, body: await (init.body as Blob).text() });
    if (outcome.kind !== "answer") throw new Error("Nobody asked Mobizon to fail");
    return () => new Response(outcome.body, { status: outcome.status });
  };
  const broken = (code: string) => Object.assign(new TypeError("fetch failed"), { code });
  const provider = (process: Process, ask: Ask) => ({
    clock: time,
    async fetch(url: string, init: RequestInit): Promise<Response> {
      await time.sleep(chance.between(20, 400));
      if (process.dies()) return forever();
      if (town.isOutage) throw broken("ECONNREFUSED");
      const isLost = chance.happens(town.harshness.lostAnswers ?? 0);
      if (isLost && chance.happens(0.5)) throw broken("ECONNRESET");
      const answer = await ask(url, init);
      if (process.dies()) return forever();
      // Either the connection breaks or no answer ever comes.
      if (isLost && chance.happens(0.2)) return unlessAborted(init.signal);
      await time.sleep(chance.between(20, 400));
      if (isLost) throw broken("ECONNRESET");
      return answer();
    },
  });
  const unlessAborted = (signal: AbortSignal | null | undefined): Promise<never> =>
    new Promise((_, reject) => {
      const abort = () => reject(new DOMException("aborted", "AbortError"));
      if (signal?.aborted === true) abort();
      signal?.addEventListener("abort", abort, { once: true });
    });

  /** Cron and pg_net of one process: what is posted by anybody is called by whoever sees it first. */
  async function openTicker() {
    const superuser = database.connect({ user: "supabase_admin" });
    const free: Awaited<ReturnType<typeof openWorker>>[] = [await openWorker(), await openWorker()];
    const call = async (queue: "mail" | "sms") => {
      const worker = free.pop() ?? (await time.outside(openWorker));
      const report = await worker[queue]();
      if (report.outcome === "busy") town.busyCount += 1;
      free.push(worker);
      await post();
    };
    const post = async () => {
      const called = await time.outside(() => takeCalls(superuser));
      for (const [name, queue] of [
        ["message-drain", "mail"],
        ["sms-drain", "sms"],
      ] as const) {
        if (!called.includes(name)) continue;
        spawn(call(queue));
        // A second call for the same thing, as a repeated request makes one.
        if (chance.happens(0.5)) spawn(call(queue));
      }
    };
    return async () => {
      await time.outside(async () => {
        await setTestClock(new Date(time.nowMs()), superuser);
        await superuser`select public.amocrm_tick()`;
        await superuser`select amocrm.ring_for_reports()`;
      });
      await post();
    };
  }
  const spawn = (work: Promise<void>) =>
    void work.catch((error: unknown) => {
      failure ??= error;
    });

  const town: MessageTown = {
    resend: createResendSimulator({
      nowMs: time.nowMs,
      verifiedDomains: ["school.example"],
      // Requests take unequally long to arrive, so that its narrow window would slow the pace for hours.
      rateLimit: null,
    }),
    mobizon: createMobizonSimulator({ nowMs: time.nowMs, balance: 1_000_000 }),
    isOutage: false,
    harshness: {},
    crashCount: 0,
    busyCount: 0,
    nowMs: time.nowMs,
    async pass(ms) {
      const untilMs = time.nowMs() + ms;
      await time.run(() => failure !== undefined, untilMs);
      time.setTo(untilMs);
      if (failure !== undefined) throw failure;
    },
  };
  for (const tick of [await openTicker(), await openTicker()]) {
    spawn(
      (async () => {
        for (;;) {
          await tick();
          await time.sleep(tickMs);
        }
      })(),
    );
  }
  return town;
}
