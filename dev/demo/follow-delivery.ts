import { setTimeout as sleep } from "node:timers/promises";
import type postgres from "postgres";
import { told } from "#cli/language/told.ts";
import type { Say } from "#shared/platform/text.ts";
import type { SimulatorServer } from "../amocrm-simulator/server.ts";
import { DEMO } from "../words/demo.ts";
import { bar, print } from "./console.ts";
import type { DemoSession } from "./session.ts";

/** How long amoCRM is gone in the middle. */
const OUTAGE_MS = 4_000;
/** Far above what it takes; past it something is wrong and the report says what. */
const MAX_MS = 150_000;
const LOOK_INTERVAL_MS = 1_000;

/** Shows the queue while it drains, and takes the simulator away when a third has arrived; a session ends then as well. */
export async function followDelivery(
  sql: postgres.Sql,
  simulator: SimulatorServer,
  total: number,
  say: Say,
  session: Pick<DemoSession, "end"> | null,
): Promise<void> {
  const startedAtMs = performance.now();
  let outage: Promise<void> | null = null;
  let shown = "";
  for (;;) {
    const [row] = await sql<{ delivered: number; dead: number; verdict: string; problem: string | null }[]>`
      select count(*) filter (where state = 'delivered')::int as delivered, count(*) filter (where state = 'dead')::int as dead,
        (select verdict from public.amocrm_health) as verdict, (select problem from public.amocrm_health) as problem
      from public.amocrm_outbox`;
    const { delivered = 0, dead = 0, verdict = "?", problem = null } = row ?? {};
    const line = `  ${bar(delivered, total)}  ${verdict}${problem ? `: ${say(told(problem))}` : ""}`;
    if (line !== shown) print(line);
    shown = line;
    if (delivered + dead >= total) return;
    if (performance.now() - startedAtMs > MAX_MS) return;
    if (outage === null && delivered >= total / 3) {
      if (session !== null) {
        print(`  ${say(DEMO.sessionEnds)}`, "red");
        session.end();
      }
      outage = takeDown(simulator, say);
    }
    await sleep(LOOK_INTERVAL_MS);
  }
}

async function takeDown(simulator: SimulatorServer, say: Say): Promise<void> {
  print(`  ${say(DEMO.down, { seconds: OUTAGE_MS / 1000 })}`, "red");
  await simulator.down();
  await sleep(OUTAGE_MS);
  await simulator.up();
  print(`  ${say(DEMO.back)}`, "green");
}
