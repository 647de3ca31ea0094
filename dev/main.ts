/** `npm run dev`: the whole stack on this machine, staying up until it is told to stop. */
import fs from "node:fs";
import path from "node:path";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { languageFlagOf, languageOf } from "#cli/language/choose.ts";
import { usageText } from "#cli/program/usage.ts";
import { same, sayIn, type Text } from "#shared/platform/text.ts";
import type { PageServer } from "./pages/server.ts";
import type { ResendServer } from "./resend-simulator/server.ts";
import { startSms } from "./simulated-mobizon.ts";
import { startMailings } from "./simulated-unisender.ts";
import { type LocalAccount, makeAccounts } from "./stack/command/accounts.ts";
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
import { contentOf } from "./stack/command/stack-content.ts";
import { readStackFile, removeStackFile, writeStackFile } from "./stack/command/stack-file.ts";
import { freePort } from "./stack/postgres/free-port.ts";
import { processExists } from "./stack/postgres/process-exists.ts";
import { type Stack, type StackOptions, startStack } from "./stack/stack.ts";
import { DEV } from "./words/dev.ts";

interface Flags {
  keep?: boolean;
  port?: number;
  stackFile?: string;
  dbUrl?: string;
  oauth?: boolean;
  traffic?: boolean;
}

const ROOT = path.join(import.meta.dirname, "..");
const PARENT_POLL_MS = 1_000;

/** A language that nobody speaks here is answered in the shell's. */
const flag = languageFlagOf(process.argv);
const language = languageOf(flag === "en" || flag === "ru" ? flag : undefined, process.env);
const say = sayIn(language);
const TITLES: Readonly<Record<string, Text>> = { "Usage:": DEV.usage, "Options:": DEV.options };

const command = new Command("npm run dev --")
  .description(say(DEV.description))
  .configureHelp({ styleTitle: (title) => say(TITLES[title] ?? same(title)) })
  .helpOption("-h, --help", say(DEV.helpFlag))
  .option("--keep", say(DEV.keep))
  .option("--port <number>", say(DEV.port), parsePort)
  .option("--stack-file <path>", say(DEV.stackFile))
  .option("--db-url <url>", say(DEV.dbUrl), parseDbUrl)
  .option("--oauth", say(DEV.oauth))
  .option("--traffic", say(DEV.traffic))
  .option("--lang <en|ru>", say(DEV.lang))
  .addHelpText("after", say(DEV.help))
  .exitOverride()
  .configureOutput({ writeErr: () => {} })
  .action((flags: Flags) => run(flags));

try {
  await command.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  if (error.exitCode !== 0) console.error(`✗ ${say(usageText(error))}`);
  process.exitCode = error.exitCode;
}

/** Starts everything, then returns; the servers and timers keep the process up. */
async function run(flags: Flags): Promise<void> {
  const stackFile = path.resolve(flags.stackFile ?? ".dev/stack.json");
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
      throw new Error(say(DEV.oauthOutside));
    }
    // Made-up people have no place in anybody's account.
    if (flags.traffic && outsideUrl !== undefined) {
      throw new Error(say(DEV.trafficOutside));
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
    const mobizon = await startSms(variables, ends);
    functionEnv = { ...functionEnv, ...mail.functionEnv, ...mobizon?.functionEnv };
    const unisender = await startMailings(variables, functionEnv["MAIL_FROM"], ends);
    functionEnv = { ...functionEnv, ...unisender?.functionEnv };
    const dataDir = flags.keep && flags.dbUrl === undefined ? keptDataDir(ROOT) : undefined;
    let stack: Stack | undefined;
    let accounts: LocalAccount[] = [];
    const { managersUrl, dashboardUrl, cardUrl } = mail.pages;
    const pages = { managersUrl, dashboardUrl, cardUrl };
    const mailUrl = mail.resend?.url;
    const publish = (): void => {
      // Not before all is up: whoever waits for the file goes on at once.
      if (stack && accounts.length > 0)
        writeStackFile(
          stackFile,
          contentOf(stack, {
            amocrmUrl,
            pages,
            resendUrl: mailUrl,
            mobizonUrl: mobizon?.url,
            unisenderUrl: unisender?.url,
            accounts,
          }),
        );
    };
    stack = await startStack({
      ...optionsOf(flags, dataDir),
      functionEnv,
      // Mail goes out and captchas are checked as well once a key is set, whichever amoCRM is behind.
      allowNet:
        outsideUrl !== undefined ||
        mail.resend === undefined ||
        mobizon === undefined ||
        unisender === undefined ||
        "TURNSTILE_SECRET_KEY" in variables
          ? "all"
          : "loopback",
      onRestart: (part, pid) => {
        console.log(say(DEV.restarted, { part, pid }));
        publish();
      },
    });
    ends.push(stack.stop);
    mail.pages.workOn({ url: stack.url, publishableKey: stack.publishableKey });
    mail.resend?.simulator.eventsTo(`${stack.functionsUrl}/mail-webhook`);
    accounts = await makeAccounts(stack);
    publish();
    if (flags.traffic) {
      const [{ startTraffic }, { pickSubmissions }] = await Promise.all([
        import("./traffic.ts"),
        import("./demo/submissions.ts"),
      ]);
      const traffic = await startTraffic(
        stack,
        pickSubmissions().map(({ input }) => input),
      );
      ends.push(() => traffic.stop());
    }
    ends.push(watchSecrets(secretsFile, (secrets) => void applySecrets(stack, functionEnv, secrets)));
    console.log(
      bannerOf(
        {
          stack,
          amocrmUrl,
          isSimulator: outsideUrl === undefined,
          mailUrl,
          ...pages,
          accounts,
          stackFile,
          secretsFile,
          isOauth: flags.oauth === true,
          dataDir,
          isOutsideDatabase: flags.dbUrl !== undefined,
        },
        language,
      ),
    );
  } catch (error) {
    console.error(say(DEV.notStarted, { reason: error instanceof Error ? error.message : String(error) }));
    await shutDown(1);
  }
}

/** Names only are printed: the values are secrets. */
async function applySecrets(stack: Stack, variables: Variables, secrets: Secrets): Promise<void> {
  const names = (list: readonly string[]): string => (list.length === 0 ? say(DEV.nothing) : list.join(", "));
  console.log(say(DEV.variables, { set: names(Object.keys(secrets.set)), unset: names(secrets.unset) }));
  if (secrets.ignored.length > 0) {
    console.warn(say(DEV.fixed, { names: names(secrets.ignored) }));
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
    onAuthMail: ({ to, link }) => console.log(say(DEV.authMail, { to, link })),
    ...(port === undefined ? {} : { port }),
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(dbUrl === undefined
      ? {}
      : { database: (user: string = "postgres") => dbUrl.replaceAll("{user}", user) }),
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
  console.warn(say(DEV.replaced, { pid: other.pids.dev, file: stackFile }));
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
  throw new InvalidArgumentError(say(DEV.badPort));
}

function parseDbUrl(text: string): string {
  const url = text.replace(/%7Buser%7D/i, "{user}");
  if (/^postgres(ql)?:\/\//.test(url) && url.includes("{user}")) return url;
  throw new InvalidArgumentError(say(DEV.badDbUrl));
}
