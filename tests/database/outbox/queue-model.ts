import { noonPlus, setTestClock } from "../support/clock.ts";
import type { Session, TestDatabase } from "../support/database.ts";
import { type ClaimedMessage, type Drainer, openDrainer, type Result } from "../support/drainer.ts";
import { outcomeOf } from "../support/errors.ts";
import { insertLeads, type MessageRow, messages } from "../support/leads.ts";

const MAX_ATTEMPTS = 4;
const FINAL_STATES = ["delivered", "dead", "superseded", "cancelled"];
const EMAILS = ["a", "b", "c", "d"].map((name) => `${name}@example.com`);
const PHONES = [1, 2, 3, 4].map((digit) => `+7700000000${digit}`);

/** A drain as the model sees it: what it claimed, which it may go on believing long after another took over. */
interface Worker {
  drainer: Drainer;
  claimed: ClaimedMessage[];
  /** It lost its lease without knowing, as a worker does that was stopped for a while. */
  isStale: boolean;
}

/**
 * Drives a real queue at random and knows what must hold after each step. All randomness comes from the seed and all
 * time from the test clock, so a failing run can be repeated.
 */
export class QueueModel {
  readonly history: string[] = [];
  readonly #sql: Session;
  readonly #random: () => number;
  readonly #workers: Worker[];
  #nowMs = 0;
  #inserted = 0;

  private constructor(sql: Session, random: () => number, workers: Worker[]) {
    this.#sql = sql;
    this.#random = random;
    this.#workers = workers;
  }

  static async start(database: TestDatabase, random: () => number): Promise<QueueModel> {
    await database.sql`update amocrm_settings set max_attempts = ${MAX_ATTEMPTS}`;
    const workers = [1, 2].map(() => ({ drainer: openDrainer(database), claimed: [], isStale: true }));
    const model = new QueueModel(database.sql, random, workers);
    await model.#advance(0);
    return model;
  }

  /** Does one random thing and tells what. */
  async act(): Promise<string> {
    const action = await this.#pick([
      () => this.#insert(),
      () => this.#insert(),
      () => this.#work(),
      () => this.#work(),
      () => this.#work(),
      () => this.#wait(),
      () => this.#crash(),
      () => this.#administer(),
    ])();
    this.history.push(action);
    return action;
  }

  /** The promises that do not hold now; empty if all is well. */
  async brokenPromises(): Promise<string[]> {
    const broken: string[] = [];
    // A claim's own update is not looked at by the guard of sound messages: here it sees what each claim has left.
    const touched = await outcomeOf(this.#sql`update amocrm.outbox set state = state`);
    if (touched !== "ok") broken.push(`a message contradicts itself: ${touched}`);
    const rows = await messages(this.#sql);
    if (rows.length !== this.#inserted) broken.push(`${this.#inserted} inserted, ${rows.length} there`);
    for (const row of rows) {
      if (row.attempt_count > MAX_ATTEMPTS && row.state === "pending")
        broken.push(`${row.id} outlived its attempts`);
      if (row.is_head && FINAL_STATES.includes(row.state))
        broken.push(`${row.id} is ${row.state} and a head`);
      if (["leased", "uncertain"].includes(row.state) && !row.is_head)
        broken.push(`${row.id} is ${row.state}, no head`);
    }
    for (const [person, own] of Map.groupBy(
      rows.filter((row) => !row.is_fresh),
      (row) => row.person_id,
    )) {
      if (own.filter((row) => row.is_head).length > 1) broken.push(`person ${person} has several heads`);
      const waiting = own.filter((row) => row.state === "pending" && !row.is_head);
      if (waiting.length > 0 && !own.some((row) => row.is_head) && !(await this.#isMerging(person))) {
        broken.push(`person ${person} waits without a head`);
      }
    }
    return [...broken, ...(await this.#brokenMerges(rows))];
  }

  /** Lets a healthy drain finish everything; tells what it could not bring to an end. */
  async drainToTheEnd(): Promise<string[]> {
    await this.#advance(24 * 3_600_000);
    const worker = this.#workers[0] as Worker;
    await worker.drainer.begin();
    for (let round = 0; round < 200; round++) {
      const claimed = await worker.drainer.claim();
      if (claimed.length === 0) break;
      await worker.drainer.settle(claimed.map(({ id }) => ({ id, verdict: "delivered" })));
      const broken = await this.brokenPromises();
      if (broken.length > 0) return broken;
    }
    const left = (await messages(this.#sql)).filter((row) => !FINAL_STATES.includes(row.state));
    const merging = await this.#sql`select person_id from amocrm.people where merging_into is not null`;
    return [
      ...left.map((row) => `message ${row.id} is still ${row.state}`),
      ...merging.map((row) => `person ${row["person_id"]} is still merging`),
    ];
  }

  async #insert(): Promise<string> {
    const leads = Array.from({ length: 1 + this.#below(3) }, () => {
      const kind = this.#below(3);
      return {
        email: kind === 1 ? null : this.#pick(EMAILS),
        phone: kind === 0 ? null : this.#pick(PHONES),
      };
    });
    await insertLeads(this.#sql, leads);
    this.#inserted += leads.length;
    return `insert ${leads.map(({ email, phone }) => `${email ?? "-"}/${phone ?? "-"}`).join(" ")}`;
  }

  async #work(): Promise<string> {
    const worker = this.#pick(this.#workers);
    const name = `worker ${this.#workers.indexOf(worker) + 1}`;
    if (worker.claimed.length > 0) return `${name} ${await this.#settleSome(worker)}`;
    const begun = await worker.drainer.begin();
    if (begun === "granted") worker.isStale = false;
    for (const other of this.#workers) if (begun === "granted" && other !== worker) other.isStale = true;
    const outcome = await outcomeOf(
      worker.drainer.claim(1 + this.#below(4)).then((claimed) => {
        worker.claimed = claimed;
      }),
    );
    const ids = worker.claimed.map(({ id }) => id);
    if (ids.length > 0 && this.#below(2) === 0) await outcomeOf(worker.drainer.markSent(ids, "create"));
    return `${name} begins: ${begun}, claims: ${outcome} ${ids}`;
  }

  async #settleSome(worker: Worker): Promise<string> {
    const before = await messages(this.#sql);
    const byId = new Map(before.map((row) => [row.id, row]));
    const count = 1 + this.#below(worker.claimed.length);
    const batch = worker.claimed.splice(0, count);
    if (this.#below(4) === 0) {
      await worker.drainer.release(batch.map(({ id }) => id));
      return `releases ${batch.map(({ id }) => id)}`;
    }
    const results = batch.map(({ id }) => this.#result(id, byId.get(id)));
    const settled = await worker.drainer.settle(results);
    const mine = batch
      .filter(({ id }) => byId.get(id)?.lease_token === worker.drainer.token)
      .map(({ id }) => id);
    if (JSON.stringify(settled.toSorted()) !== JSON.stringify(mine.toSorted())) {
      throw new Error(`settled ${settled}, but held ${mine}\n${this.history.join("\n")}`);
    }
    for (const { id, verdict } of results) {
      if (verdict === "delivered" && settled.includes(id))
        this.#checkOrder(byId.get(id) as MessageRow, before);
    }
    return `settles ${results.map(({ id, verdict }) => `${id} ${verdict}`)}: ${settled}`;
  }

  /** No older message of the same keys may still be waiting when a younger one is delivered. */
  #checkOrder(delivered: MessageRow, before: MessageRow[]): void {
    const older = before.find(
      (row) =>
        row.id < delivered.id &&
        row.person_id === delivered.person_id &&
        !FINAL_STATES.includes(row.state) &&
        !this.#requeued.has(row.id) &&
        row.email_key === delivered.email_key &&
        row.phone_key === delivered.phone_key,
    );
    if (older) throw new Error(`${delivered.id} went before ${older.id}\n${this.history.join("\n")}`);
  }

  readonly #requeued = new Set<number>();

  #result(id: number, row: MessageRow | undefined): Result {
    const verdict = this.#pick([
      "delivered",
      "delivered",
      "retry",
      "rejected",
      "blocked",
      "uncertain",
    ] as const);
    const wasSent = row?.step !== null;
    return {
      id,
      verdict: verdict === "uncertain" && !wasSent ? "retry" : verdict,
      spends_attempt: verdict !== "blocked",
      wait_ms: this.#below(20_000),
      ...(verdict === "delivered" && this.#below(2) === 0 && { contact_id: 500 + this.#below(3) }),
    };
  }

  async #wait(): Promise<string> {
    const ms = this.#below(12_000);
    await this.#advance(ms);
    return `${ms} ms pass`;
  }

  /** Everybody falls silent for longer than a lease; they do not know of it. */
  async #crash(): Promise<string> {
    await this.#advance(15_000);
    for (const worker of this.#workers) {
      worker.isStale = true;
      // One half dies for good, the other comes back and believes it still holds what it claimed.
      if (this.#below(2) === 0) worker.claimed = [];
    }
    return "the lease runs out";
  }

  async #administer(): Promise<string> {
    if (this.#inserted === 0) return "nobody to administer";
    const id = 1 + this.#below(this.#inserted);
    const action = this.#pick(["requeue", "cancel"] as const);
    const outcome = await outcomeOf(
      this
        .#sql`select ${this.#sql.unsafe(action === "requeue" ? "amocrm_requeue" : "amocrm_cancel")}(${id}::bigint)`,
    );
    if (outcome === "ok" && action === "requeue") this.#requeued.add(id);
    return `${action} ${id}: ${outcome}`;
  }

  async #isMerging(person: number | null): Promise<boolean> {
    const found = await this.#sql`select from amocrm.people
      where (person_id = ${person} and merging_into is not null) or merging_into = ${person}`;
    return found.length > 0;
  }

  /** A merge waits only for something in flight; and two people who wait to be one have at most what was in flight. */
  async #brokenMerges(rows: MessageRow[]): Promise<string[]> {
    const merges = await this.#sql<{ person_id: number; merging_into: number }[]>`
      select person_id, merging_into from amocrm.people where merging_into is not null`;
    const isInFlight = (person: number): boolean =>
      rows.some((row) => row.person_id === person && ["leased", "uncertain"].includes(row.state));
    const shells = await this.#sql`select person_keys.person_id from amocrm.person_keys
      join amocrm.people using (person_id) where merged_into is not null`;
    return [
      ...merges
        .filter(({ person_id, merging_into }) => !isInFlight(person_id) && !isInFlight(merging_into))
        .map(({ person_id }) => `person ${person_id} waits to be merged for no reason`),
      ...merges
        .flatMap(({ person_id, merging_into }) => [person_id, merging_into])
        .filter((person) =>
          rows.some((row) => row.person_id === person && row.is_head && row.state === "pending"),
        )
        .map((person) => `person ${person} may send during a merge`),
      ...shells.map((row) => `a key is left with person ${row["person_id"]}, who is somebody else by now`),
    ];
  }

  async #advance(ms: number): Promise<void> {
    this.#nowMs += ms;
    await setTestClock(noonPlus(this.#nowMs), this.#sql, ...this.#workers.map(({ drainer }) => drainer.sql));
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#below(from.length)] as T;
  }
}
