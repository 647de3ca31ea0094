import { createGuard } from "../../outbox/guard.ts";
import { createPacer, type Pacer } from "../../outbox/pacer.ts";
import { LeaseLostError, type Pace } from "../../outbox/port.ts";
import type { Clock, Random } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import { watchAccountClock } from "../api/account-clock.ts";
import type { AmocrmClient } from "../api/client-port.ts";
import { type RequestLog, withRequestLog } from "../api/request-log.ts";
import type { Answer, Failed } from "../api/verdict.ts";
import type { Outbox } from "../drain/port.ts";
import { ask } from "./ask.ts";
import type { Begun, Pulls } from "./port.ts";
import { readHints } from "./read-hints.ts";
import { type RunPorts, runPull } from "./run.ts";

/** One call works this long at most; the platform ends it at 150 s. */
const MAX_WORK_MS = 30_000;
/** And on this many pages of 250 rows: the platform gives a call two seconds of CPU. */
const MAX_REQUESTS = 20;
/** Stages are renamed rarely; their names in the mirror are this old at most. */
const PIPELINES_MAX_AGE_MS = 3_600_000;

export interface PullPorts {
  pulls: Pulls;
  /** The pace in the pull lane. */
  pace: Pace;
  storePipelines: Outbox["storePipelines"];
  connect(pacer: Pacer): AmocrmClient;
  requestLog: RequestLog;
  clock: Clock;
  random: Random;
  log: Log;
  newToken(): string;
  /** Looks after the subscription to amoCRM's hooks. Its requests are refused for reasons of their own, which stop nothing. */
  healHooks?(
    ask: <T>(request: (client: AmocrmClient) => Promise<Answer<T>>) => Promise<Answer<T>>,
  ): Promise<string>;
  /** Aborted when the platform is about to end this worker. */
  ending?: AbortSignal;
}

/** How a call ended. */
export interface PullReport {
  outcome: Begun["outcome"] | "lease_lost";
  requestCount: number;
  /** Why it stopped before everything was through; null if it did not. */
  stoppedBy: string | null;
  /** True if more is due; after a spent budget, the next call is on its way then. */
  isMoreDue: boolean;
}

/** Takes the pull lease and reads what is due, contacts before deals, until all is through or the call's budget is spent. */
export async function pull(ports: PullPorts): Promise<PullReport> {
  const { pulls, clock } = ports;
  const token = ports.newToken();
  const report: PullReport = { outcome: "granted", requestCount: 0, stoppedBy: null, isMoreDue: false };
  const begun = await pulls.begin(token);
  report.outcome = begun.outcome;
  if (begun.outcome !== "granted" && begun.outcome !== "hints") return report;

  const pacer = createPacer(ports.pace, clock, token);
  const { client, accountClock } = watchAccountClock(ports.connect(pacer));
  const budget = { untilMs: clock.nowMs() + MAX_WORK_MS, requestsLeft: MAX_REQUESTS };
  const runPorts: RunPorts = {
    pulls,
    token,
    budget,
    clock,
    random: ports.random,
    accountClock,
    client: withRequestLog(client, ports.requestLog, () => clock.nowMs()),
    guard: createGuard<Failed>(ports.pace, pacer),
    pacer,
    ending: ports.ending,
  };
  // What becomes due behind the last look at it must not wait for cron, which calls each minute.
  let isAllRead = false;
  try {
    const end = await readDue(begun, ports, runPorts);
    report.stoppedBy = end.stoppedBy;
    isAllRead = end.isAllRead;
  } catch (error) {
    if (!(error instanceof LeaseLostError)) throw error;
    report.outcome = "lease_lost";
  } finally {
    await ports.requestLog.flush();
    report.requestCount = MAX_REQUESTS - budget.requestsLeft;
    report.isMoreDue = await pulls.end(
      token,
      isAllRead || report.stoppedBy === "budget",
      accountClock.offsetMs(),
    );
  }
  return report;
}

async function readDue(
  first: Begun,
  ports: PullPorts,
  runPorts: RunPorts,
): Promise<{ stoppedBy: string | null; isAllRead: boolean }> {
  let begun = first;
  let isCheckDue = false;
  while (begun.outcome === "granted" || begun.outcome === "hints") {
    if (begun.outcome === "hints") {
      const { requestsLeft } = runPorts.budget;
      const hindrance = await readHints(begun.clockOffsetMs, runPorts);
      if (hindrance !== null) return { stoppedBy: hindrance, isAllRead: false };
      // Should what is due ever not be given out, the next call has to find that out, and not this one for ever.
      if (requestsLeft === runPorts.budget.requestsLeft) return { stoppedBy: null, isAllRead: false };
      begun = await ports.pulls.begin(runPorts.token);
      continue;
    }
    const { pull, now } = begun;
    isCheckDue ||= begun.isHookCheckDue;
    const stopped = await readPipelines(begun, ports, runPorts);
    if (stopped !== null) return { stoppedBy: stopped, isAllRead: false };
    const end = await runPull(pull, now, runPorts);
    ports.log(end.kind === "stopped" ? "warn" : "info", "pull_run_left", {
      pull: pull.id,
      entity: pull.entity,
      kind: pull.kind,
      end: end.kind === "stopped" ? end.code : end.kind,
    });
    if (end.kind !== "through")
      return { stoppedBy: end.kind === "budget" ? "budget" : end.code, isAllRead: false };
    begun = await ports.pulls.begin(runPorts.token);
  }
  if (isCheckDue && ports.healHooks !== undefined) {
    const { budget, client } = runPorts;
    const outcome = await ports.healHooks((request) => {
      budget.requestsLeft -= 1;
      return request(client);
    });
    ports.log(outcome === "on" ? "info" : "warn", "amocrm_hooks_checked", { outcome });
  }
  return { stoppedBy: null, isAllRead: begun.outcome === "not_due" };
}

async function readPipelines(
  { now, pipelinesReadAt, pull }: Extract<Begun, { outcome: "granted" }>,
  { storePipelines }: PullPorts,
  runPorts: RunPorts,
): Promise<string | null> {
  const ageMs = pipelinesReadAt === null ? null : Date.parse(now) - Date.parse(pipelinesReadAt);
  if (pull.entity !== "deal" || (ageMs !== null && ageMs <= PIPELINES_MAX_AGE_MS)) return null;
  const answer = await ask((client) => client.pipelines(), runPorts);
  if (answer.verdict !== "delivered") return answer.fault.causeCode ?? answer.fault.code;
  await storePipelines(answer.value);
  return null;
}
