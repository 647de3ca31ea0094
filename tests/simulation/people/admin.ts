import postgres from "postgres";
import type { Simulator } from "#dev/amocrm-simulator/simulator.ts";
import { type MessageRow, referenceOf } from "../checks/evidence.ts";
import { type Chance, createChance } from "../world/chance.ts";
import type { QueueAccess } from "../world/queue-database.ts";
import type { RunRecord } from "../world/run-record.ts";

/** What an admin does by hand in the middle of a run; to which message is drawn when the hour has come. */
export interface AdminAct {
  kind: "admin";
  atMs: number;
  act: "cancel" | "requeue";
}

/** In which states a message can be cancelled or requeued (supabase/schemas/10-outbox/operator.sql). */
const FITTING_STATES = {
  cancel: ["pending", "uncertain", "dead"],
  requeue: ["dead", "cancelled", "pending"],
};

/** Half of the orders are about a message on its way: one in doubt is cancelled, one that was cancelled goes again. */
const DELICATE_STATES = { cancel: "uncertain", requeue: "cancelled" };
const DELICATE_ODDS = 0.5;

type Candidate = Pick<MessageRow, "id" | "state" | "kind" | "subject_id"> & { is_left_to_person: boolean };

/** The admin, and what the invariants must know of his orders. */
export class Admin {
  /** Cancelled, and not requeued after that. */
  readonly cancelledIds = new Set<number>();
  /** Cancelled once with the last request unanswered: what that asked for may be there, also if the message went again. */
  readonly cancelledInDoubtIds = new Set<number>();
  /** Taken out of their person's order once, by a cancel or a requeue. */
  readonly touchedIds = new Set<number>();
  readonly #access: QueueAccess;
  readonly #record: RunRecord;
  readonly #chance: Chance;
  readonly #simulator: Simulator;
  readonly #hasMarker: boolean;

  constructor(parts: {
    access: QueueAccess;
    record: RunRecord;
    seed: number;
    simulator: Simulator;
    hasMarker: boolean;
  }) {
    this.#access = parts.access;
    this.#record = parts.record;
    this.#chance = createChance(parts.seed, "admin");
    this.#simulator = parts.simulator;
    this.#hasMarker = parts.hasMarker;
  }

  async perform(act: AdminAct["act"]): Promise<void> {
    const messages = await this.#access.query<Candidate>(
      `select id, state, kind, subject_id, progress ? 'isGivenUp' as is_left_to_person
       from amocrm.outbox where queue = 'amocrm' and state = any ($1) order by id`,
      [FITTING_STATES[act]],
    );
    const delicate = messages.filter(({ state }) => state === DELICATE_STATES[act]);
    const isDelicate = this.#chance.happens(DELICATE_ODDS) && delicate.length > 0;
    const message = this.#chance.pick(isDelicate ? delicate : messages);
    if (message === undefined) return;
    // As the remedy says: what looking could not tell is looked for in the account before it is sent again.
    if (act === "requeue" && message.is_left_to_person && this.#isThere(message)) return;
    try {
      await this.#access.query(`select public.amocrm_${act}($1)`, [message.id]);
    } catch (error) {
      // A drain may have claimed or ended it since it was looked at; then the order is refused, and nothing happened.
      if (!(error instanceof postgres.PostgresError) || error.code !== "22023") throw error;
      this.#record.trace(`ADMIN may not ${act} ${message.id}: ${error.message}`);
      return;
    }
    this.#record.counts.adminActs += 1;
    this.#record.trace(`ADMIN ${act} ${message.id}, which was ${message.state}`);
    if (act === "cancel") this.cancelledIds.add(message.id);
    else this.cancelledIds.delete(message.id);
    if (act === "cancel" && message.state === "uncertain") this.cancelledInDoubtIds.add(message.id);
    if (act === "cancel" || message.state !== "pending") this.touchedIds.add(message.id);
  }

  /** Without a marker nobody can tell whose a deal is: then it counts as there. */
  #isThere(message: Candidate): boolean {
    if (!this.#hasMarker) return true;
    const { state } = this.#simulator;
    const account = JSON.stringify([state.deals(), state.notes(), state.tasks()]);
    return account.includes(message.subject_id) || account.includes(referenceOf(message));
  }
}
