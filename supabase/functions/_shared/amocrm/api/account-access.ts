import { createGuard } from "../../outbox/guard.ts";
import { createPacer, type Pacer } from "../../outbox/pacer.ts";
import type { Pace } from "../../outbox/port.ts";
import type { Clock } from "../../platform/clock.ts";
import type { AmocrmAccess, Settings } from "../settings.ts";
import type { AmocrmClient } from "./client-port.ts";
import { type RequestLog, withRequestLog } from "./request-log.ts";
import type { Answer, Failed } from "./verdict.ts";

/** A value, or in words why there is none. `failed` is null if nothing could be asked at all. */
export type Asked<T> = { ok: true; value: T } | { ok: false; reason: string; failed: Failed | null };

/** Why amoCRM cannot be asked at all: the functions are switched off, or a variable of theirs is missing. */
interface Hindrance {
  verdict: "disabled" | "unconfigured";
  message: string;
}

/** The account outside of a drain, at the account's pace. */
export interface AccountAccess {
  /** Null if the functions have all they need to reach amoCRM. */
  readonly hindrance: Hindrance | null;
  ask<T>(request: (client: AmocrmClient) => Promise<Answer<T>>): Promise<Asked<T>>;
  /** For what the account may refuse without stopping deliveries, such as webhooks by its tariff; null if hindered. */
  readonly askAside:
    | (<T>(request: (client: AmocrmClient) => Promise<Answer<T>>) => Promise<Answer<T>>)
    | null;
}

/** What asking outside of a drain needs. */
export interface AccountAccessPorts {
  settings: Settings;
  pace: Pace;
  clock: Clock;
  connect(access: AmocrmAccess, pacer: Pacer): AmocrmClient;
  requestLog: RequestLog;
}

/**
 * Asks amoCRM outside of a drain. Once the account as a whole refuses, or the pace gives no slot, nothing more is sent
 * and every further question gets the same reason: a blocked account must not be knocked at again and again.
 */
export function createAccountAccess({
  settings,
  pace,
  clock,
  connect,
  requestLog,
}: AccountAccessPorts): AccountAccess {
  const hindrance = hindranceOf(settings);
  if (settings.state !== "ready" || hindrance !== null) {
    const reason = hindrance?.message ?? "";
    return { hindrance, ask: async () => ({ ok: false, reason, failed: null }), askAside: null };
  }
  const pacer = createPacer(pace, clock, null);
  const guard = createGuard<Failed>(pace, pacer);
  const client = withRequestLog(connect(settings.access, pacer), requestLog, () => clock.nowMs());
  let stopped: Failed | null = null;

  return {
    hindrance,
    askAside: async (request) => stopped ?? (await request(client)),
    async ask(request) {
      if (stopped !== null) return refusal(stopped);
      const answer = await request(client);
      // Lists of users and making fields need rights that delivering does not: their lack must not stop the queue.
      if (answer.verdict === "delivered" || answer.fault.code !== "forbidden") {
        stopped = await guard.observe(answer, { operation: "ask_for_admin", messageIds: [] });
      }
      return answer.verdict === "delivered" ? { ok: true, value: answer.value } : refusal(answer);
    },
  };
}

function hindranceOf(settings: Settings): Hindrance | null {
  if (settings.state === "disabled") return { verdict: "disabled", message: "AMOCRM_ENABLED is false" };
  if (settings.state === "unconfigured") return { verdict: "unconfigured", message: settings.message };
  return null;
}

function refusal(failed: Failed): { ok: false; reason: string; failed: Failed } {
  const { message, waitMs, causeCode } = failed.fault;
  const wait = waitMs === null ? "" : `; try again in ${Math.ceil(waitMs / 1000)} s`;
  const remedy = causeCode === "paused" || causeCode === "breaker_open" ? " (amocrm_resume() goes on)" : "";
  return { ok: false, reason: `${message}${wait}${remedy}`, failed };
}
