import type { VirtualTime } from "./virtual-time.ts";
import type { World } from "./world.ts";

const MINUTE_MS = 60_000;

/** Before this moment no drain is called, whatever the hour, unless something changes: null if none ever is. */
const QUIET_UNTIL = `select extract(epoch from case when control.paused_at is null then greatest(
    control.breaker_probe_at, control.drain_expires_at,
    (select min(case when outbox.is_fresh or outbox.state = 'leased' then '-infinity' else outbox.next_attempt_at end) from amocrm.outbox
      where outbox.queue = control.queue and (outbox.is_fresh or outbox.is_head and outbox.state in ('pending', 'uncertain', 'leased')))) end)::float8 * 1000 as ms
  from amocrm.queue_control as control where control.queue = 'amocrm'`;

/** Cron's ticks, each ten seconds. Of those that would find what the last one found only one a minute is made. */
export class Ticks {
  readonly #world: World;
  readonly #time: VirtualTime;
  /** Refreshes of tokens and readings for hooks are called by the hour as well, each by rules of its own. */
  readonly #areAllMade: boolean;
  #quiet = { untilMs: 0, changeCount: -1, clockOffsetMs: 0 };

  constructor(world: World, time: VirtualTime) {
    this.#world = world;
    this.#time = time;
    const { connection, otherAccount, hooks } = world.plan;
    this.#areAllMade = connection === "oauth" || otherAccount !== undefined || hooks !== undefined;
  }

  async tick(): Promise<void> {
    if (this.#isQuiet()) return;
    const { access } = this.#world;
    const calls = await this.#world.answerBell("select public.amocrm_tick()");
    if (this.#areAllMade || calls > 0) return;
    const { changeCount, clockOffsetMs } = access;
    const [row] = await access.look<{ ms: number | null }>(QUIET_UNTIL);
    this.#quiet = { untilMs: row?.ms ?? Number.POSITIVE_INFINITY, changeCount, clockOffsetMs };
  }

  #isQuiet(): boolean {
    const { changeCount, clockOffsetMs } = this.#world.access;
    const nowMs = this.#time.nowMs();
    const isNewMinute = nowMs % MINUTE_MS < TICK_MS;
    return (
      !isNewMinute &&
      nowMs + clockOffsetMs < this.#quiet.untilMs &&
      changeCount === this.#quiet.changeCount &&
      clockOffsetMs === this.#quiet.clockOffsetMs
    );
  }
}

/** How often cron ticks. */
export const TICK_MS = 10_000;
