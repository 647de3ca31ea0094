import type { Configured } from "./settings.ts";

/** Who may call a function of cron: any secret key. Strangers are not told which keys there are. */
export const CRON_CALLER = { auth: "secret:*", cors: "disabled", errors: { detailed: false } } as const;

/** What a function of cron answers at once, while its work goes on: 202, or 503 with what is missing by name. */
export function cronAnswer(settings: Configured<unknown>): Response {
  return settings.state === "unconfigured"
    ? Response.json(
        { state: settings.state, missing: settings.missing, message: settings.message },
        { status: 503 },
      )
    : Response.json({ state: settings.state }, { status: 202 });
}

/** For a function that has other callers beside cron: why this call is not cron's, or null if it is. */
export function refuseStranger(request: Request, authMode: string): Response | null {
  if (request.method !== "POST") {
    return Response.json({ code: "method_not_allowed" }, { status: 405, headers: { allow: "POST" } });
  }
  return authMode === "secret" ? null : Response.json({ code: "secret_key_required" }, { status: 401 });
}
