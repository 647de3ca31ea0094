import path from "node:path";
import { createAuthApi } from "./auth-api/handler.ts";
import { createPasswords } from "./auth-api/passwords.ts";
import { createPool } from "./data-api/connection-pool.ts";
import { createDataApi } from "./data-api/handler.ts";
import { functionEnvironment } from "./function-environment.ts";
import { type FunctionsProcess, startFunctions } from "./functions-process.ts";
import type { FunctionCall } from "./functions-report.ts";
import { type GatewayServices, startGateway } from "./gateway/gateway.ts";
import { drawKeys } from "./gateway/keys.ts";
import { migrate, seed } from "./migrate.ts";
import { installNow } from "./migrated-template.ts";
import { openCache, type PostgresMajor } from "./postgres/cache.ts";
import { createClients, withConnection } from "./postgres/client.ts";
import { type PostgresOptions, startPostgres } from "./postgres.ts";
import { readProjectConfig } from "./project-config.ts";
import { writeVaultSecrets } from "./vault-secrets.ts";
import { type CronWorker, startCronWorker } from "./workers/cron-worker.ts";
import { type NetWorker, startNetWorker } from "./workers/net-worker.ts";

export interface StackOptions {
  /** The project's folder, which has `supabase/` in it. */
  root: string;
  /** The functions' own variables, like `supabase secrets set`; nothing of the shell's reaches them otherwise. */
  functionEnv?: Record<string, string>;
  /** "loopback" (the default) keeps functions off every outside system. */
  allowNet?: "loopback" | "all";
  /** The Deno executable that runs the functions; default: the one of development. */
  deno?: string;
  /** false: no Deno process. */
  functions?: boolean;
  /** false: cron jobs run by `worker.runJob` only. */
  cron?: boolean;
  /** Default: free ones. */
  port?: number;
  dbPort?: number;
  major?: PostgresMajor;
  /** A data directory that outlives the stack. */
  dataDir?: string;
  /** A migrated data directory to begin with (migrated-template.ts), so that no migration is left to apply. */
  dataTemplate?: string;
  /** An outside Postgres with the real extensions: then there is no Postgres, cron or net worker of ours. */
  database?: (user?: string) => string;
  /** Each line that the functions print. */
  onLog?: (line: string) => void;
  /** Each mail that Supabase Auth would send by itself, such as that for a forgotten password. */
  onAuthMail?: (mail: { to: string; link: string }) => void;
  /** Called when a part that died is up again. */
  onRestart?: (part: "functions" | "postgres", pid: number) => void;
}

export interface Stack {
  url: string;
  /** `url` + /functions/v1. */
  functionsUrl: string;
  publishableKey: string;
  secretKey: string;
  /** The named secret key `amocrm_cron`, which Vault's amocrm_cron_key holds. */
  cronKey: string;
  anonKey: string;
  serviceRoleKey: string;
  dbUrl(user?: string, database?: string): string;
  /** The processes' own ids at this moment; undefined where there is none. */
  readonly pids: { functions: number | undefined; postgres: number | undefined };
  /** Undefined with an outside database, whose own extensions do the work. */
  worker: StackWorker | undefined;
  /** Finished calls of functions, oldest first. */
  calls(): FunctionCall[];
  /** Calls that have begun and whose work, background work too, is not finished. */
  openCallCount(): number;
  /** The last lines that the functions printed. */
  functionLog(): string;
  /** Replaces `functionEnv`; the functions start again with it. */
  setFunctionEnv(variables: Record<string, string>): Promise<void>;
  stop(): Promise<void>;
}

interface StackWorker {
  /** Runs one cron job now, as its owner. */
  runJob(jobName: string): Promise<void>;
  /** Resolves when no cron job runs and no queued request is unsent or unanswered. */
  idle(): Promise<void>;
}

const DATA_API_CONNECTIONS = 10;
const AUTH_API_CONNECTIONS = 4;

/**
 * Starts the whole stand-in for a Supabase project: database with migrations, gateway with Data API and Auth API,
 * edge functions in real Deno, cron and net workers. Everything ends with `stop()`, and with this process.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const ends: (() => Promise<unknown>)[] = [];
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= endInReverse(ends);
    return stopping;
  };
  try {
    return await startParts(options, ends, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The latest started ends first, since each part leans on the earlier ones; one that fails spares no other. */
async function endInReverse(ends: (() => Promise<unknown>)[]): Promise<void> {
  const faults: unknown[] = [];
  for (const end of ends.reverse()) await end().catch((error: unknown) => faults.push(error));
  if (faults.length > 0) throw new AggregateError(faults, "not every part of the stack ended cleanly");
}

async function startParts(
  options: StackOptions,
  ends: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<Stack> {
  const { root, database } = options;
  const config = readProjectConfig(root);
  const { keys, tokens } = drawKeys(Math.floor(Date.now() / 1000));
  const server = database ? undefined : await startPostgres(postgresOptions(options));
  if (server) ends.push(() => server.stop());
  const dbUrl = database ?? ((user?: string, name?: string) => server!.url(user, name));

  let services: GatewayServices | undefined;
  const gateway = await startGateway({ port: options.port ?? 0, keys, tokens, services: () => services });
  ends.push(() => gateway.close());
  const { url } = gateway;
  const functionsUrl = `${url}/functions/v1`;
  await withConnection(dbUrl(), async (sql) => {
    await writeVaultSecrets(sql, { amocrm_functions_url: functionsUrl, amocrm_cron_key: keys.cron });
    if (options.dataTemplate !== undefined) await installNow(sql);
  });
  if (options.dataTemplate === undefined) {
    await migrate(dbUrl(), path.join(root, "supabase", "migrations"));
  }
  await seed(dbUrl(), path.join(root, "supabase", "seed.sql"));

  const pool = createPool(dbUrl("authenticator"), DATA_API_CONNECTIONS);
  ends.push(() => pool.close());
  const authClients = createClients(dbUrl("supabase_auth_admin"), "auth-api", AUTH_API_CONNECTIONS);
  ends.push(() => authClients.end());
  const passwordClients = createClients(dbUrl(), "auth-api-passwords", 2);
  ends.push(() => passwordClients.end());
  let functions: FunctionsProcess | undefined;
  services = {
    rest: createDataApi({
      pool,
      schemas: config.api.schemas,
      extraSearchPath: config.api.extra_search_path,
      maxRows: config.api.max_rows,
    }),
    auth: createAuthApi({
      clients: authClients,
      passwords: createPasswords(passwordClients),
      tokens,
      issuer: `${url}/auth/v1`,
      isAutoConfirm: !config.auth.email.enable_confirmations,
      expirySeconds: config.auth.jwt_expiry,
      siteUrl: config.auth.site_url,
      redirectUrls: config.auth.additional_redirect_urls,
      onMail: options.onAuthMail ?? (() => {}),
    }),
    functionsUrl: () => functions?.url,
    verifyJwt: (name) => config.functions[name]?.verify_jwt ?? true,
  };
  const platformEnv = functionEnvironment({ url, dbUrl: dbUrl(), keys, jwks: tokens.jwks() });
  if (options.functions !== false) {
    functions = await startFunctions({
      root,
      env: { ...platformEnv, ...options.functionEnv },
      allowNet: options.allowNet ?? "loopback",
      deno: options.deno,
      denoDir: path.join(openCache(), "deno"),
      onLog: options.onLog,
      onRestart: (pid) => options.onRestart?.("functions", pid),
    });
    const started = functions;
    ends.push(() => started.stop());
  }
  const worker = server ? await startWorkers(options, dbUrl, ends) : undefined;

  return {
    url,
    functionsUrl,
    publishableKey: keys.publishable,
    secretKey: keys.secret,
    cronKey: keys.cron,
    anonKey: keys.anon,
    serviceRoleKey: keys.serviceRole,
    dbUrl,
    get pids() {
      return { functions: functions?.pid, postgres: server?.pid };
    },
    worker,
    calls: () => functions?.calls() ?? [],
    openCallCount: () => functions?.openCallCount() ?? 0,
    functionLog: () => functions?.log().join("\n") ?? "",
    setFunctionEnv: async (variables) => functions?.restart({ ...platformEnv, ...variables }),
    stop,
  };
}

function postgresOptions({ major, dbPort, dataDir, dataTemplate, onRestart }: StackOptions): PostgresOptions {
  return {
    ...(major === undefined ? {} : { major }),
    ...(dbPort === undefined ? {} : { port: dbPort }),
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(dataTemplate === undefined ? {} : { dataTemplate }),
    onRestart: (pid) => onRestart?.("postgres", pid),
  };
}

async function startWorkers(
  options: StackOptions,
  dbUrl: (user?: string, database?: string) => string,
  ends: (() => Promise<unknown>)[],
): Promise<StackWorker> {
  const net: NetWorker = await startNetWorker(dbUrl("supabase_admin"));
  ends.push(() => net.stop());
  const cron: CronWorker = startCronWorker({ url: dbUrl, isScheduling: options.cron !== false });
  ends.push(() => cron.stop());
  return {
    runJob: (jobName) => cron.runJob(jobName),
    async idle() {
      await cron.idle();
      await net.idle();
    },
  };
}
