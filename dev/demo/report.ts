import type postgres from "postgres";
import { told } from "#cli/language/told.ts";
import type { Say, Text } from "#shared/platform/text.ts";
import type { SimulatorServer } from "../amocrm-simulator/server.ts";
import type { Stack } from "../stack/stack.ts";
import { DEMO } from "../words/demo.ts";
import { print, table } from "./console.ts";
import type { Submission } from "./submissions.ts";

/** One at the start, and one after the session has ended. */
const RIGHT_SIGN_INS = 2;

/** A message that did not arrive, and what is known of it. */
interface Unsolved {
  id: string;
  state: string;
  code: string | null;
  reason: string | null;
}

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
  /** How often the browser signed in; null where there is a token. */
  signInCount: number | null;
  unsolved: readonly Unsolved[];
}

/** Counts what our database says and what really is in the simulator. */
export async function readOutcome(
  sql: postgres.Sql,
  simulator: SimulatorServer,
  stack: Stack,
  accepted: readonly Submission[],
  refusals: readonly string[],
): Promise<Omit<Outcome, "signInCount">> {
  const [row] = await sql<{ delivered: number; slowest: number | null }[]>`
    select count(*) filter (where state = 'delivered')::int as delivered,
      max(extract(epoch from delivered_at - created_at))::float8 as slowest
    from public.amocrm_outbox`;
  const unsolved = await sql<Unsolved[]>`
    select id::text, state, last_error_code as code, last_error_message as reason
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
    unsolved,
  };
}

/** Prints the table; true if nothing is missing and nothing doubled. */
export function report(outcome: Outcome, say: Say): boolean {
  const { acceptedCount, personCount, contactCount, dealCount, noteCount, signInCount } = outcome;
  const refusals =
    outcome.refusals.length === 0
      ? ""
      : ` (${[...new Set(outcome.refusals)].map((reason) => say(told(reason))).join("; ")})`;
  const perLead = (outcome.requestCount / Math.max(1, outcome.deliveredCount)).toFixed(2);
  const rows: [Text, string | number][] = [
    [DEMO.accepted, acceptedCount],
    [DEMO.refused, `${outcome.refusals.length}${refusals}`],
    [DEMO.people, personCount],
    [DEMO.delivered, outcome.deliveredCount],
    [DEMO.contacts, contactCount],
    [DEMO.deals, dealCount],
    [DEMO.notes, noteCount],
    [DEMO.requests, say(DEMO.perLead, { count: outcome.requestCount, each: perLead })],
    [DEMO.limited, outcome.rateLimitedCount],
    [DEMO.lost, outcome.lostCount],
    [DEMO.slowest, say(DEMO.seconds, { n: outcome.slowestSeconds.toFixed(1) })],
    [DEMO.longest, say(DEMO.ms, { n: outcome.largestCpuMs.toFixed(0) })],
  ];
  if (signInCount !== null) rows.push([DEMO.signIns, signInCount]);
  print(`\n${say(DEMO.reached)}`);
  table(rows.map(([name, value]) => [say(name), String(value)]));
  const missingCount = acceptedCount - outcome.deliveredCount;
  const faults = [
    missingCount > 0 && say(DEMO.missing, { count: missingCount }),
    contactCount !== personCount && say(DEMO.wrongContacts, { count: contactCount, people: personCount }),
    dealCount !== personCount && say(DEMO.wrongDeals, { count: dealCount, people: personCount }),
    signInCount !== null &&
      signInCount !== RIGHT_SIGN_INS &&
      say(DEMO.wrongSignIns, { count: signInCount, right: RIGHT_SIGN_INS }),
    noteCount > acceptedCount && say(DEMO.wrongNotes, { count: noteCount, leads: acceptedCount }),
  ].filter((fault) => fault !== false);
  if (faults.length === 0) {
    print(`\n✓ ${say(DEMO.right)}`, "green");
    return true;
  }
  for (const fault of faults) print(`\n✗ ${fault}`, "red");
  for (const { id, state, code, reason } of outcome.unsolved)
    print(`  ${say(DEMO.unsolved, { id, state, code: code ?? "", reason: told(reason ?? "") })}`, "dim");
  return false;
}
