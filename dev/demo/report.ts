import type postgres from "postgres";
import type { SimulatorServer } from "../amocrm-simulator/server.ts";
import type { Stack } from "../stack/stack.ts";
import { say, table } from "./console.ts";
import type { Submission } from "./submissions.ts";

/** What came of it, counted on both sides. */
export interface Outcome {
  acceptedCount: number;
  refusals: readonly string[];
  personCount: number;
  deliveredCount: number;
  contactCount: number;
  dealCount: number;
  noteCount: number;
  requestCount: number;
  rateLimitedCount: number;
  lostCount: number;
  slowestSeconds: number;
  largestCpuMs: number;
  unsolved: readonly string[];
}

/** Counts what our database says and what really is in the simulator. */
export async function readOutcome(
  sql: postgres.Sql,
  simulator: SimulatorServer,
  stack: Stack,
  accepted: readonly Submission[],
  refusals: readonly string[],
): Promise<Outcome> {
  const [row] = await sql<{ delivered: number; slowest: number | null }[]>`
    select count(*) filter (where state = 'delivered')::int as delivered,
      max(extract(epoch from delivered_at - created_at))::float8 as slowest
    from public.amocrm_outbox`;
  const unsolved = await sql<{ text: string }[]>`
    select concat_ws(' ', 'message', id, state, last_error_code, last_error_message) as text
    from public.amocrm_outbox where state <> 'delivered' order by id limit 10`;
  const counts = simulator.simulator.state.counts();
  const requests = simulator.simulator.log.entries();
  return {
    acceptedCount: accepted.length,
    refusals,
    personCount: new Set(accepted.map((submission) => submission.person)).size,
    deliveredCount: row?.delivered ?? 0,
    contactCount: counts["contacts"] ?? 0,
    dealCount: counts["deals"] ?? 0,
    noteCount: counts["notes"] ?? 0,
    requestCount: requests.length,
    rateLimitedCount: requests.filter((request) => request.status === 429).length,
    lostCount: requests.filter((request) => request.ending !== "answered").length,
    slowestSeconds: row?.slowest ?? 0,
    largestCpuMs: Math.max(0, ...stack.calls().map((call) => call.cpuMs)),
    unsolved: unsolved.map(({ text }) => text),
  };
}

/** Prints the table; true if nothing is missing and nothing doubled. */
export function report(outcome: Outcome): boolean {
  const perLead = outcome.requestCount / Math.max(1, outcome.deliveredCount);
  say("\nWhat reached the CRM");
  table([
    ["accepted", `${outcome.acceptedCount}`],
    [
      "refused",
      `${outcome.refusals.length}${outcome.refusals.length > 0 ? ` (${[...new Set(outcome.refusals)].join("; ")})` : ""}`,
    ],
    ["people behind them", `${outcome.personCount}`],
    ["delivered", `${outcome.deliveredCount}`],
    ["contacts in amoCRM", `${outcome.contactCount}`],
    ["deals in amoCRM", `${outcome.dealCount}`],
    ["notes in amoCRM", `${outcome.noteCount}`],
    ["requests", `${outcome.requestCount} (${perLead.toFixed(2)} per lead)`],
    ["429 answers", `${outcome.rateLimitedCount}`],
    ["answers lost in the outage", `${outcome.lostCount}`],
    ["slowest lead", `${outcome.slowestSeconds.toFixed(1)} s`],
    ["CPU of the longest call", `${outcome.largestCpuMs.toFixed(0)} ms`],
  ]);
  const faults = [
    outcome.deliveredCount < outcome.acceptedCount &&
      `${outcome.acceptedCount - outcome.deliveredCount} leads are missing`,
    outcome.contactCount !== outcome.personCount &&
      `${outcome.contactCount} contacts for ${outcome.personCount} people`,
    outcome.dealCount !== outcome.personCount &&
      `${outcome.dealCount} deals for ${outcome.personCount} people`,
    outcome.noteCount > outcome.acceptedCount &&
      `${outcome.noteCount} notes for ${outcome.acceptedCount} leads`,
  ].filter((fault) => fault !== false);
  if (faults.length === 0) {
    say("\n✓ Every accepted lead is in the CRM, none is doubled.", "green");
    return true;
  }
  for (const fault of faults) say(`\n✗ ${fault}`, "red");
  for (const line of outcome.unsolved) say(`  ${line}`, "dim");
  return false;
}
