import { randomUUID } from "node:crypto";
import { createUnisenderSimulator, type UnisenderSimulator } from "#dev/unisender-simulator/simulator.ts";
import { createUnisender } from "#shared/loyalty/unisender/client.ts";
import { deliverToUnisender, type UnisenderPorts } from "#shared/loyalty/unisender-drain.ts";
import { answerUnisenderEvents } from "#shared/loyalty/unisender-events.ts";
import type { UnisenderService } from "#shared/loyalty/unisender-port.ts";
import { createUnisenderEvents, createUnisenderQueue } from "#shared/loyalty/unisender-store.ts";
import { withDrainLease } from "#shared/outbox/lease.ts";
import { createQueueLease } from "#shared/outbox/lease-store.ts";
import { createQueuePaceStore } from "#shared/outbox/store.ts";
import type { Clock } from "#shared/platform/clock.ts";
import type { LogFacts } from "#shared/platform/log.ts";
import type { Rpc } from "#shared/platform/rpc.ts";
import { NOON, SECOND_MS, setTestClock } from "./clock.ts";
import type { Session, TestDatabase } from "./database.ts";
import { atHour, openRpc } from "./rpc.ts";
import { tick, tickAfter } from "./ticks.ts";

/** The real drain of Unisender's queue between the real database and a simulated Unisender, in hours that pass at once. */
export interface UnisenderOffice {
  unisender: UnisenderSimulator;
  nowMs(): number;
  /** Every line of the log, as text. */
  log: string[];
  /** Lets so much time pass, with cron's tick each ten seconds. */
  pass(ms: number, tickMs?: number): Promise<void>;
  /** Delivers a call of the webhook; answers its status. */
  tell(request: Request): Promise<number>;
  service: Session;
  /** So many people who join the programme, each with an e-mail. */
  join(count: number, prefix?: string): Promise<void>;
  /** Makes a campaign and confirms it; returns its id. */
  confirm(segment?: string | null): Promise<string>;
  campaign(id: string): Promise<Record<string, unknown> | undefined>;
  /** Addresses that are in a list at Unisender. */
  listed(): string[];
  /** Where its processes have been: before a question to the database or Unisender leaves, and before its answer is read. */
  points: string[];
}

/** The process dies when it comes to this point for the so many-th time: nothing of it runs any more. */
export interface Death {
  point: string;
  time: number;
}

/** Makes a faulty sender of the real one, to see whether a test would notice. */
export type Mutation = (service: UnisenderService) => UnisenderService;

const TICK_MS = 10 * SECOND_MS;
/** How long an answer is waited for. */
const ANSWER_MS = 35 * SECOND_MS;

export async function openUnisenderOffice(
  database: TestDatabase,
  { mutate = (service) => service, death: planned }: { mutate?: Mutation; death?: Death } = {},
): Promise<UnisenderOffice> {
  const sql = database.connect({ user: "authenticator", role: "service_role" });
  const superuser = database.connect({ user: "supabase_admin" });
  let nowMs = NOON.getTime();
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
  const unisender = createUnisenderSimulator({ nowMs: clock.nowMs });
  const log: string[] = [];
  const note = (level: string, event: string, facts?: LogFacts) =>
    void log.push(JSON.stringify({ level, event, ...facts }));
  const fetchUnisender = async (url: string, init: RequestInit): Promise<Response> => {
    const outcome = unisender.call({ url, body: await (init.body as Blob).text() });
    if (outcome.kind === "answer") return new Response(outcome.body, { status: outcome.status });
    if (outcome.kind === "reset") throw Object.assign(new TypeError("fetch failed"), { code: "ECONNRESET" });
    nowMs += ANSWER_MS;
    expire();
    return new Promise(() => {});
  };
  const points: string[] = [];
  let die = (): void => {};
  const come = async (point: string): Promise<void> => {
    points.push(point);
    if (point !== planned?.point || points.filter((one) => one === point).length !== planned.time) return;
    die();
    await new Promise(() => {});
  };
  const passing = async <Answer>(name: string, ask: () => Promise<Answer>): Promise<Answer> => {
    await come(`before ${name}`);
    const answer = await ask();
    await come(`after ${name}`);
    return answer;
  };
  const mortalRpc: Rpc = (name, args) => passing(name, () => rpc(name, args));
  const mortalFetch: typeof fetchUnisender = (url, init) =>
    passing(new URL(url).pathname.replace(/^.*\//, ""), () => fetchUnisender(url, init));
  const deliver = () => {
    const queue = createQueueLease(mortalRpc, "unisender", { p_project: "ref.supabase.co" });
    const lease = { queue, clock, token: randomUUID() };
    const ports: UnisenderPorts = {
      lease,
      queue: createUnisenderQueue(mortalRpc),
      pace: createQueuePaceStore(mortalRpc, "unisender"),
      connect: (slots) =>
        mutate(
          createUnisender({
            baseUrl: "https://api.unisender.com",
            apiKey: unisender.apiKey,
            sender: { name: "School", email: "hello@school.example" },
            fetch: mortalFetch,
            slots,
            clock,
          }),
        ),
      listTitle: "Loyalty ref.supabase.co",
      random: () => 0.5,
      log: note,
    };
    return withDrainLease(lease, (report) => deliverToUnisender(ports, report));
  };
  return {
    unisender,
    service: sql,
    log,
    points,
    nowMs: clock.nowMs,
    tell: async (request) => {
      await setClock();
      const ports = { apiKey: unisender.apiKey, events: createUnisenderEvents(rpc), log: note };
      return (await answerUnisenderEvents(request, ports)).status;
    },
    async join(count, prefix = "guest") {
      // By parts, since one statement of the service role may last eight seconds, also on a busy machine.
      for (let from = 0; from < count; from += 4000)
        await sql`with made as (insert into loyalty_members (id)
            select gen_random_uuid() from generate_series(1, ${Math.min(4000, count - from)}) returning id)
          insert into loyalty_identities (member_id, provider, external_id)
          select id, 'email', ${prefix} || (row_number() over () + ${from}) || '@example.com' from made`;
    },
    async confirm(segment = null) {
      const [row] = await sql`select loyalty_campaign_create(${segment}, 'News', '<p>Hello</p>') as id`;
      await sql`select loyalty_campaign_confirm(${row?.["id"]})`;
      return String(row?.["id"]);
    },
    campaign: async (id) =>
      (await sql`select state, problem, expected_count, counted from loyalty_campaigns where id = ${id}`)[0],
    listed: () =>
      [...unisender.contacts.values()]
        .filter(({ lists }) => lists.size > 0)
        .map(({ email }) => email)
        .toSorted(),
    async pass(ms, tickMs = TICK_MS) {
      const untilMs = nowMs + ms;
      while (nowMs < untilMs) {
        await setClock();
        if (Math.floor(nowMs / 60_000) !== Math.floor((nowMs - tickMs) / 60_000))
          await superuser`select amocrm.ring_for_unisender()`;
        const isCalled = await tick(superuser, "unisender-drain");
        if (isCalled) {
          const death = new Promise<false>((resolve) => {
            die = () => resolve(false);
          });
          const isAlive = await Promise.race([deliver().then(() => true), death]);
          if (isAlive)
            await rpc("amocrm_heartbeat", {
              p_component: "unisender-drain",
              p_state: "ok",
              p_missing: [],
              p_detail: null,
            });
        }
        nowMs = tickAfter(nowMs, tickMs);
      }
    },
  };
}
