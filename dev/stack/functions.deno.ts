// Serves every folder of supabase/functions that has an index.ts, under /<name>, as the hosted edge runtime does:
// `Deno.serve(handler)` or `export default { fetch }`. Run by Deno; functions-process.ts starts it and reads its
// reports, one line of JSON behind REPORT_PREFIX on stdout each.
import { AsyncLocalStorage } from "node:async_hooks";
import process from "node:process";

type Handler = (request: Request, info?: unknown) => Response | Promise<Response>;

/** One call of a function: the handler and everything that it handed to EdgeRuntime.waitUntil. */
interface Call {
  name: string;
  background: Set<Promise<unknown>>;
  isAlone: boolean;
}

const REPORT_PREFIX = "::dev-stack::";
/** How long a process that is told to end waits for background work, whose calls are then cut off. */
const GRACE_MS = 500;

const functionsDir = Deno.args[0]!;
const report = (event: Record<string, unknown>): void => console.log(REPORT_PREFIX + JSON.stringify(event));
const answer = (status: number, code: string, message: string): Response =>
  Response.json({ code, message }, { status });

const currentCall = new AsyncLocalStorage<Call>();
const activeCalls = new Set<Call>();
/** Work started while a module was loading, outside of any call. */
const looseWork = new Set<Promise<unknown>>();

Object.assign(globalThis, {
  EdgeRuntime: {
    waitUntil(work: Promise<unknown>): Promise<unknown> {
      const kept = currentCall.getStore()?.background ?? looseWork;
      const settled = Promise.resolve(work)
        .catch((error) => console.error("EdgeRuntime.waitUntil: the promise was rejected:", error))
        .finally(() => kept.delete(settled));
      kept.add(settled);
      return work;
    },
  },
});

const realServe = Deno.serve.bind(Deno);
let captured: Handler | undefined;
Object.defineProperty(Deno, "serve", {
  configurable: true,
  value: (first: Handler | { handler?: Handler }, second?: Handler) => {
    captured = typeof first === "function" ? first : (second ?? first.handler);
    return { finished: new Promise(() => {}), shutdown: () => Promise.resolve(), ref() {}, unref() {} };
  },
});

async function loadHandler(name: string): Promise<Handler> {
  captured = undefined;
  const module = await import(new URL(`file://${functionsDir}/${name}/index.ts`).href);
  const handler = captured ?? module.default?.fetch?.bind(module.default);
  if (handler === undefined) throw new Error("neither Deno.serve nor export default { fetch }");
  return handler;
}

/** Each by its first call, as the platform boots a function: hardly any run needs all of them, and all take a second. */
const loading = new Map<string, Promise<Handler>>();
/** One at a time, since a module's call of Deno.serve does not say whose it is. */
let lastLoad: Promise<unknown> = Promise.resolve();
let loadingCount = 0;

/** A function that does not load fails alone, with BOOT_ERROR at each call; the others are served. */
function handlerOf(name: string): Promise<Handler> {
  const known = loading.get(name);
  if (known !== undefined) return known;
  const load = lastLoad
    .then(() => loadHandler(name))
    .catch((error): Handler => {
      console.error(`${name} did not load:`, error);
      return () => answer(503, "BOOT_ERROR", "Function failed to start (please check logs)");
    })
    .finally(() => {
      loadingCount -= 1;
    });
  loadingCount += 1;
  // What is loaded costs CPU that is not theirs.
  for (const call of activeCalls) call.isAlone = false;
  loading.set(name, load);
  lastLoad = load;
  return load;
}

function functionNames(): Set<string> {
  const names = [...Deno.readDirSync(functionsDir)]
    .filter((entry) => entry.isDirectory && /^[A-Za-z][A-Za-z0-9_-]*$/.test(entry.name))
    .map((entry) => entry.name);
  const hasIndex = (name: string): boolean =>
    [...Deno.readDirSync(`${functionsDir}/${name}`)].some((entry) => entry.name === "index.ts");
  return new Set(names.filter(hasIndex).sort());
}

async function serveCall(name: string, request: Request): Promise<Response> {
  report({ event: "begin", name });
  const handler = await handlerOf(name);
  const call: Call = { name, background: new Set(), isAlone: activeCalls.size === 0 && loadingCount === 0 };
  for (const other of activeCalls) other.isAlone = false;
  activeCalls.add(call);
  const startedAt = Date.now();
  const startedMs = performance.now();
  const cpuBefore = process.cpuUsage();
  let response: Response;
  try {
    response = await currentCall.run(call, () => handler(request));
  } catch (error) {
    console.error(`${name}:`, error);
    response = answer(500, "WORKER_ERROR", "Function exited due to an error (please check logs)");
  }
  void settle(call).then(() => {
    const cpu = process.cpuUsage(cpuBefore);
    activeCalls.delete(call);
    const wallMs = performance.now() - startedMs;
    const cpuMs = (cpu.user + cpu.system) / 1000;
    const { status } = response;
    report({ event: "call", call: { name, status, startedAt, wallMs, cpuMs, alone: call.isAlone } });
  });
  return response;
}

/** Background work may start more of it, so the set is looked at until it stays empty. */
async function settle(call: Call): Promise<void> {
  while (call.background.size > 0) await Promise.all(call.background);
}

let isEnding = false;
async function end(): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  globalThis.dispatchEvent(new CustomEvent("beforeunload", { detail: { reason: "termination" } }));
  const idle = Promise.all([...activeCalls].map(settle));
  await Promise.race([idle, new Promise((resolve) => setTimeout(resolve, GRACE_MS))]);
  Deno.exit(0);
}
Deno.addSignalListener("SIGTERM", () => void end());

const names = functionNames();
realServe(
  {
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }) => report({ event: "ready", port, names: [...names] }),
  },
  (request) => {
    const name = new URL(request.url).pathname.split("/")[1] ?? "";
    if (!names.has(name)) return answer(404, "NOT_FOUND", "Requested function was not found");
    return serveCall(name, request);
  },
);

// Stdin closes when the parent goes, however it goes.
for await (const _ of Deno.stdin.readable);
await end();
