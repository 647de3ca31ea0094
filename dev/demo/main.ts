/** `npm run demo`: sixty messy form submissions, an outage in the middle, and what reached the CRM at the end. */
import path from "node:path";
import { createClient } from "@supabase/supabase-js";
import postgres from "postgres";
import { startServer } from "../amocrm-simulator/server.ts";
import { startStack } from "../stack/stack.ts";
import { say } from "./console.ts";
import { followDelivery } from "./follow-delivery.ts";
import { readOutcome, report } from "./report.ts";
import { pickSubmissions } from "./submissions.ts";

/** Between two requests to the simulator; the default of a real account is 2000. */
const MIN_INTERVAL_MS = 180;
/** The simulator's main pipeline, its first stage, and its text field for the lead's id (its README). */
const ROUTE = { pipelineId: 4400, statusId: 61001, markerFieldId: 411 };

const ROOT = path.join(import.meta.dirname, "../..");
const startedAtMs = performance.now();

say("Starting Postgres, the API, the edge functions (Deno) and an amoCRM simulator…", "dim");
const simulator = await startServer();
const stack = await startStack({
  root: ROOT,
  // Given here and nowhere else: AMOCRM_* of the shell or of .env never reach the demo.
  functionEnv: {
    AMOCRM_ENABLED: "true",
    AMOCRM_BASE_URL: simulator.url,
    AMOCRM_ACCESS_TOKEN: simulator.accessToken,
  },
});
const sql = postgres(stack.dbUrl(), { max: 2, onnotice: () => {} });
try {
  await sql`update public.amocrm_settings set min_interval_ms = ${MIN_INTERVAL_MS}`;
  await sql`insert into public.amocrm_routes (source, pipeline_id, status_id) values ('*', ${ROUTE.pipelineId}, ${ROUTE.statusId})`;
  await sql`insert into public.amocrm_fields (entity, path, field_id) values ('deal', 'id', ${ROUTE.markerFieldId})`;
  say(
    `Up after ${((performance.now() - startedAtMs) / 1000).toFixed(1)} s. Pace: one request in ${MIN_INTERVAL_MS} ms.\n`,
    "dim",
  );

  const submissions = pickSubmissions();
  const anon = createClient(stack.url, stack.publishableKey, { auth: { persistSession: false } });
  const refusals: string[] = [];
  const accepted = [];
  const firstInsertAtMs = performance.now();
  for (const submission of submissions) {
    const { error } = await anon.from("landing_leads").insert(submission.input);
    if (error === null) accepted.push(submission);
    else refusals.push(error.message);
  }
  say(
    `${submissions.length} forms sent with the public key in ${Math.round(performance.now() - firstInsertAtMs)} ms: ${accepted.length} accepted, ${refusals.length} refused.`,
  );
  for (const refusal of refusals) say(`  refused: ${refusal}`, "yellow");

  await followDelivery(sql, simulator, accepted.length);
  const isRight = report(await readOutcome(sql, simulator, stack, accepted, refusals));
  process.exitCode = isRight ? 0 : 1;
} finally {
  await sql.end({ timeout: 1 });
  await stack.stop();
  await simulator.close();
}
say(`\nDone in ${((performance.now() - startedAtMs) / 1000).toFixed(0)} s.`, "dim");
