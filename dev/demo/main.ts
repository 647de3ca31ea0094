/**
 * `npm run demo`: sixty messy form submissions, an outage in the middle, and what reached the CRM at the end. With
 * `--session` there is no token: a real browser signs in, and its session ends in the middle as well.
 */
import path from "node:path";
import { createClient } from "@supabase/supabase-js";
import postgres from "postgres";
import { languageFlagOf, languageOf } from "#cli/language/choose.ts";
import { told } from "#cli/language/told.ts";
import { sayIn } from "#shared/platform/text.ts";
import { startServer } from "../amocrm-simulator/server.ts";
import { startStack } from "../stack/stack.ts";
import { DEMO } from "../words/demo.ts";
import { print, table } from "./console.ts";
import { followDelivery } from "./follow-delivery.ts";
import { readOutcome, report } from "./report.ts";
import { sequenceRows, showSequence, startOffices, writeDemoSequence } from "./sequence.ts";
import { startDemoSession } from "./session.ts";
import { pickSubmissions } from "./submissions.ts";

/** Between two requests to the simulator; the default of a real account is 2000. */
const MIN_INTERVAL_MS = 180;
/** The simulator's main pipeline, its first stage, and its text field for the lead's id (its README). */
const ROUTE = { pipelineId: 4400, statusId: 61001, markerFieldId: 411 };

const ROOT = path.join(import.meta.dirname, "../..");
const startedAtMs = performance.now();

const flag = languageFlagOf(process.argv);
const say = sayIn(languageOf(flag === "en" || flag === "ru" ? flag : undefined, process.env));
const secondsSince = (startMs: number): number => (performance.now() - startMs) / 1000;

const withSession = process.argv.includes("--session");

print(say(withSession ? DEMO.startingSession : DEMO.starting), "dim");
const simulator = await startServer();
const session = withSession ? await startDemoSession(simulator) : null;
const offices = await startOffices();
const stack = await startStack({
  root: ROOT,
  // Given here and nowhere else: AMOCRM_* of the shell or of .env never reach the demo.
  functionEnv: {
    AMOCRM_ENABLED: "true",
    ...offices.functionEnv,
    ...(session?.functionEnv ?? {
      AMOCRM_BASE_URL: simulator.url,
      AMOCRM_ACCESS_TOKEN: simulator.accessToken,
    }),
  },
});
const sql = postgres(stack.dbUrl(), { max: 3, onnotice: () => {} });
try {
  // Small batches, or sixty leads would be there before the outage has begun.
  await sql`update public.amocrm_settings set min_interval_ms = ${MIN_INTERVAL_MS}, batch_size = 4`;
  await sql`insert into public.amocrm_routes (source, pipeline_id, status_id) values ('*', ${ROUTE.pipelineId}, ${ROUTE.statusId})`;
  await sql`insert into public.amocrm_fields (entity, path, field_id) values ('deal', 'id', ${ROUTE.markerFieldId})`;
  print(`${say(DEMO.up, { seconds: secondsSince(startedAtMs).toFixed(1), ms: MIN_INTERVAL_MS })}\n`, "dim");

  await writeDemoSequence(sql);
  const submissions = pickSubmissions();
  const anon = createClient(stack.url, stack.publishableKey, { auth: { persistSession: false } });
  const refusals: string[] = [];
  const accepted = [];
  const firstInsertAtMs = performance.now();
  for (const submission of submissions) {
    const { error, status } = await anon.from("landing_leads").insert(submission.input);
    if (status === 201) accepted.push(submission);
    else refusals.push(error?.message ?? say(DEMO.answered, { status }));
  }
  print(
    say(DEMO.sent, {
      count: submissions.length,
      ms: Math.round(performance.now() - firstInsertAtMs),
      accepted: accepted.length,
      refused: refusals.length,
    }),
  );
  for (const refusal of refusals) print(`  ${say(DEMO.refusedOne, { reason: told(refusal) })}`, "yellow");

  // Beside the leads, so that nobody waits longer for it.
  const [steps] = await Promise.all([
    showSequence(sql, offices),
    followDelivery(sql, simulator, accepted.length, say, session),
  ]);
  const outcome = await readOutcome(sql, simulator, stack, accepted, refusals);
  const isRight = report({ ...outcome, signInCount: session?.signInCount() ?? null }, say);
  const sequence = sequenceRows(steps, offices, say);
  print(`\n${say(DEMO.sequence)}`);
  table(sequence.rows);
  if (!sequence.isRight) print(`\n✗ ${say(DEMO.wrongSequence)}`, "red");
  process.exitCode = isRight && sequence.isRight ? 0 : 1;
} finally {
  await sql.end({ timeout: 1 });
  await stack.stop();
  await session?.close();
  await offices.close();
  await simulator.close();
}
print(`\n${say(DEMO.done, { seconds: secondsSince(startedAtMs).toFixed(0) })}`, "dim");
