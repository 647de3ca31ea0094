import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { isOverrun } from "../world/overruns.ts";
import { GOOD_SOURCES } from "../world/plan.ts";
import type { QueueAccess } from "../world/queue-database.ts";
import type { World } from "../world/world.ts";

/** Whose fault these are, no message is to blame for them (rule 5). */
const ACCOUNT_CODES = new Set([
  "rate_limited",
  "unauthorized",
  "unpaid",
  "forbidden",
  "account_blocked",
  "token_unavailable",
  "reauth_required",
  "token_refresh_failing",
  "token_refresh_under_way",
  "slot_refused",
  "paused",
  "breaker_open",
  "lease_lost",
  "wait_too_long",
]);

interface ClaimedMessage {
  id: number;
  kind: string;
  step: string | null;
  subjectTable: string;
  subject: { source?: unknown } | null;
}

interface Fact {
  id: number;
  deal_id?: number | null;
  progress?: { deal?: string };
}

interface Result {
  id: number;
  verdict: string;
  code: string | null;
}

type Attempts = Record<number, number> | null;
const ATTEMPTS = `(select jsonb_object_agg(outbox.id, outbox.attempt_count) from amocrm.outbox
  where outbox.queue = 'amocrm' and outbox.id = any ($1::bigint[])) as attempts`;

/** The database as one worker reaches it. What must hold at every moment is judged here, as it happens. */
export function watch(world: World, worker: { name: string; startedAtMs: number }): QueueAccess["rpc"] {
  const { access, record, manager } = world;
  /** The pipeline into which each message's deal goes. */
  const pipelines = new Map<number, number>();

  function judgeReuse(facts: readonly Fact[]): void {
    for (const { id, deal_id: dealId, progress } of facts) {
      if (progress?.deal !== "reused" || typeof dealId !== "number") continue;
      const pipelineId = pipelines.get(id);
      if (pipelineId === undefined) continue;
      const { startedAtMs } = worker;
      const takenAtMs = manager.takenAwayAtMs(dealId, pipelineId, startedAtMs);
      if (takenAtMs !== null && !isOverrun(world.simulator, dealId, takenAtMs, startedAtMs)) {
        record.violate(
          `message ${id} goes to deal ${dealId}, which a manager took away before this drain began`,
        );
      }
    }
  }

  async function settle(name: string, args: Record<string, unknown> | undefined): Promise<unknown> {
    const results = args?.["p_results"] as Result[];
    const ids = results.map(({ id }) => id);
    const [before] = await access.query<{ token: string | null; attempts: Attempts }>(
      `select (select drain_token from amocrm.queue_control where queue = 'amocrm') as token, ${ATTEMPTS}`,
      [ids],
    );
    const answer = (await access.rpc(name, args)) as unknown[];
    if (before?.token !== args?.["p_token"]) {
      if (answer.length > 0) record.violate(`a stale lease settled messages ${JSON.stringify(answer)}`);
      record.counts.staleSettles += results.length - answer.length;
      return answer;
    }
    const innocent = results.filter(
      ({ verdict, code }) => verdict === "retry" && ACCOUNT_CODES.has(code ?? ""),
    );
    if (innocent.length === 0) return answer;
    const [after] = await access.query<{ attempts: Attempts }>(`select ${ATTEMPTS}`, [ids]);
    for (const { id, code } of innocent) {
      if ((after?.attempts?.[id] ?? 0) > (before?.attempts?.[id] ?? 0))
        record.violate(`message ${id} spent an attempt on ${code}`);
    }
    return answer;
  }

  async function begin(name: string, args: Record<string, unknown> | undefined): Promise<unknown> {
    const [left] = await access.query<{ count: number }>(
      "select count(*) from amocrm.outbox where state = 'leased'",
    );
    const answer = await access.rpc(name, args);
    if (answer === "granted" && (left?.count ?? 0) > 0) record.counts.takeovers += 1;
    return answer;
  }

  /** A lower lane gets a slot only when nothing live is due, or when the mirror is behind and it is the pull's turn. */
  async function pullSlot(name: string, args: Record<string, unknown> | undefined): Promise<unknown> {
    const [due] = await access.query<{ is_due: boolean }>(
      "select amocrm.lane_in_turn() = 'live' and amocrm.is_due('amocrm', array['live']) as is_due",
    );
    const answer = (await access.rpc(name, args)) as { granted: boolean };
    if (due?.is_due === true && answer.granted) record.violate("a pull got a slot while leads were due");
    return answer;
  }

  return async (name, args) => {
    switch (name) {
      case "amocrm_drain_begin":
        return await begin(name, args);
      case "amocrm_drain_settle":
        return await settle(name, args);
      case "amocrm_reserve_pull_slot":
        return await pullSlot(name, args);
    }
    if (name === "amocrm_drain_record") judgeReuse(args?.["p_facts"] as Fact[]);
    const answer = await access.rpc(name, args);
    if (name === "amocrm_drain_claim") {
      for (const { id, kind, step, subject, subjectTable } of (answer as { messages: ClaimedMessage[] })
        .messages) {
        if (step !== null) record.uncertainIds.add(id);
        const isStudent = subjectTable === "tripwire_users";
        // A tell whose own deal is gone goes by rule 7 in the account's main pipeline, whatever the lead's route says.
        const pipelineId = isTell(kind)
          ? SEED_IDS.sales.pipeline
          : isStudent
            ? SEED_IDS.tripwire.pipeline
            : pipelineOf(subject?.source);
        pipelines.set(id, pipelineId);
      }
    }
    if (name === "amocrm_tokens_store") record.counts.tokenRefreshes += 1;
    if (name === "amocrm_pull_page") record.counts.pullPages += 1;
    // These may have rung.
    if (name === "amocrm_drain_end" || name === "amocrm_drain_look_again" || name === "amocrm_pull_end")
      await world.answerBell();
    return answer;
  };
}

const isTell = (kind: string): boolean => /^(deal|contact)\./.test(kind);

/** The pipeline into which the leads of a source go (World.openRoutes). */
export function pipelineOf(source: unknown): number {
  return source === GOOD_SOURCES[1] ? SEED_IDS.tripwire.pipeline : SEED_IDS.sales.pipeline;
}
