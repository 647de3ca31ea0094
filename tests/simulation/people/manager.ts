import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { LOST_STATUS_ID } from "#dev/amocrm-simulator/account/models.ts";
import type { Simulator } from "#dev/amocrm-simulator/simulator.ts";
import { type Chance, createChance } from "../world/chance.ts";
import type { RunRecord } from "../world/run-record.ts";

/** What a manager does in amoCRM's own screens in the middle of a run. */
export const MANAGER_ACTS = [
  "delete_contact",
  "delete_deal",
  "move_deal",
  "win_deal",
  "lose_deal",
  "merge_contacts",
  "change_email",
] as const;
export type ManagerAct = (typeof MANAGER_ACTS)[number];

/** One edit; on what is drawn when its hour has come, from what is there then. */
export interface ManagerEdit {
  kind: "manager";
  atMs: number;
  act: ManagerAct;
}

/** Half of the edits are about what came last: that is what a drain may have in its hands. */
const LATEST_COUNT = 3;
const LATEST_ODDS = 0.5;

/** Where a manager has put a deal, and for the leads of which pipeline it could be reused from then on; null for none. */
interface Edited {
  fromMs: number;
  usableIn: number | null;
  place: Place;
}

export interface Place {
  pipelineId: number;
  statusId: number;
  isDeleted: boolean;
}

/** The manager of the simulated account, and what the invariants must know of his edits. */
export class Manager {
  /** Deleted, or merged into another. */
  readonly goneContactIds = new Set<number>();
  /** Those that got another e-mail, or the values and deals of another contact. */
  readonly changedContactIds = new Set<number>();
  readonly editedDealIds = new Set<number>();
  readonly deletedDealIds = new Set<number>();
  /** Deals that came to another contact by a merge, and the newest deal that there was then. */
  readonly newestDealAtMerge = new Map<number, number>();
  readonly #keptOff = new Set<string>();
  readonly #edits = new Map<number, Edited[]>();
  readonly #simulator: Simulator;
  readonly #record: RunRecord;
  readonly #chance: Chance;
  readonly #nowMs: () => number;

  constructor(parts: { simulator: Simulator; record: RunRecord; seed: number; nowMs: () => number }) {
    this.#simulator = parts.simulator;
    this.#record = parts.record;
    this.#nowMs = parts.nowMs;
    this.#chance = createChance(parts.seed, "manager");
  }

  get hasEdited(): boolean {
    return this.#record.counts.managerEdits > 0;
  }

  /** Rows that are not his to edit: what they are is another's doing. */
  keepOff(rows: Readonly<Record<"contacts" | "leads", readonly number[]>>): void {
    for (const kind of ["contacts", "leads"] as const)
      for (const id of rows[kind]) this.#keptOff.add(`${kind}/${id}`);
  }

  isKeptOff(kind: "contacts" | "leads", id: number): boolean {
    return this.#keptOff.has(`${kind}/${id}`);
  }

  edit(act: ManagerAct): void {
    if (act === "merge_contacts") this.#merge();
    else if (act === "delete_contact" || act === "change_email") this.#editContact(act);
    else this.#editDeal(act);
  }

  /** When he took the deal away, if ever since the moment no lead of the pipeline could take it for its own. */
  takenAwayAtMs(dealId: number, pipelineId: number, sinceMs: number): number | null {
    const history = this.#edits.get(dealId) ?? [];
    const before = history.findLast(({ fromMs }) => fromMs <= sinceMs);
    if (before === undefined) return null;
    const since = [before, ...history.filter(({ fromMs }) => fromMs > sinceMs)];
    return since.every(({ usableIn }) => usableIn !== pipelineId) ? before.fromMs : null;
  }

  /** Where a manager had put a deal before the one moment, if none touched it again until the other. */
  placeBetween(dealId: number, fromMs: number, untilMs: number): (Place & { sinceMs: number }) | null {
    const last = (this.#edits.get(dealId) ?? []).findLast((edit) => edit.fromMs <= untilMs);
    return last !== undefined && last.fromMs <= fromMs ? { ...last.place, sinceMs: last.fromMs } : null;
  }

  #editContact(act: "delete_contact" | "change_email"): void {
    const contact = this.#pick("contacts", this.#simulator.state.contacts());
    if (contact === undefined) return;
    if (act === "delete_contact") {
      this.#simulator.control.edit({ action: act, contact_id: contact.id });
      this.goneContactIds.add(contact.id);
    } else {
      const email = `changed${this.#record.counts.managerEdits}@example.com`;
      this.#simulator.control.edit({ action: act, contact_id: contact.id, email });
      this.changedContactIds.add(contact.id);
    }
    this.#note(`${act} ${contact.id}`);
  }

  #merge(): void {
    const contacts = this.#simulator.state.contacts();
    const into = this.#pick("contacts", contacts);
    const from = this.#pick(
      "contacts",
      contacts.filter(({ id }) => id !== into?.id),
    );
    if (into === undefined || from === undefined) return;
    const deals = this.#simulator.state.deals();
    const newestDealId = Math.max(...deals.map(({ id }) => id));
    for (const { id, _embedded } of deals) {
      if (_embedded.contacts?.some((contact) => contact.id === from.id))
        this.newestDealAtMerge.set(id, newestDealId);
    }
    this.#simulator.control.edit({ action: "merge_contacts", into_id: into.id, from_id: from.id });
    this.changedContactIds.add(into.id);
    this.goneContactIds.add(from.id);
    this.#note(`merge_contacts ${from.id} into ${into.id}`);
  }

  #editDeal(act: "delete_deal" | "move_deal" | "win_deal" | "lose_deal"): void {
    const deal = this.#pick("leads", this.#simulator.state.deals());
    if (deal === undefined) return;
    const { sales, tripwire } = SEED_IDS;
    const place = this.#chance.pick([
      { pipeline_id: sales.pipeline, status_id: sales.qualified },
      { pipeline_id: tripwire.pipeline, status_id: tripwire.lesson67 },
    ]);
    this.#simulator.control.edit(
      act === "move_deal" ? { action: act, deal_id: deal.id, ...place } : { action: act, deal_id: deal.id },
    );
    this.editedDealIds.add(deal.id);
    if (act === "delete_deal") this.deletedDealIds.add(deal.id);
    const now = this.#simulator.state.deals().find(({ id }) => id === deal.id);
    const { pipeline_id: pipelineId, status_id: statusId, is_deleted: isDeleted } = now ?? deal;
    const isOver = isDeleted || statusId === LOST_STATUS_ID;
    const edited = {
      fromMs: this.#nowMs(),
      usableIn: isOver ? null : pipelineId,
      place: { pipelineId, statusId, isDeleted },
    };
    this.#edits.set(deal.id, [...(this.#edits.get(deal.id) ?? []), edited]);
    this.#note(`${act} ${deal.id}${act === "move_deal" ? ` to pipeline ${place.pipeline_id}` : ""}`);
  }

  #pick<Row extends { id: number; is_deleted: boolean }>(
    kind: "contacts" | "leads",
    rows: readonly Row[],
  ): Row | undefined {
    const living = rows.filter((row) => !row.is_deleted && !this.isKeptOff(kind, row.id));
    return this.#chance.pick(this.#chance.happens(LATEST_ODDS) ? living.slice(-LATEST_COUNT) : living);
  }

  #note(what: string): void {
    this.#record.counts.managerEdits += 1;
    this.#record.trace(`MANAGER ${what}`);
  }
}
