import { setTimeout as sleep } from "node:timers/promises";
import type postgres from "postgres";
import type { SimulatorServer } from "../amocrm-simulator/server.ts";
import { bar, say } from "./console.ts";

/** How long amoCRM is gone in the middle. */
const OUTAGE_MS = 4_000;
/** Far above what it takes; past it something is wrong and the report says what. */
const LONGEST_MS = 50_000;
const LOOK_INTERVAL_MS = 1_000;

/** Shows the queue while it drains, and takes the simulator away when a third has arrived. */
export async function followDelivery(
  sql: postgres.Sql,
  simulator: SimulatorServer,
  total: number,
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
    const line = `  ${bar(delivered, total)}  ${verdict}${problem ? `: ${problem}` : ""}`;
    if (line !== shown) say(line);
    shown = line;
    if (delivered + dead >= total) return;
    if (performance.now() - startedAtMs > LONGEST_MS) return;
    if (outage === null && delivered >= total / 3) outage = takeDown(simulator);
    await sleep(LOOK_INTERVAL_MS);
  }
}

async function takeDown(simulator: SimulatorServer): Promise<void> {
  say(`  amoCRM goes down for ${OUTAGE_MS / 1000} s. Forms are still accepted; messages wait.`, "red");
  await simulator.down();
  await sleep(OUTAGE_MS);
  await simulator.up();
  say("  amoCRM is back. The next probe of the breaker will find it.", "green");
}
