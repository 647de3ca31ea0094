import { createAmocrmClient } from "../../supabase/functions/_shared/amocrm/client.ts";
import type { AmocrmClient } from "../../supabase/functions/_shared/amocrm/client-port.ts";
import { createHttpTransport } from "../../supabase/functions/_shared/amocrm/http-transport.ts";
import { createStaticTokens } from "../../supabase/functions/_shared/amocrm/static-token.ts";
import type { Slots, Tokens } from "../../supabase/functions/_shared/amocrm/transport.ts";
import { drain } from "../../supabase/functions/_shared/drain/drain.ts";
import { runConfigured } from "../../supabase/functions/_shared/drain/run-configured.ts";
import { runDrain } from "../../supabase/functions/_shared/drain/run-drain.ts";
import { handlers } from "../../supabase/functions/_shared/handlers/registry.ts";
import type { Outbox, Pace } from "../../supabase/functions/_shared/outbox/port.ts";
import type { Log } from "../../supabase/functions/_shared/platform/log.ts";
import { parseSettings } from "../../supabase/functions/_shared/platform/settings.ts";
import { pull } from "../../supabase/functions/_shared/pull/pull.ts";
import {
  createHeartbeat,
  createOutboxStore,
  createPaceStore,
} from "../../supabase/functions/_shared/store/outbox-store.ts";
import { createPullPaceStore, createPullStore } from "../../supabase/functions/_shared/store/pull-store.ts";
import { createRequestLog } from "../../supabase/functions/_shared/store/request-log-store.ts";
import { createChance } from "./chance.ts";
import { SIMULATED, type Worker } from "./worker.ts";

const BASE_URL = "https://sim.amocrm.ru";

/** What a mutant may put in place of the real parts. */
export interface Surgery {
  /** Called before each run. */
  beginRun?(): void;
  outbox?(outbox: Outbox): Outbox;
  pace?(pace: Pace): Pace;
  client?(client: AmocrmClient): AmocrmClient;
}

/** One call of an edge function: its process, and the variables that it was started with. */
export interface Call {
  worker: Worker;
  seed: number;
  accessToken: string;
  surgery: Surgery;
  /** Tells what the function itself did not expect. */
  violate(text: string): void;
}

/** What amocrm-drain does when it is called (supabase/functions/amocrm-drain/index.ts). */
export async function callDrain(call: Call): Promise<void> {
  const { worker, surgery } = call;
  const random = createChance(call.seed, `${worker.name} random`);
  const outbox = createOutboxStore(worker.rpc);
  const pace = createPaceStore(worker.rpc);
  await surviving(call, () =>
    runDrain({
      settings: settingsOf(call),
      heartbeat: createHeartbeat(worker.rpc, "amocrm-drain"),
      log: logOf(call, "drain_failed"),
      drain: () =>
        drain({
          outbox: surgery.outbox?.(outbox) ?? outbox,
          pace: surgery.pace?.(pace) ?? pace,
          connect: (slots) => connect(call, slots),
          requestLog: createRequestLog(worker.rpc, worker.name, worker.clock.nowMs, () => undefined),
          handlers,
          clock: worker.clock,
          random: random.next,
          log: () => undefined,
          newToken: random.uuid,
        }),
    }),
  );
}

/** What amocrm-pull does when it is called (supabase/functions/amocrm-pull/index.ts). */
export async function callPull(call: Call): Promise<void> {
  const { worker, surgery } = call;
  const random = createChance(call.seed, `${worker.name} random`);
  const pace = createPullPaceStore(worker.rpc);
  await surviving(call, () =>
    runConfigured({
      name: "pull",
      settings: settingsOf(call),
      heartbeat: createHeartbeat(worker.rpc, "amocrm-pull"),
      log: logOf(call, "pull_failed"),
      work: async () => ({
        ...(await pull({
          pulls: createPullStore(worker.rpc),
          pace: surgery.pace?.(pace) ?? pace,
          storePipelines: (pipelines) => createOutboxStore(worker.rpc).storePipelines(pipelines),
          connect: (slots) => connect(call, slots),
          requestLog: createRequestLog(worker.rpc, worker.name, worker.clock.nowMs, () => undefined),
          clock: worker.clock,
          random: random.next,
          log: () => undefined,
          newToken: random.uuid,
        })),
      }),
    }),
  );
}

function settingsOf({ accessToken }: Call) {
  return parseSettings({ AMOCRM_BASE_URL: BASE_URL, AMOCRM_ACCESS_TOKEN: accessToken });
}

function connect(call: Call, slots: Slots): AmocrmClient {
  // Where tokens come from the database and are refreshed, their store takes the place of the static one.
  const tokens: Tokens = createStaticTokens(call.accessToken);
  const { fetch, clock } = call.worker;
  const client = createAmocrmClient(createHttpTransport({ baseUrl: BASE_URL, fetch, slots, tokens, clock }));
  return call.surgery.client?.(client) ?? client;
}

function logOf({ worker, violate }: Call, failed: string): Log {
  return (_level, event, facts) => {
    const message = String((facts as { message?: unknown } | undefined)?.message ?? "");
    if (event === failed && !message.startsWith(SIMULATED)) violate(`${worker.name} failed: ${message}`);
  };
}

async function surviving({ worker, violate }: Call, work: () => Promise<void>): Promise<void> {
  await work().catch((error: unknown) => {
    // Also the heartbeat may fail; then the platform's log has it.
    const message = error instanceof Error ? error.message : String(error);
    if (!message.startsWith(SIMULATED)) violate(`${worker.name} threw: ${message}`);
  });
}
