/** `npm run dev`: the whole stack on this machine, staying up until it is told to stop. */
import fs from "node:fs";
import path from "node:path";
import { Command, InvalidArgumentError } from "commander";
import type { PageServer } from "./pages/server.ts";
import type { ResendServer } from "./resend-simulator/server.ts";
import { bannerOf } from "./stack/command/banner.ts";
import { outsideAmocrmUrl, pickFunctionVariables } from "./stack/command/function-variables.ts";
import { keptDataDir } from "./stack/command/kept-data.ts";
import {
  type Secrets,
  secretsFileOf,
  type Variables,
  watchSecrets,
  withSecrets,
} from "./stack/command/secrets-file.ts";
import { readStackFile, removeStackFile, writeStackFile } from "./stack/command/stack-file.ts";
import { freePort } from "./stack/postgres/free-port.ts";
import { processExists } from "./stack/postgres/process-exists.ts";
import { type Stack, type StackOptions, startStack } from "./stack/stack.ts";

interface Flags {
  keep?: boolean;
  port?: number;
  stackFile: string;
  dbUrl?: string;
  oauth?: boolean;
}

const ROOT = path.join(import.meta.dirname, "..");
const PARENT_POLL_MS = 1_000;

const command = new Command("npm run dev --")
  .description(
    "Starts Postgres, the API, the edge functions under Deno and an amoCRM simulator, and stays up.",
  )
  .option("--keep", "keep the database in .dev/data; default: empty at each start")
  .option("--port <number>", "port of the API; default: a free one", parsePort)
  .option("--stack-file <path>", "where to write the addresses, keys and process ids", ".dev/stack.json")
  .option(
    "--db-url <url>",
    "an outside Postgres with the real extensions; {user} in it stands for the role",
    parseDbUrl,
  )
  .option("--oauth", "give the functions an integration instead of a token, to try npm run amocrm -- connect")
  .addHelpText(
    "after",
    `
Variables of the functions (AMOCRM_*, RESEND_*, MAIL_*, WELCOME_PAGE_URL, ADMIN_EMAIL) are taken from the environment.
While it runs, .dev/stack.json.env stands for supabase secrets set: NAME=value sets one, NAME= takes one away, at the next second.
With AMOCRM_BASE_URL or AMOCRM_SUBDOMAIN set no simulator is started: leads go to that account.
With RESEND_API_KEY or RESEND_BASE_URL set real mails go out; else a simulator takes them and shows them.

Examples:
  npm run dev
  npm run dev -- --keep --port 54321
  npm run dev -- --oauth
  npm run dev -- --stack-file /tmp/second.json
  npm run dev -- --db-url 'postgresql://{user}:postgres@127.0.0.1:54322/postgres'
  AMOCRM_SUBDOMAIN=company AMOCRM_ACCESS_TOKEN=… npm run dev`,
  )
  .action((flags: Flags) => run(flags));

await command.parseAsync();

/** Starts everything, then returns; the servers and timers keep the process up. */
async function run(flags: Flags): Promise<void> {
  const stackFile = path.resolve(flags.stackFile);
  announceReplaced(stackFile);
  const secretsFile = secretsFileOf(stackFile);
  for (const file of [stackFile, secretsFile]) fs.rmSync(file, { force: true });

  const ends: (() => Promise<unknown> | unknown)[] = [];
  const shutDown = once(async (exitCode: number) => {
    if (removeStackFile(stackFile, process.pid)) fs.rmSync(secretsFile, { force: true });
    for (const end of ends.reverse()) {
      try {
        await end();
      } catch (error) {
        console.error(error);
      }
    }
    process.exit(exitCode);
  });
  endWithTheProcess(shutDown);

  try {
    const variables = pickFunctionVariables(process.env);
    const outsideUrl = outsideAmocrmUrl(variables);
    if (flags.oauth && outsideUrl !== undefined) {
      throw new Error("--oauth is for the simulator: unset AMOCRM_BASE_URL and AMOCRM_SUBDOMAIN.");
    }
    let amocrmUrl = outsideUrl ?? "";
    let functionEnv = variables;
    if (outsideUrl === undefined) {
      const { startSimulatedAmocrm } = await import("./simulated-amocrm.ts");
      if (flags.oauth) flags.port ??= await freePort();
      const functionsUrl = `http://127.0.0.1:${flags.port}/functions/v1`;
      const amocrm = await startSimulatedAmocrm(flags.oauth ? { functionsUrl } : undefined);
      ends.push(() => amocrm.close());
      amocrmUrl = amocrm.url;
      functionEnv = { AMOCRM_ENABLED: "true", ...variables, ...amocrm.functionEnv };
    }
    const mail = await startMail(variables, ends);
    functionEnv = { ...functionEnv, ...mail.functionEnv };
    const dataDir = flags.keep && flags.dbUrl === undefined ? keptDataDir(ROOT) : undefined;
    let stack: Stack | undefined;
    const publish = (): void => {
      if (stack) writeStackFile(stackFile, contentOf(stack, amocrmUrl));
    };
    stack = await startStack({
      ...optionsOf(flags, dataDir),
      functionEnv,
      // Mail goes out and captchas are checked as well once a key is set, whichever amoCRM is behind.
      allowNet:
        outsideUrl !== undefined || mail.resend === undefined || "TURNSTILE_SECRET_KEY" in variables
          ? "all"
          : "loopback",
      onRestart: (part, pid) => {
        console.log(`${part} ended and is up again (process ${pid})`);
        publish();
      },
    });
    ends.push(stack.stop);
    mail.pages.workOn({ url: stack.url, publishableKey: stack.publishableKey });
    mail.resend?.simulator.eventsTo(`${stack.functionsUrl}/mail-webhook`);
    publish();
    ends.push(watchSecrets(secretsFile, (secrets) => void applySecrets(stack, functionEnv, secrets)));
    const isSimulator = outsideUrl === undefined;
    const isOutsideDatabase = flags.dbUrl !== undefined;
    const mailUrl = mail.resend?.url;
    const { managersUrl } = mail.pages;
    console.log(
      bannerOf({
        stack,
        amocrmUrl,
        isSimulator,
        mailUrl,
        managersUrl,
        stackFile,
        secretsFile,
        isOauth: flags.oauth === true,
        dataDir,
        isOutsideDatabase,
      }),
    );
  } catch (error) {
    console.error(`The stack did not start. ${error instanceof Error ? error.message : error}`);
    await shutDown(1);
  }
}

/** Names only are printed: the values are secrets. */
async function applySecrets(stack: Stack, variables: Variables, secrets: Secrets): Promise<void> {
  const names = (list: readonly string[]): string => (list.length === 0 ? "nothing" : list.join(", "));
  console.log(
    `Variables: ${names(Object.keys(secrets.set))} set, ${names(secrets.unset)} taken away. The functions start again.`,
  );
  if (secrets.ignored.length > 0) {
    console.warn(
      `${names(secrets.ignored)}: only in the environment of npm run dev, which says where leads go`,
    );
  }
  await stack.setFunctionEnv(withSecrets(variables, secrets));
}

interface Mail {
  pages: PageServer;
  /** Undefined when real mails go out. */
  resend: ResendServer | undefined;
  functionEnv: Record<string, string>;
}

/** The pages, and a simulated Resend unless the variables name a real one. */
async function startMail(
  variables: Record<string, string>,
  ends: (() => Promise<unknown> | unknown)[],
): Promise<Mail> {
  const { startPages } = await import("./pages/server.ts");
  const pages = await startPages();
  ends.push(() => pages.close());
  const ours = { WELCOME_PAGE_URL: pages.welcomeUrl, ...variables };
  if ("RESEND_API_KEY" in variables || "RESEND_BASE_URL" in variables) {
    return { pages, resend: undefined, functionEnv: ours };
  }
  const { startResend } = await import("./resend-simulator/server.ts");
  const resend = await startResend();
  ends.push(() => resend.close());
  return { pages, resend, functionEnv: { ...resend.functionEnv, WELCOME_PAGE_URL: ours.WELCOME_PAGE_URL } };
}

function optionsOf(flags: Flags, dataDir: string | undefined): StackOptions {
  const { dbUrl, port } = flags;
  return {
    root: ROOT,
    onLog: (line) => console.log(line),
    ...(port === undefined ? {} : { port }),
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(dbUrl === undefined
      ? {}
      : { database: (user: string = "postgres") => dbUrl.replaceAll("{user}", user) }),
  };
}

function contentOf(stack: Stack, amocrmUrl: string): Parameters<typeof writeStackFile>[1] {
  const { functions, postgres } = stack.pids;
  return {
    url: stack.url,
    publishableKey: stack.publishableKey,
    secretKey: stack.secretKey,
    dbUrl: stack.dbUrl(),
    functionsUrl: stack.functionsUrl,
    amocrmUrl,
    pids: {
      dev: process.pid,
      ...(functions === undefined ? {} : { functions }),
      ...(postgres === undefined ? {} : { postgres }),
    },
  };
}

/** Ends in order on every way of being stopped; a second Ctrl-C does not wait for order. */
function endWithTheProcess(shutDown: (exitCode: number) => Promise<void>): void {
  const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  for (const [signal, exitCode] of Object.entries(signals)) {
    process.once(signal, () => {
      process.once(signal, () => process.exit(exitCode));
      void shutDown(signal === "SIGINT" || signal === "SIGTERM" ? 0 : exitCode);
    });
  }
  process.on("uncaughtException", (error) => {
    console.error(error);
    void shutDown(1);
  });
  // The reader of our output went away (npm run dev | head, a closed terminal).
  process.stdout.on("error", () => void shutDown(0));
  if (process.env["npm_lifecycle_event"] === undefined) return;
  // npm passes SIGINT and SIGTERM on, but a killed npm takes nobody with it: the parent then changes.
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || void shutDown(0), PARENT_POLL_MS).unref();
}

function announceReplaced(stackFile: string): void {
  const other = readStackFile(stackFile);
  if (other === undefined || !processExists(other.pids.dev)) return;
  console.warn(
    `Another stack is running (process ${other.pids.dev}) and its ${stackFile} is replaced now: pass --stack-file to keep both.`,
  );
}

function once(action: (exitCode: number) => Promise<void>): (exitCode: number) => Promise<void> {
  let running: Promise<void> | undefined;
  return (exitCode) => {
    running ??= action(exitCode);
    return running;
  };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port > 0 && port < 65_536) return port;
  throw new InvalidArgumentError("It must be a number from 1 to 65535.");
}

function parseDbUrl(text: string): string {
  const url = text.replace(/%7Buser%7D/i, "{user}");
  if (/^postgres(ql)?:\/\//.test(url) && url.includes("{user}")) return url;
  throw new InvalidArgumentError(
    "It must begin with postgresql:// and have {user} where the role's name stands, since several roles connect.",
  );
}
