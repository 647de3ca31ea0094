import { z } from "zod";
import type { Entity } from "../account/models.ts";
import type { AccountStore } from "../account/store.ts";
import type { Ports } from "../ports.ts";
import type { Settings } from "../settings.ts";
import { bodyOf, type Change, type ChangeAction, changeOf, eventOf } from "./body.ts";
import { nextAttemptMs } from "./schedule.ts";

/** Invalid answers are counted over so long (amocrm-api 5.1). */
const COUNTED_MS = 2 * 3_600_000;

/** A webhook as `/api/v4/webhooks` shows it. */
export interface Subscription {
  id: number;
  destination: string;
  created_at: number;
  updated_at: number;
  account_id: number;
  created_by: number;
  sort: number;
  disabled: boolean;
  settings: string[];
}

interface Delivery {
  atMs: number;
  destination: string;
  attempt: number;
  status: number;
  entries: number;
}

/** What somebody does to webhooks on the account's page: all of them, unless one is named. */
export const meddlingSchema = z.strictObject({
  action: z.enum(["disable", "remove"]),
  destination: z.string().optional(),
});

/** Gathers what changed at one moment, and posts it to whoever subscribed, as reference amocrm-api 5.1 and 5.2 have it. */
export class HookOffice {
  /** Every attempt at a delivery, in the order of their answers. */
  readonly deliveries: Delivery[] = [];
  /** How many deliveries wait for their first or next attempt. */
  waitingCount = 0;
  readonly #ports: Ports;
  readonly #settings: () => Settings;
  readonly #store: () => AccountStore;
  readonly #subscriptions = new Map<string, Subscription>();
  #changes: Change[] = [];
  #nextId = 1;
  #epoch = 0;

  constructor(ports: Ports, settings: () => Settings, store: () => AccountStore) {
    this.#ports = ports;
    this.#settings = settings;
    this.#store = store;
  }

  list(): Subscription[] {
    return structuredClone([...this.#subscriptions.values()]);
  }

  /** The same destination again overwrites its settings and is no second hook. */
  subscribe(destination: string, settings: string[], sort: number, userId: number): Subscription {
    const known = this.#subscriptions.get(destination);
    const now = this.#store().nowSeconds();
    const subscription: Subscription = {
      id: known?.id ?? this.#nextId++,
      destination,
      created_at: known?.created_at ?? now,
      updated_at: now,
      account_id: this.#store().seed.account.id,
      created_by: known?.created_by ?? userId,
      sort,
      disabled: false,
      settings: [...new Set(settings)],
    };
    this.#subscriptions.set(destination, subscription);
    return structuredClone(subscription);
  }

  unsubscribe(destination: string): boolean {
    return this.#subscriptions.delete(destination);
  }

  meddle({ action, destination }: z.output<typeof meddlingSchema>): void {
    for (const subscription of this.#subscriptions.values()) {
      if (destination !== undefined && destination !== subscription.destination) continue;
      if (action === "disable") subscription.disabled = true;
      else this.#subscriptions.delete(subscription.destination);
    }
  }

  reset(): void {
    this.#subscriptions.clear();
    this.#changes = [];
    this.deliveries.length = 0;
    this.waitingCount = 0;
    this.#epoch += 1;
  }

  /** Something happened to an entity. What happens at one moment, as in one request, is told together. */
  note(action: ChangeAction, entity: Entity, extra: Record<string, number> = {}): void {
    if (this.#subscriptions.size === 0) return;
    if (this.#changes.push(changeOf(action, entity, extra)) > 1) return;
    // Not before the request that made the change is through with all of its items.
    queueMicrotask(() => this.#dispatch());
  }

  #dispatch(): void {
    const { hooks } = this.#settings();
    const { random } = this.#ports;
    const changes = toldOf(this.#changes, hooks.on_move);
    this.#changes = [];
    for (const { destination, settings, disabled } of this.#subscriptions.values()) {
      if (disabled) continue;
      const wanted = changes.filter((change) => settings.includes(eventOf(change)));
      if (hooks.order === "shuffled") wanted.sort(() => random() - 0.5);
      for (let start = 0; start < wanted.length; start += hooks.entries_max) {
        const part = wanted.slice(start, start + hooks.entries_max);
        if (hooks.lost > 0 && random() < hooks.lost) continue;
        const copies = hooks.doubled > 0 && random() < hooks.doubled ? 2 : 1;
        const body = bodyOf(part, this.#store().seed.account, hooks, random);
        for (let copy = 0; copy < copies; copy++) {
          const lateMs = hooks.late_ms > 0 ? Math.floor(random() * hooks.late_ms) : 0;
          this.#deliverLater(
            destination,
            { body, entries: part.length, attempt: 1 },
            hooks.delay_ms + lateMs,
          );
        }
      }
    }
  }

  #deliverLater(
    destination: string,
    delivery: { body: string; entries: number; attempt: number },
    ms: number,
  ): void {
    const epoch = this.#epoch;
    this.waitingCount += 1;
    void this.#ports.sleep(ms).then(async () => {
      if (epoch !== this.#epoch) return;
      const isWanted = this.#subscriptions.get(destination)?.disabled === false;
      if (isWanted) await this.#deliver(destination, delivery);
      if (epoch === this.#epoch) this.waitingCount -= 1;
    });
  }

  async #deliver(
    destination: string,
    delivery: { body: string; entries: number; attempt: number },
  ): Promise<void> {
    const { timeout_ms } = this.#settings().hooks;
    const { attempt, entries, body } = delivery;
    const status = await this.#ports.post(destination, body, timeout_ms);
    this.deliveries.push({ atMs: this.#ports.now(), destination, attempt, status, entries });
    if (status >= 100 && status < 300) return;
    this.#countInvalid(destination);
    const waitMs = nextAttemptMs(attempt, status);
    if (waitMs !== null) this.#deliverLater(destination, { ...delivery, attempt: attempt + 1 }, waitMs);
  }

  #countInvalid(destination: string): void {
    const { disabled_after } = this.#settings().hooks;
    const since = this.#ports.now() - COUNTED_MS;
    const invalid = this.deliveries.filter(
      (one) => one.destination === destination && one.atMs > since && (one.status < 100 || one.status >= 300),
    );
    const subscription = this.#subscriptions.get(destination);
    if (disabled_after !== null && subscription !== undefined && invalid.length > disabled_after)
      subscription.disabled = true;
  }
}

/** Of what happened to one entity at one moment, what is told of it. */
function toldOf(changes: readonly Change[], onMove: Settings["hooks"]["on_move"]): Change[] {
  const actionsOf = new Map<string, Set<ChangeAction>>();
  const keyOf = ({ kind, id }: Change) => `${kind}/${id}`;
  for (const change of changes)
    actionsOf.set(keyOf(change), (actionsOf.get(keyOf(change)) ?? new Set()).add(change.action));
  const told = new Map<string, Change>();
  for (const change of changes) {
    const actions = actionsOf.get(keyOf(change)) ?? new Set();
    const isBeside = ["update", "status", "responsible"].includes(change.action);
    if (isBeside && (["add", "delete", "restore"] as const).some((one) => actions.has(one))) continue;
    if (change.action === "update" && actions.has("status") && onMove === "status") continue;
    if (change.action === "status" && onMove === "update") continue;
    // The last of its kind has the values as they are now.
    told.set(`${keyOf(change)}/${change.action}`, change);
  }
  return [...told.values()];
}
