import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, startBenchServer } from "./bench-server.ts";
import type { BenchOptions, Report } from "./options.ts";

const POLL_MS = 100;
const TOKEN = "00000000-0000-4000-8000-000000000002";

/** S8: a worker is killed with a message in its hands; how long until another one has it? */
export async function benchCrash({ say }: BenchOptions): Promise<Report> {
  say("crash: a drain is killed, the next one waits for its lease");
  const seconds = await measureOurs();
  return {
    title: "From a worker's death to its message in other hands",
    head: ["", "ours", "graphile-worker", "pg-boss"],
    rows: [
      ["killed with SIGKILL", `${seconds.toFixed(1)} s`, "4 h", "15 to 16 min"],
      ["how it is known", "measured", "its source", "its source"],
    ],
    remarks: [
      "Ours: a process takes the drain lease (15 s, renewed with each slot) and a message and is killed; another drain asks ten times a second. On a live system the next tick of cron comes up to 10 s later.",
      "graphile-worker: dist/sql/resetLockedAt.js frees what was locked for 4 hours (its Pro edition has a heartbeat). pg-boss: a job expires after expireInSeconds, 900 by default, and is looked for each 60 s (a heartbeat of 10 s or more can be asked for per queue).",
      "A peer may set pg-boss's expiry lower; then a job that takes longer than that runs twice. Ours is renewed by a sign of life, so a slow drain keeps its lease.",
    ],
  };
}

async function measureOurs(): Promise<number> {
  const server = await startBenchServer();
  const sql = connect(server.oursUrl);
  try {
    await sql`insert into public.unified_lead_tracking (email) values ('crash@bench.example')`;
    const holder = spawn(
      process.execPath,
      [path.join(import.meta.dirname, "crash-holder.ts"), server.oursUrl],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const [said] = (await once(holder.stdout, "data")) as [Buffer];
    if (said.toString().trim() !== "claimed") throw new Error("The holder got no message");
    holder.kill("SIGKILL");
    await once(holder, "exit");
    const killedAt = performance.now();
    for (;;) {
      const [begun] = await sql`select amocrm.begin_drain('amocrm', ${TOKEN}) as outcome`;
      if (begun?.["outcome"] === "granted") break;
      await sleep(POLL_MS);
    }
    const claimed = await sql`select id from amocrm.claim('amocrm', ${TOKEN}, 1)`;
    if (claimed.length !== 1) throw new Error("The next drain did not get the message");
    return (performance.now() - killedAt) / 1000;
  } finally {
    await sql.end();
    await server.stop();
  }
}
