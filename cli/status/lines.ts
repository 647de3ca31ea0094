import type { StatusAnswer } from "#shared/admin/answer.ts";
import { SESSION_CODES } from "#shared/admin/session-codes.ts";
import { filled, type Say, same, type Text } from "#shared/platform/text.ts";
import { durationOf, sinceOf } from "../language/duration.ts";
import { STATUS } from "../words/status.ts";

const VERDICTS: Readonly<Record<string, Text>> = {
  paused: STATUS.verdictPaused,
  disabled: STATUS.verdictDisabled,
  unconfigured: STATUS.verdictUnconfigured,
  stopped: STATUS.verdictStopped,
  unreachable: STATUS.verdictUnreachable,
  failing: STATUS.verdictFailing,
  blocked: STATUS.verdictBlocked,
  attention: STATUS.verdictAttention,
  behind: STATUS.verdictBehind,
};

/** A verdict in words; that of a newer database by its name. */
export function verdictText(verdict: string): Text {
  return VERDICTS[verdict] ?? same(verdict);
}

/** `  Remedy   …`, with as much room as the longest of the three heads needs. */
export function underlined(head: Text, text: string, say: Say): string {
  const width = Math.max(...[STATUS.problem, STATUS.remedy, STATUS.notice].map((one) => say(one).length));
  return `  ${say(head).padEnd(width)}  ${text}`;
}

/** The verdict with problem and remedy, and what is as it should not be without being wrong. */
export function verdictLines({ verdict, problem, remedy, health }: StatusAnswer, say: Say): string[] {
  return [
    `${verdict === "ok" ? "✓" : "✗"} ${say(verdictText(verdict))}`,
    ...(problem === null ? [] : [underlined(STATUS.problem, problem, say)]),
    ...(remedy === null ? [] : [underlined(STATUS.remedy, remedy, say)]),
    ...(health.notice ?? "")
      .split("\n")
      .filter((notice) => notice !== "")
      .map((notice) => underlined(STATUS.notice, notice, say)),
  ];
}

/** What waits, since when and for how long, the pace in force, the breaker, the mirror. */
export function numberLines(status: StatusAnswer, nowMs: number, say: Say): string[] {
  const { health } = status;
  const ago = (text: Text, at: string | null): string[] =>
    at === null ? [] : [say(text, { since: sinceOf(at, nowMs) })];
  return [
    say(STATUS.counts, {
      waiting: health.waiting_count,
      uncertain: health.uncertain_count,
      dead: status.dead_letter_count,
      duplicates: status.duplicate_count,
    }),
    ...ago(STATUS.oldest, health.oldest_waiting_at),
    ...(health.backlog_done_at === null
      ? []
      : [say(STATUS.through, { in: durationOf(Date.parse(health.backlog_done_at) - nowMs) })]),
    ...ago(STATUS.lastLead, health.last_lead_at),
    ...ago(STATUS.lastDelivered, health.last_delivered_at),
    ...paceLines(status, say),
    ...breakerLines(status, nowMs, say),
    ...connectionLines(status, nowMs, say),
    mirrorLine(status, nowMs, say),
  ];
}

function mirrorLine({ health }: StatusAnswer, nowMs: number, say: Say): string {
  const isComplete = health.mirror_complete === true;
  if (health.last_pull_at === null) {
    return say(STATUS.mirrorNever, { state: isComplete ? STATUS.complete : STATUS.incomplete });
  }
  const since = sinceOf(health.last_pull_at, nowMs);
  return say(isComplete ? STATUS.mirrorComplete : STATUS.mirrorPartly, { since });
}

function paceLines({ health }: StatusAnswer, say: Say): string[] {
  const { interval_in_force_ms: inForceMs, min_interval_ms: setMs, slow_reason: reason } = health;
  if (inForceMs === null || setMs === null) return [];
  return inForceMs > setMs
    ? [say(STATUS.paceSlowed, { ms: inForceMs, set: setMs, reason: reason ?? "" })]
    : [say(STATUS.pace, { ms: inForceMs })];
}

function breakerLines({ health }: StatusAnswer, nowMs: number, say: Say): string[] {
  const { breaker_code: code, breaker_probe_at: probeAt } = health;
  if (code === null) return [];
  return probeAt === null
    ? [say(STATUS.breaker, { code })]
    : [say(STATUS.breakerNext, { code, in: durationOf(Date.parse(probeAt) - nowMs) })];
}

/** While the breaker is open for one of these, what the token says of its own end is of no use. */
const REFUSED_TOKEN: ReadonlySet<string> = new Set([
  "unauthorized",
  "reauth_required",
  "token_unavailable",
  "other_account",
]);

const TOKEN_STATES: Readonly<Record<string, Text>> = {
  connected: STATUS.connected,
  not_connected: STATUS.notConnected,
  reauth_required: STATUS.reauth,
};

/** When a long-lived token or a refresh token ends; the access token in between is renewed each day. */
function connectionLines({ health }: StatusAnswer, nowMs: number, say: Say): string[] {
  const {
    token_state: state,
    breaker_code: code,
    breaker_opened_at: openedAt,
    token_uptime: uptime,
  } = health;
  if (state === null) return [];
  if (code !== null && REFUSED_TOKEN.has(code)) {
    return openedAt === null
      ? [say(STATUS.refused, { code })]
      : [say(STATUS.refusedFor, { code, since: sinceOf(openedAt, nowMs) })];
  }
  if (code !== null && SESSION_CODES.has(code)) return [say(STATUS.sessionDown, { code })];
  const endsAt = health.refresh_expires_at ?? health.token_expires_at;
  const rest = endsAt === null ? "" : filled(STATUS.lasts, { in: durationOf(Date.parse(endsAt) - nowMs) });
  const usable = uptime === null ? "" : filled(STATUS.uptime, { share: percent(uptime) });
  return [say(STATUS.connection, { state: TOKEN_STATES[state] ?? same(state), rest, uptime: usable })];
}

/** Cut, not rounded: 99.99 % must not look like all of it. */
function percent(share: number): Text {
  const text = `${Math.floor(share * 1000) / 10} %`;
  return { en: text, ru: text.replace(".", ",") };
}
