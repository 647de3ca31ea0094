import { execFile } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
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
const SWITCHED_ON = { AMOCRM_SUBDOMAIN: "bench", AMOCRM_ACCESS_TOKEN: "bench" };

interface Call {
  name: string;
  slug: string;
  request: { method: string; headers: Record<string, string>; body?: string };
  status: number;
  variables?: Readonly<Record<string, string>>;
  /** What the Data API answers to a function of SQL by its name; then it is measured until the work behind the answer ended. */
  answers?: Readonly<Record<string, unknown>>;
}

/** First what can be answered without a database. */
const CALLS: readonly Call[] = [
  {
    name: "form-submit",
    slug: "form-submit",
    request: { method: "POST", headers: { "content-type": "application/json" }, body: "{}" },
    status: 503,
  },
  { name: "amocrm-drain", slug: "amocrm-drain", request: CRON, status: 202 },
  { name: "amocrm-pull", slug: "amocrm-pull", request: CRON, status: 202 },
  { name: "message-drain", slug: "message-drain", request: CRON, status: 503 },
  {
    name: "amocrm-drain until it has ended: switched off",
    slug: "amocrm-drain",
    request: CRON,
    status: 202,
    answers: {},
  },
  {
    name: "amocrm-drain until it has ended: another drain is at work",
    slug: "amocrm-drain",
    request: CRON,
    status: 202,
    variables: SWITCHED_ON,
    answers: { amocrm_drain_begin: "busy" },
  },
  {
    name: "amocrm-drain until it has ended: nothing is due",
    slug: "amocrm-drain",
    request: CRON,
    status: 202,
    variables: SWITCHED_ON,
    answers: {
      amocrm_drain_begin: "granted",
      amocrm_drain_claim: {
        configuration: {
          settings: {
            min_interval_ms: 150,
            batch_size: 50,
            patch_batch_size: 50,
            note_batch_size: 250,
            batch_size_in_force: null,
            most_looks: 3,
            most_unclear_looks: 3,
            allow_stage_backwards: false,
          },
          routes: [],
          stages: [],
          fields: [],
          pipelines: [],
        },
        mirror: {
          isComplete: true,
          askedAt: "2026-12-01T00:00:00Z",
          changedUntil: null,
          clockOffsetMs: 0,
          ageMs: 0,
        },
        doubts: [],
        troubles: [],
        messages: [],
      },
      amocrm_drain_end: false,
      amocrm_drain_look_again: false,
    },
  },
];

const Measured = z.object({
  answers: z.array(z.object({ status: z.int(), ms: z.number() })),
});

/** CPU until a new worker's first answer, loading included, and for the second one: counts that a busy machine bends least. */
export async function benchColdStart({ isQuick, say }: BenchOptions): Promise<Report> {
  const denoDir = fs.mkdtempSync(path.join(os.tmpdir(), "bench-cold-start-"));
  const api = await startDataApi();
  try {
    const runs = isQuick ? 3 : RUNS;
    const taken = CALLS.map(() => ({ cold: [] as number[], warm: [] as number[] }));
    // The first turn fills Deno's cache and is not counted.
    for (let turn = 0; turn <= runs; turn++) {
      say(`cold start: turn ${turn} of ${runs}`);
      for (const [index, call] of CALLS.entries()) {
        api.answerWith(call.answers ?? {});
        const [cold, warm] = (await run(denoDir, call, api.url)).answers;
        if (cold?.status !== call.status) throw new Error(`${call.name} answered ${cold?.status}`);
        const { failed, unasked } = api.seen();
        if (call.answers !== undefined && (failed.length > 0 || unasked.length > 0)) {
          throw new Error(`${call.name}: ${failed.join("; ")}, never asked for: ${unasked.join(", ")}`);
        }
        if (turn === 0) continue;
        taken[index]?.cold.push(cold.ms);
        taken[index]?.warm.push(warm?.ms ?? Number.NaN);
      }
    }
    const figure = (times: number[] = []): string => ms(median(times));
    return {
      title: "CPU until an edge function answers, ms",
      head: ["", "cold", "warm"],
      rows: CALLS.map(({ name }, index) => [name, figure(taken[index]?.cold), figure(taken[index]?.warm)]),
      ratios: [
        {
          name: "the drain's code until its answer against form-submit's",
          value: median(taken[1]?.cold ?? []) / median(taken[0]?.cold ?? []),
          max: 2,
        },
      ],
      remarks: [
        "Cold: a new Deno process loads the function and answers; Deno's own start is not in it, its compiled code is cached. Warm: the second call. Medians.",
        "zod is the largest part of each. What a drain or pull needs for its work, some hundred and fifty modules of ours, is loaded behind the answer: by a drain if it is given the lease, by a pull if it is configured.",
        "Until it has ended: with the work behind the answer, which asks a stand-in of the Data API.",
      ],
    };
  } finally {
    await api.close();
    fs.rmSync(denoDir, { recursive: true, force: true });
  }
}

interface DataApi {
  url: string;
  answerWith(answers: Readonly<Record<string, unknown>>): void;
  /** Heartbeats that told of a failure, and functions that nobody has called, since the answers were set. */
  seen(): { failed: string[]; unasked: string[] };
  close(): Promise<void>;
}

/** Answers functions of SQL by their names, and others with nothing. */
async function startDataApi(): Promise<DataApi> {
  let answers: Readonly<Record<string, unknown>> = {};
  let failed: string[] = [];
  let unasked = new Set<string>();
  const server = http.createServer(async (request, response) => {
    const name = request.url?.split("/").at(-1) ?? "";
    const body = await text(request);
    if (name === "amocrm_heartbeat" && body.includes('"failed"')) failed.push(body);
    unasked.delete(name);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answers[name] ?? null));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answerWith(given) {
      answers = given;
      failed = [];
      unasked = new Set(Object.keys(given));
    },
    seen: () => ({ failed, unasked: [...unasked] }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function run(
  denoDir: string,
  { slug, request, variables, answers }: Call,
  dataApiUrl: string,
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
      JSON.stringify({ url, request, isUntilEnd: answers !== undefined }),
    ],
    {
      cwd: ROOT,
      env: {
        PATH: process.env["PATH"] ?? "",
        NO_COLOR: "1",
        DENO_DIR: denoDir,
        SUPABASE_URL: answers === undefined ? "http://127.0.0.1:9" : dataApiUrl,
        SUPABASE_SECRET_KEYS: JSON.stringify({ default: SECRET }),
        SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: "sb_publishable_bench" }),
        ...(variables ?? { AMOCRM_ENABLED: "false" }),
      },
    },
  );
  return Measured.parse(JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));
}
