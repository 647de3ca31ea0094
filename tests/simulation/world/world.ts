import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { createSimulator, type Simulator } from "#dev/amocrm-simulator/simulator.ts";
import { Admin } from "../people/admin.ts";
import { receiveHook } from "../people/hooks.ts";
import { Manager } from "../people/manager.ts";
import { OtherAccount } from "../people/other-account.ts";
import { School } from "../people/school.ts";
import { Sessions } from "../people/sessions.ts";
import { watch } from "../people/watch.ts";
import { type Chance, createChance } from "./chance.ts";
import { callDrain, callPull, callRefresh, noteToken, type Sabotage, storeConsent } from "./functions.ts";
import { BAD_SOURCE, GOOD_SOURCES, type LeadDraft, type Plan, type Rates } from "./plan.ts";
import type { QueueAccess } from "./queue-database.ts";
import type { RunRecord } from "./run-record.ts";
import type { VirtualTime } from "./virtual-time.ts";
import { Worker } from "./worker.ts";

/** What a post of the database calls. Mail has a queue and a drain of its own, which is not simulated. */
const FUNCTIONS = [
  { path: "/amocrm-drain", name: "drain", run: callDrain },
  { path: "/amocrm-pull", name: "pull", run: callPull },
  { path: "/amocrm-oauth/refresh", name: "refresh", run: callRefresh },
] as const;
const NO_RATES: Rates = { crash: 0, freeze: 0, databaseFault: 0, secondRing: 0, lostRing: 0 };

/** One simulated project: its database, the doorbell, the functions it starts, the account they write to, and the people. */
export class World {
  readonly simulator: Simulator;
  readonly access: QueueAccess;
  readonly plan: Plan;
  readonly record: RunRecord;
  readonly manager: Manager;
  readonly admin: Admin;
  readonly school: School;
  readonly otherAccount: OtherAccount;
  readonly sessions: Sessions;
  /** The contacts that were there before us. */
  knownContactIds: ReadonlySet<number> = new Set();
  isCalm = false;
  isReachable = true;
  isDatabaseReachable = true;
  /** When the database's clock last jumped. */
  jumpedAtMs = 0;
  /** The times at which sending was paused; the last may still last. */
  readonly pauses: { fromMs: number; untilMs: number }[] = [];
  /** Every name that a lead ever had. */
  readonly namesOf = new Map<string, Set<string>>();
  runningCount = 0;
  /** Calls that were posted and have not arrived: a second ring comes up to 3 s late. */
  ringCount = 0;
  readonly #time: VirtualTime;
  readonly #sabotage: Sabotage;
  readonly #chance: Chance;
  /** What the environment of the functions holds; changed by the admin when a token has died. */
  #accessToken: string | null;
  readonly #trapsLeft: { point: string; pass: number }[];
  #workerCount = 0;
  #hasOpenCrash = false;

  constructor(parts: {
    plan: Plan;
    time: VirtualTime;
    access: QueueAccess;
    record: RunRecord;
    sabotage: Sabotage;
  }) {
    this.plan = parts.plan;
    this.access = parts.access;
    this.record = parts.record;
    this.#time = parts.time;
    this.#sabotage = parts.sabotage;
    this.#chance = createChance(parts.plan.seed, "world");
    this.simulator = createSimulator({
      now: parts.time.nowMs,
      sleep: parts.time.sleep,
      random: createChance(parts.plan.seed, "account").next,
      post: (url, body) => receiveHook(this, url, body),
      settings: parts.plan.account,
    });
    this.#accessToken = parts.plan.connection === "long_lived" ? this.simulator.accessToken : null;
    this.#trapsLeft = parts.plan.traps.map((trap) => ({ ...trap }));
    const { seed } = parts.plan;
    this.manager = new Manager({
      simulator: this.simulator,
      record: this.record,
      seed,
      nowMs: parts.time.nowMs,
    });
    this.admin = new Admin({
      access: this.access,
      record: this.record,
      seed,
      simulator: this.simulator,
      hasMarker: parts.plan.marker === "set",
    });
    this.school = new School(this.access, this.record);
    this.otherAccount = new OtherAccount(parts.plan, parts.time);
    const isReachable = () => this.isReachable;
    this.sessions = new Sessions({ ...parts, simulator: this.simulator, isReachable });
  }

  get rates(): Rates {
    return this.isCalm ? NO_RATES : this.plan.rates;
  }

  /** What the account refuses for good: the token's user may not make fields. */
  keepRights(): void {
    if (this.plan.marker !== "refused") return;
    this.simulator.control.addFaults({
      kind: "forbidden",
      method: "POST",
      path: "/api/v4/leads/custom_fields",
    });
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
    await this.access.query(
      `insert into public.amocrm_stages (event, pipeline_id, status_id)
       select event, ${tripwire.pipeline}, status_id
       from (values ('student.created', ${tripwire.bought}), ('lesson.67', ${tripwire.lesson67}),
         ('lesson.68', ${tripwire.lesson68}), ('lesson.69', ${tripwire.lesson69})) as stage (event, status_id)
       on conflict do nothing`,
    );
  }

  async closeRoutes(): Promise<void> {
    await this.access.query("delete from public.amocrm_routes");
    await this.access.query("delete from public.amocrm_stages");
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
    for (const { id, full_name } of leads) this.namesOf.set(id, new Set([full_name]));
    this.record.counts.leads += leads.length;
    await this.answerBell();
  }

  async update(id: string, change: Partial<LeadDraft>): Promise<void> {
    this.record.trace(`update ${id.slice(0, 8)} ${JSON.stringify(change)}`);
    if (change.full_name !== undefined) this.namesOf.get(id)?.add(change.full_name);
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

  /** What pg_net does: posts what was queued, perhaps by a call just now, each post a process of its own. Tells how many. */
  async answerBell(call?: string): Promise<number> {
    const taken = "delete from net.http_request_queue returning url";
    const posts = await (call === undefined
      ? this.access.query<{ url: string }>(taken)
      : this.access.callThenQuery<{ url: string }>(call, taken));
    for (const { url } of posts) {
      if (this.#chance.happens(this.rates.lostRing)) continue;
      this.#startLater(url, this.#chance.below(500));
      if (this.#chance.happens(this.rates.secondRing)) this.#startLater(url, this.#chance.below(3000));
    }
    return posts.length;
  }

  async pause(): Promise<void> {
    await this.access.query("select public.amocrm_pause('simulated')");
    const last = this.pauses.at(-1);
    if (last?.untilMs !== Number.POSITIVE_INFINITY)
      this.pauses.push({ fromMs: this.#time.nowMs(), untilMs: Number.POSITIVE_INFINITY });
  }

  async resume(): Promise<void> {
    const last = this.pauses.at(-1);
    if (last?.untilMs === Number.POSITIVE_INFINITY) last.untilMs = this.#time.nowMs();
    await this.access.query("select public.amocrm_resume()");
    await this.answerBell();
  }

  /** From here on the functions' token is refused, until `renewToken`. */
  revokeToken(): void {
    this.simulator.control.revokeTokens(this.#accessToken ?? undefined);
  }

  /** The admin mends it; functions at work go on with the old token. */
  async renewToken(): Promise<void> {
    if (this.plan.connection === "oauth") return this.consent();
    this.#accessToken = this.simulator.control.issuePair().access_token;
    await this.resume();
  }

  /** Setup has tried the token: it is known whose account this is. */
  async noteToken(): Promise<void> {
    if (this.#accessToken !== null) await noteToken(this.access.rpc, this.#accessToken);
  }

  /** The admin connects the integration, once more where amoCRM has ended the connection. */
  async consent(): Promise<void> {
    await storeConsent(this.access.rpc, this.simulator.control.issuePair());
    this.record.counts.consents += 1;
    this.record.trace("ADMIN consents");
    await this.answerBell();
  }

  async consentIfEnded(): Promise<void> {
    const [account] = await this.access.query<{ state: string }>("select state from amocrm.accounts");
    if (account?.state === "reauth_required") await this.consent();
  }

  jumpClock(byMs: number): void {
    this.access.clockOffsetMs = byMs;
    this.jumpedAtMs = this.#time.nowMs();
    this.record.clockJumpsMs.push(this.jumpedAtMs);
  }

  #startLater(url: string, ms: number): void {
    this.ringCount += 1;
    void this.#time.sleep(ms).then(() => {
      this.ringCount -= 1;
      return this.#start(FUNCTIONS.find(({ path }) => url.endsWith(path)));
    });
  }

  async #start(called: (typeof FUNCTIONS)[number] | undefined): Promise<void> {
    if (called === undefined) return;
    const { record, plan } = this;
    const name = `${called.name} ${++this.#workerCount}`;
    this.runningCount += 1;
    if (this.#hasOpenCrash) record.counts.restarts += 1;
    this.#hasOpenCrash = false;
    if (called.name === "drain") {
      record.counts.drains += 1;
      record.drainStartsMs.push(this.#time.nowMs());
    }
    const fetch = this.sessions.route(this.otherAccount.route(this.simulator.fetch));
    const worker = new Worker({
      name,
      time: this.#time,
      chance: createChance(plan.seed, name),
      rates: () => this.rates,
      record,
      rpc: watch(this, { name, startedAtMs: this.#time.nowMs() }),
      fetch: this.#sabotage.fetch?.(fetch) ?? fetch,
      // What stands between us and amoCRM is the service, which has its own troubles.
      isReachable: () => this.isReachable || this.sessions.access !== null,
      isDatabaseReachable: () => this.isDatabaseReachable,
      springs: (point) => this.#springs(point),
      jumpedAtMs: () => this.jumpedAtMs,
    });
    const call = {
      worker,
      seed: plan.seed,
      accessToken: this.otherAccount.tokenInPlace ?? this.#accessToken,
      session: this.sessions.access,
      sabotage: this.#sabotage,
      violate: (text: string) => record.violate(text),
    };
    await Promise.race([called.run(call), worker.death]);
    worker.finish();
    if (worker.isDead) this.#hasOpenCrash = true;
    this.runningCount -= 1;
  }

  #springs(point: string): boolean {
    if (this.isCalm) return false;
    const trap = this.#trapsLeft.find((one) => one.point === point && one.pass > 0);
    if (trap === undefined) return false;
    trap.pass -= 1;
    return trap.pass === 0;
  }
}
