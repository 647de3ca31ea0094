import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";
import { denoBinary } from "#dev/stack/deno-binary.ts";
import { ROOT } from "./bench-server.ts";
import { ms } from "./format.ts";
import type { BenchOptions, Report } from "./options.ts";
import { median } from "./percentile.ts";

const RUNS = 9;
const SECRET = "sb_secret_bench";
const CRON = { method: "POST", headers: { apikey: SECRET } };
/** Each is asked for what it can answer without a database. */
const CALLS: readonly {
  slug: string;
  request: { method: string; headers: Record<string, string>; body?: string };
  status: number;
}[] = [
  {
    slug: "form-submit",
    request: { method: "POST", headers: { "content-type": "application/json" }, body: "{}" },
    status: 503,
  },
  { slug: "amocrm-drain", request: CRON, status: 202 },
  { slug: "amocrm-pull", request: CRON, status: 202 },
  { slug: "message-drain", request: CRON, status: 503 },
];

const Measured = z.object({
  answers: z.array(z.object({ status: z.int(), ms: z.number() })),
});

/** CPU until a new worker's first answer, loading included, and for the second one: counts that a busy machine bends least. */
export async function benchColdStart({ isQuick, say }: BenchOptions): Promise<Report> {
  const denoDir = fs.mkdtempSync(path.join(os.tmpdir(), "bench-cold-start-"));
  try {
    const runs = isQuick ? 3 : RUNS;
    const taken = CALLS.map(() => ({ cold: [] as number[], warm: [] as number[] }));
    // The first turn fills Deno's cache and is not counted.
    for (let turn = 0; turn <= runs; turn++) {
      say(`cold start: turn ${turn} of ${runs}`);
      for (const [index, call] of CALLS.entries()) {
        const [cold, warm] = (await run(denoDir, call)).answers;
        if (cold?.status !== call.status) throw new Error(`${call.slug} answered ${cold?.status}`);
        if (turn === 0) continue;
        taken[index]?.cold.push(cold.ms);
        taken[index]?.warm.push(warm?.ms ?? Number.NaN);
      }
    }
    const figure = (times: number[] = []): string => ms(median(times));
    return {
      title: "CPU until an edge function answers, ms",
      head: ["", "cold", "warm"],
      rows: CALLS.map(({ slug }, index) => [slug, figure(taken[index]?.cold), figure(taken[index]?.warm)]),
      ratios: [
        {
          name: "the drain's code until its answer against form-submit's",
          value: median(taken[1]?.cold ?? []) / median(taken[0]?.cold ?? []),
          max: 3.5,
        },
      ],
      remarks: [
        "Cold: a new Deno process loads the function and answers; Deno's own start is not in it, its compiled code is cached. Warm: the second call. Medians.",
        "zod is the largest part of form-submit, our own two hundred modules that of a drain. Functions that nobody signs in to load only the part of supabase-js that asks the Data API.",
      ],
    };
  } finally {
    fs.rmSync(denoDir, { recursive: true, force: true });
  }
}

async function run(
  denoDir: string,
  { slug, request }: (typeof CALLS)[number],
): Promise<z.infer<typeof Measured>> {
  const functions = path.join(ROOT, "supabase/functions");
  const url = pathToFileURL(path.join(functions, slug, "index.ts")).href;
  const { stdout } = await promisify(execFile)(
    denoBinary(),
    [
      "run",
      "--no-prompt",
      "--no-lock",
      "--cached-only",
      "--node-modules-dir=manual",
      "--allow-all",
      "--config",
      path.join(functions, "deno.json"),
      path.join(import.meta.dirname, "cold-start.deno.ts"),
      JSON.stringify({ url, request }),
    ],
    {
      cwd: ROOT,
      env: {
        PATH: process.env["PATH"] ?? "",
        NO_COLOR: "1",
        DENO_DIR: denoDir,
        SUPABASE_URL: "http://127.0.0.1:9",
        SUPABASE_SECRET_KEYS: JSON.stringify({ default: SECRET }),
        SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: "sb_publishable_bench" }),
        AMOCRM_ENABLED: "false",
      },
    },
  );
  return Measured.parse(JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));
}
