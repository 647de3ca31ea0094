/** `npm run start:playwright`: the session service, for accounts without a token (docs/areas/session.md). */
import type { ServiceLog } from "./session/port.ts";
import { parseServiceSettings } from "./settings.ts";
import { startService } from "./start.ts";

const PARENT_POLL_MS = 1_000;

const log: ServiceLog = (event, facts) =>
  console.log(JSON.stringify({ at: new Date().toISOString(), event, ...facts }));

const parsed = parseServiceSettings(process.env);
if (parsed.ok) await run();
else {
  for (const problem of parsed.problems) console.error(problem);
  process.exitCode = 2;
}

async function run(): Promise<void> {
  if (!parsed.ok) return;
  const { settings } = parsed;
  // Whatever is started from here on, a browser above all, is not told.
  for (const name of ["AMOCRM_PASSWORD", "AMOCRM_PLAYWRIGHT_SECRET"]) delete process.env[name];
  let service: Awaited<ReturnType<typeof startService>>;
  try {
    service = await startService(settings, log);
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    console.error(
      code === "EADDRINUSE"
        ? `Port ${settings.port} is taken: set PORT`
        : `It did not start: ${String(code)}`,
    );
    process.exitCode = 1;
    return;
  }
  let isEnding = false;
  const end = (): void => {
    // Who asks twice does not wait for order.
    if (isEnding) process.exit(1);
    isEnding = true;
    void service.stop().then(() => process.exit(0));
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, end);
  if (process.env["npm_lifecycle_event"] === undefined) return;
  // A killed npm takes nobody with it: the parent then changes.
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || isEnding || end(), PARENT_POLL_MS).unref();
}
