import type { AmocrmClient } from "../amocrm/client-port.ts";
import { type RequestLog, withRequestLog } from "../amocrm/request-log.ts";
import { createGuard } from "../drain/guard.ts";
import { createPacer, type Pacer } from "../drain/pacer.ts";
import { LeaseLostError, type Outbox, type Pace } from "../outbox/port.ts";
import type { Clock, Random } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { ask } from "./ask.ts";
import type { Begun, Pulls } from "./port.ts";
import { type RunPorts, runPull } from "./run.ts";

/** One call works this long at most; the platform ends it at 150 s. */
const LONGEST_WORK_MS = 30_000;
/** And on this many pages of 250 rows: the platform gives a call two seconds of CPU. */
const MOST_REQUESTS = 20;
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
  if (begun.outcome !== "granted") return report;

  const pacer = createPacer(ports.pace, clock, token);
  const budget = { untilMs: clock.nowMs() + LONGEST_WORK_MS, requestsLeft: MOST_REQUESTS };
  const runPorts: RunPorts = {
    pulls,
    token,
    budget,
    clock,
    random: ports.random,
    client: withRequestLog(ports.connect(pacer), ports.requestLog, () => clock.nowMs()),
    guard: createGuard(ports.pace, pacer),
    pacer,
    ending: ports.ending,
  };
  try {
    report.stoppedBy = await readDue(begun, ports, runPorts);
  } catch (error) {
    if (!(error instanceof LeaseLostError)) throw error;
    report.outcome = "lease_lost";
  } finally {
    await ports.requestLog.flush();
    report.requestCount = MOST_REQUESTS - budget.requestsLeft;
    report.isMoreDue = await pulls.end(token, report.stoppedBy === "budget");
  }
  return report;
}

async function readDue(first: Begun, ports: PullPorts, runPorts: RunPorts): Promise<string | null> {
  let begun = first;
  while (begun.outcome === "granted") {
    const { pull, now } = begun;
    const stopped = await readPipelines(begun, ports, runPorts);
    if (stopped !== null) return stopped;
    const end = await runPull(pull, now, runPorts);
    ports.log(end.kind === "stopped" ? "warn" : "info", "pull_run_left", {
      pull: pull.id,
      entity: pull.entity,
      kind: pull.kind,
      end: end.kind === "stopped" ? end.code : end.kind,
    });
    if (end.kind !== "through") return end.kind === "budget" ? "budget" : end.code;
    begun = await ports.pulls.begin(runPorts.token);
  }
  return null;
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
