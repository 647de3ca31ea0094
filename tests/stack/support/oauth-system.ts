import { spawn } from "node:child_process";
import path from "node:path";
import { createClient } from "@supabase/supabase-js";
import { DEFAULT_CLIENT } from "#dev/amocrm-simulator/settings.ts";
import { freePort } from "#dev/stack/postgres/free-port.ts";
import { type System, startSystem } from "./system.ts";

const ROOT = path.join(import.meta.dirname, "../../..");

/** A page of amocrm-oauth as a browser shows it. */
interface SeenPage {
  status: number;
  location: string | null;
  headers: Headers;
  text: string;
}

/** A run of the operator's command that is still going on. */
interface RunningCommand {
  /** Resolves with the first match in what it has printed. */
  printed(pattern: RegExp): Promise<string>;
  ended: Promise<{ exitCode: number | null; stdout: string; stderr: string }>;
}

/** A system whose functions know an integration and no token: nobody is connected yet. */
export interface OAuthSystem extends System {
  redirectUri: string;
  /** Opens an address as a browser does, but follows no redirect. */
  open(url: string, init?: RequestInit): Promise<SeenPage>;
  /** From a link, through amoCRM's consent, to the address that amoCRM sends the browser back to. */
  consent(link: string): Promise<string>;
  /** What amocrm-admin answers to an action. */
  admin(body: object): Promise<Record<string, unknown>>;
  /** A link made by the operator. */
  makeLink(options?: { switch?: boolean }): Promise<string>;
  /** The token of a new user. */
  signIn(appMetadata: object): Promise<string>;
  command(args: readonly string[]): RunningCommand;
}

export async function startOAuthSystem(variables: Record<string, string> = {}): Promise<OAuthSystem> {
  const [port, crmPort] = [await freePort(), await freePort()];
  const redirectUri = `http://127.0.0.1:${port}/functions/v1/amocrm-oauth/callback`;
  const system = await startSystem({
    port,
    simulator: {
      port: crmPort,
      settings: { tokens: { clients: [{ ...DEFAULT_CLIENT, redirect_uri: redirectUri }] } },
    },
    functionEnv: {
      AMOCRM_BASE_URL: `http://127.0.0.1:${crmPort}`,
      AMOCRM_CLIENT_ID: DEFAULT_CLIENT.client_id,
      AMOCRM_CLIENT_SECRET: DEFAULT_CLIENT.client_secret,
      AMOCRM_REDIRECT_URI: redirectUri,
      ...variables,
    },
  });
  const { stack } = system;

  async function open(url: string, init: RequestInit = {}): Promise<SeenPage> {
    const response = await fetch(url, { redirect: "manual", ...init });
    const { status, headers } = response;
    return { status, headers, location: headers.get("location"), text: await response.text() };
  }
  async function admin(body: object): Promise<Record<string, unknown>> {
    const answer = await fetch(`${stack.functionsUrl}/amocrm-admin`, {
      method: "POST",
      headers: { apikey: stack.secretKey },
      body: JSON.stringify(body),
    });
    return (await answer.json()) as Record<string, unknown>;
  }
  return {
    ...system,
    redirectUri,
    open,
    admin,
    async consent(link) {
      const started = await open(link);
      if (started.location === null) throw new Error(`no redirect: ${started.status} ${started.text}`);
      const consented = await open(started.location);
      if (consented.location === null) throw new Error(`no consent: ${consented.status} ${consented.text}`);
      return consented.location;
    },
    async makeLink(options = {}) {
      return String((await admin({ action: "connect", ...options }))["url"]);
    },
    async signIn(appMetadata) {
      const options = { auth: { persistSession: false, autoRefreshToken: false } };
      const credentials = { email: `${crypto.randomUUID()}@example.com`, password: crypto.randomUUID() };
      const made = await createClient(stack.url, stack.secretKey, options).auth.admin.createUser({
        ...credentials,
        email_confirm: true,
        app_metadata: appMetadata,
      });
      if (made.error !== null) throw made.error;
      const signedIn = await createClient(stack.url, stack.publishableKey, options).auth.signInWithPassword(
        credentials,
      );
      if (signedIn.error !== null) throw signedIn.error;
      return signedIn.data.session.access_token;
    },
    command: (args) => runCommand(args, { SUPABASE_URL: stack.url, SUPABASE_SECRET_KEY: stack.secretKey }),
  };
}

function runCommand(args: readonly string[], variables: Record<string, string>): RunningCommand {
  const child = spawn(process.execPath, [path.join(ROOT, "cli/main.ts"), ...args], {
    cwd: "/tmp",
    env: { PATH: process.env["PATH"], NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"], ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  const listeners = new Set<() => void>();
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
    for (const listener of listeners) listener();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = new Promise<{ exitCode: number | null; stdout: string; stderr: string }>((resolve) => {
    child.on("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
  return {
    ended,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(stdout)?.[0];
          if (found !== undefined) resolve(found);
        };
        listeners.add(look);
        look();
        void ended.then((end) => reject(new Error(`ended first: ${JSON.stringify(end)}`)));
      }),
  };
}
