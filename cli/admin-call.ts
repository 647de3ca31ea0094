import { setTimeout as sleep } from "node:timers/promises";
import type { AdminRequestInput } from "#shared/admin/request.ts";
import type { Target } from "./target.ts";

/** The platform ends a call of a function after 150 s. */
export const CALL_TIMEOUT_MS = 150_000;

/** What came of a call of amocrm-admin. `code` is Node's for what went wrong, such as ECONNREFUSED. */
export type AdminCall =
  | { kind: "answered"; status: number; body: unknown }
  | { kind: "timeout" }
  | { kind: "unreachable"; code: string | null };

/** Where amocrm-admin of a project is. */
export function adminUrl({ url }: Target): string {
  return `${url}/functions/v1/amocrm-admin`;
}

/** How often, each second, a local stack is asked again whose functions are just starting with new variables. */
const LOCAL_STARTS = 15;
const oneSecond = (): Promise<void> => sleep(1000);

/**
 * One POST to amocrm-admin; never throws for what the network or the server does. A local stack whose functions begin anew,
 * as each time a variable is set, is waited for: a hosted one starts a function with the call.
 */
export async function callAdmin(
  target: Target,
  request: AdminRequestInput,
  fetch: typeof globalThis.fetch,
  pause: () => Promise<void> = oneSecond,
): Promise<AdminCall> {
  for (let count = 1; ; count += 1) {
    const call = await callOnce(target, request, fetch);
    const isStarting = target.kind === "local" && call.kind === "answered" && call.status === 503;
    if (!isStarting || count === LOCAL_STARTS) return call;
    await pause();
  }
}

async function callOnce(
  target: Target,
  request: AdminRequestInput,
  fetch: typeof globalThis.fetch,
): Promise<AdminCall> {
  try {
    const response = await fetch(adminUrl(target), {
      method: "POST",
      headers: { apikey: target.secretKey, "content-type": "application/json" },
      body: JSON.stringify(request),
      redirect: "manual",
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    });
    return { kind: "answered", status: response.status, body: parseJson(await response.text()) };
  } catch (error) {
    if (error instanceof DOMException && error.name === "TimeoutError") return { kind: "timeout" };
    const { cause } = error as { cause?: { code?: unknown } };
    return { kind: "unreachable", code: typeof cause?.code === "string" ? cause.code : null };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
