import { SEED_IDS } from "../../dev/amocrm-simulator/account/account-seed.ts";
import { createSimulator, type Simulator } from "../../dev/amocrm-simulator/simulator.ts";
import { createAmocrmClient } from "../../supabase/functions/_shared/amocrm/client.ts";
import { createHttpTransport } from "../../supabase/functions/_shared/amocrm/http-transport.ts";
import { createStaticTokens } from "../../supabase/functions/_shared/amocrm/static-token.ts";
import { drain } from "../../supabase/functions/_shared/drain/drain.ts";
import { runDrain } from "../../supabase/functions/_shared/drain/run-drain.ts";
import { handlers } from "../../supabase/functions/_shared/handlers/registry.ts";
import type { Outbox, Pace } from "../../supabase/functions/_shared/outbox/port.ts";
import { parseSettings } from "../../supabase/functions/_shared/platform/settings.ts";
import {
  createHeartbeat,
  createOutboxStore,
  createPaceStore,
} from "../../supabase/functions/_shared/store/outbox-store.ts";
import { type Chance, createChance } from "./chance.ts";
import { BAD_SOURCE, GOOD_SOURCES, type LeadDraft, type Plan, type Rates } from "./plan.ts";
import type { QueueAccess } from "./queue-database.ts";
import type { RunRecord } from "./run-record.ts";
import type { VirtualTime } from "./virtual-time.ts";
import { SIMULATED, Worker } from "./worker.ts";

const BASE_URL = "https://sim.amocrm.ru";
/** Longer than the search takes to find a new contact: what a manager typed before is found. */
const INDEXED_AFTER_MS = 120_000;
const NO_RATES: Rates = { crash: 0, freeze: 0, databaseFault: 0, secondRing: 0, lostRing: 0 };

/** What a mutant may put in place of the real parts. */
export interface Surgery {
  outbox?(outbox: Outbox): Outbox;
  pace?(pace: Pace): Pace;
}

/** One simulated project: its database, the doorbell, the drains it starts, and the account they write to. */
export class World {
  readonly simulator: Simulator;
  readonly access: QueueAccess;
  readonly plan: Plan;
  readonly record: RunRecord;
  /** The contacts that were there before us. */
  knownContactIds: ReadonlySet<number> = new Set();
  isCalm = false;
  isReachable = true;
  runningCount = 0;
  /** Calls that were posted and have not arrived: a second ring comes up to 3 s late. */
  ringCount = 0;
  readonly #time: VirtualTime;
  readonly #surgery: Surgery;
  readonly #chance: Chance;
  #workerCount = 0;

  constructor(parts: {
    plan: Plan;
    time: VirtualTime;
    access: QueueAccess;
    record: RunRecord;
    surgery: Surgery;
  }) {
    this.plan = parts.plan;
    this.access = parts.access;
    this.record = parts.record;
    this.#time = parts.time;
    this.#surgery = parts.surgery;
    this.#chance = createChance(parts.plan.seed, "world");
    this.simulator = createSimulator({
      now: parts.time.nowMs,
      sleep: parts.time.sleep,
      random: createChance(parts.plan.seed, "account").next,
      settings: parts.plan.account,
    });
  }

  get rates(): Rates {
    return this.isCalm ? NO_RATES : this.plan.rates;
  }

  async prepare(): Promise<void> {
    const { settings, hasMirror, known } = this.plan;
    await this.access.query(
      "update public.amocrm_settings set min_interval_ms = $1, batch_size = $2, patch_batch_size = $3",
      [settings.min_interval_ms, settings.batch_size, settings.patch_batch_size],
    );
    await this.access.query(
      "update amocrm.cursors set is_complete = $1, changed_until = case when $1 then amocrm.clock() - interval '1 minute' end where entity = 'contact'",
      [hasMirror],
    );
    await this.access.query(
      `insert into public.amocrm_fields (entity, path, field_id) values
        ('deal', 'id', ${SEED_IDS.dealFields.leadId}), ('deal', 'metadata.budget', ${SEED_IDS.dealFields.budget})`,
    );
    await this.openRoutes();
    for (const { email, phone } of known) {
      await this.#callAccount("/api/v4/contacts", [
        { name: "Known", custom_fields_values: contactFields(email, phone) },
      ]);
    }
    if (known.length > 0 && hasMirror) {
      // The mirror is complete: it has them. The next look tells it what they are.
      await this.access.query(
        "update amocrm.cursors set changed_until = amocrm.clock() - interval '1 day' where entity = 'contact'",
      );
    }
    this.knownContactIds = new Set(this.simulator.state.contacts().map(({ id }) => id));
    await this.#time.sleep(INDEXED_AFTER_MS);
    this.simulator.log.clear();
  }

  async openRoutes(): Promise<void> {
    const { sales, tripwire } = SEED_IDS;
    const [landing, webinar] = GOOD_SOURCES;
    await this.access.query(
      `insert into public.amocrm_routes (source, pipeline_id, status_id, on_repeat) values
        ($1, null, null, $4), ($2, ${tripwire.pipeline}, ${tripwire.bought}, $4), ($3, ${sales.pipeline}, 99999, $4)
       on conflict do nothing`,
      [landing, webinar, BAD_SOURCE, this.plan.onRepeat],
    );
  }

  async closeRoutes(): Promise<void> {
    await this.access.query("delete from public.amocrm_routes");
  }

  async insert(leads: readonly LeadDraft[], losesMessage: boolean): Promise<void> {
    this.record.trace(
      `insert ${leads.map(({ id, email, phone, source }) => `${id.slice(0, 8)} ${email ?? "-"} ${phone ?? "-"} ${source}`).join("; ")}${losesMessage ? " (message lost)" : ""}`,
    );
    await this.access.query(
      `with lead as (
        insert into public.unified_lead_tracking (id, full_name, email, phone, source, metadata)
        select id, full_name, email, phone, source, metadata
        from jsonb_to_recordset($1::text::jsonb) as lead (id uuid, full_name text, email text, phone text, source text, metadata jsonb)
        returning id)
       select count(*) from lead`,
      [JSON.stringify(leads)],
    );
    if (losesMessage) {
      // As if the trigger had failed: the lead is saved, and the sweep must find it.
      await this.access.query("delete from amocrm.outbox where subject_id = any ($1::uuid[])", [
        leads.map(({ id }) => id),
      ]);
    }
    this.record.counts.leads += leads.length;
    await this.answerBell();
  }

  async update(id: string, change: Partial<LeadDraft>): Promise<void> {
    this.record.trace(`update ${id.slice(0, 8)} ${JSON.stringify(change)}`);
    const columns = Object.keys(change);
    const sets = columns.map(
      (column, index) => `${column} = $${index + 2}::text${column === "metadata" ? "::jsonb" : ""}`,
    );
    const values = Object.values(change).map((value) =>
      typeof value === "object" ? JSON.stringify(value) : value,
    );
    await this.access.query(`update public.unified_lead_tracking set ${sets.join(", ")} where id = $1`, [
      id,
      ...values,
    ]);
    await this.answerBell();
  }

  /** What pg_net does: posts what was queued, each call a process of its own. */
  async answerBell(): Promise<void> {
    const posts = await this.access.query("delete from net.http_request_queue returning id");
    for (const _post of posts) {
      if (this.#chance.happens(this.rates.lostRing)) continue;
      this.#startLater(this.#chance.below(500));
      if (this.#chance.happens(this.rates.secondRing)) this.#startLater(this.#chance.below(3000));
    }
  }

  #startLater(ms: number): void {
    this.ringCount += 1;
    void this.#time.sleep(ms).then(() => {
      this.ringCount -= 1;
      return this.#start();
    });
  }

  async #start(): Promise<void> {
    this.#workerCount += 1;
    this.runningCount += 1;
    this.record.counts.drains += 1;
    this.record.drainStartsMs.push(this.#time.nowMs());
    const worker = new Worker({
      name: `drain ${this.#workerCount}`,
      time: this.#time,
      chance: createChance(this.plan.seed, `drain ${this.#workerCount}`),
      rates: () => this.rates,
      record: this.record,
      rpc: this.#watchedRpc,
      fetch: this.simulator.fetch,
      isReachable: () => this.isReachable,
    });
    await Promise.race([this.#drain(worker), worker.death]);
    worker.finish();
    this.runningCount -= 1;
  }

  async #drain(worker: Worker): Promise<void> {
    const random = createChance(this.plan.seed, `${worker.name} random`);
    const outbox = createOutboxStore(worker.rpc);
    const pace = createPaceStore(worker.rpc);
    await runDrain({
      settings: parseSettings({ AMOCRM_BASE_URL: BASE_URL, AMOCRM_ACCESS_TOKEN: this.simulator.accessToken }),
      heartbeat: createHeartbeat(worker.rpc, "amocrm-drain"),
      log: (_level, event, facts) => {
        const message = String((facts as { message?: unknown } | undefined)?.message ?? "");
        if (event === "drain_failed" && !message.startsWith(SIMULATED))
          this.record.violate(`${worker.name} failed: ${message}`);
      },
      drain: (access) =>
        drain({
          outbox: this.#surgery.outbox?.(outbox) ?? outbox,
          pace: this.#surgery.pace?.(pace) ?? pace,
          connect: (slots) =>
            createAmocrmClient(
              createHttpTransport({
                baseUrl: access.baseUrl,
                fetch: worker.fetch,
                slots,
                tokens: createStaticTokens(access.accessToken),
                clock: worker.clock,
              }),
            ),
          handlers,
          clock: worker.clock,
          random: random.next,
          log: () => undefined,
          newToken: random.uuid,
        }),
    }).catch((error: unknown) => {
      // Also the heartbeat may fail; then the platform's log has it.
      const message = error instanceof Error ? error.message : String(error);
      if (!message.startsWith(SIMULATED)) this.record.violate(`${worker.name} threw: ${message}`);
    });
  }

  /** The database as the drains reach it; here is seen who was too late, and whom the doorbell calls. */
  readonly #watchedRpc: QueueAccess["rpc"] = async (name, args) => {
    const isSettle = name === "amocrm_drain_settle";
    const [holder] = isSettle
      ? await this.access.query<{ drain_token: string | null }>(
          "select drain_token from amocrm.queue_control where queue = 'amocrm'",
        )
      : [];
    const [left] =
      name === "amocrm_drain_begin"
        ? await this.access.query<{ count: number }>(
            "select count(*) from amocrm.outbox where state = 'leased'",
          )
        : [];
    const answer = await this.access.rpc(name, args);
    if (isSettle && holder?.drain_token !== args?.["p_token"] && (answer as unknown[]).length > 0) {
      this.record.violate(`a stale lease settled messages ${JSON.stringify(answer)}`);
    }
    if (left !== undefined && answer === "granted" && left.count > 0) this.record.counts.takeovers += 1;
    if (name === "amocrm_drain_claim") {
      const { messages } = answer as { messages: { id: number; step: string | null }[] };
      for (const { id, step } of messages) if (step !== null) this.record.uncertainIds.add(id);
    }
    if (name === "amocrm_drain_end" || name === "amocrm_drain_look_again") await this.answerBell();
    return answer;
  };

  async #callAccount(path: string, body: unknown): Promise<void> {
    const response = await this.simulator.fetch(`${BASE_URL}${path}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${this.simulator.accessToken}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`Cannot prepare ${path}: answer was ${response.status}`);
  }
}

function contactFields(email: string | null, phone: string | null): unknown[] {
  return [
    ...(email === null ? [] : [{ field_code: "EMAIL", values: [{ value: email, enum_code: "WORK" }] }]),
    ...(phone === null ? [] : [{ field_code: "PHONE", values: [{ value: phone, enum_code: "WORK" }] }]),
  ];
}
