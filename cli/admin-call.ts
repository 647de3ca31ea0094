import type { AdminRequestInput } from "../supabase/functions/_shared/admin/request.ts";
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

/** One POST to amocrm-admin; never throws for what the network or the server does. */
export async function callAdmin(
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
