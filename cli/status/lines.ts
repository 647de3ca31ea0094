import type { StatusAnswer } from "../../supabase/functions/_shared/admin/answer.ts";
import { durationOf } from "../output.ts";

/** The verdict with problem and remedy, and what is as it should not be without being wrong. */
export function verdictLines({ verdict, problem, remedy, health }: StatusAnswer): string[] {
  return [
    `${verdict === "ok" ? "✓" : "✗"} ${verdict}`,
    ...(problem === null ? [] : [`  Problem  ${problem}`]),
    ...(remedy === null ? [] : [`  Remedy   ${remedy}`]),
    ...(health.notice === null ? [] : [`  Notice   ${health.notice}`]),
  ];
}

/** What waits, since when and for how long, the pace in force, the breaker, the mirror. */
export function numberLines(status: StatusAnswer, nowMs: number): string[] {
  const { health } = status;
  const since = (at: string): string => sinceOf(at, nowMs);
  return [
    `Waiting ${health.waiting_count}, uncertain ${health.uncertain_count}, dead ${status.dead_letter_count}, duplicates ${status.duplicate_count}`,
    ...(health.oldest_waiting_at === null ? [] : [`The oldest waits for ${since(health.oldest_waiting_at)}`]),
    ...(health.backlog_done_at === null
      ? []
      : [`The backlog is through in ${durationOf(Date.parse(health.backlog_done_at) - nowMs)}`]),
    ...(health.last_lead_at === null ? [] : [`Last lead ${since(health.last_lead_at)} ago`]),
    ...(health.last_delivered_at === null ? [] : [`Last delivered ${since(health.last_delivered_at)} ago`]),
    ...paceLines(status),
    ...breakerLines(status, nowMs),
    ...connectionLines(status, nowMs),
    `Mirror: ${health.mirror_complete === true ? "complete" : "not complete yet"}, ${
      health.last_pull_at === null ? "never read through" : `last read ${since(health.last_pull_at)} ago`
    }`,
  ];
}

function paceLines({ health }: StatusAnswer): string[] {
  const { interval_in_force_ms: inForceMs, min_interval_ms: setMs, slow_reason: reason } = health;
  if (inForceMs === null || setMs === null) return [];
  const slower = inForceMs > setMs ? `, slowed down from ${setMs} ms after ${reason}` : "";
  return [`Pace: one request in ${inForceMs} ms${slower}`];
}

function breakerLines({ health }: StatusAnswer, nowMs: number): string[] {
  const { breaker_code: code, breaker_probe_at: probeAt } = health;
  if (code === null) return [];
  const next = probeAt === null ? "" : `, next try in ${durationOf(Date.parse(probeAt) - nowMs)}`;
  return [`Breaker: open, ${code}${next}`];
}

/** When a long-lived token or a refresh token ends; the access token in between is renewed each day. */
function connectionLines({ health }: StatusAnswer, nowMs: number): string[] {
  if (health.token_state === null) return [];
  const endsAt = health.refresh_expires_at ?? health.token_expires_at;
  const rest = endsAt === null ? "" : `, lasts for ${durationOf(Date.parse(endsAt) - nowMs)}`;
  const uptime =
    health.token_uptime === null ? "" : `, usable for ${percent(health.token_uptime)} of the last 30 days`;
  return [`Connection: ${health.token_state}${rest}${uptime}`];
}

/** Cut, not rounded: 99.99 % must not look like all of it. */
function percent(share: number): string {
  return `${Math.floor(share * 1000) / 10} %`;
}

/** How long ago something was. */
export function sinceOf(at: string, nowMs: number): string {
  return durationOf(nowMs - Date.parse(at));
}
