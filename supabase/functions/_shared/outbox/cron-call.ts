import type { Configured } from "../platform/configured.ts";
import type { Rpc } from "../platform/rpc.ts";

/**
 * Who may call a function of cron: any secret key, or whoever has the token of the door, which the function asks for itself
 * by `refuseCaller`. Strangers are not told which keys there are.
 */
export const CRON_CALLER = { readsSecretKeys: true };

/** What a function of cron answers at once, while its work goes on: 202, or 503 with what is missing by name. */
export function cronAnswer(settings: Configured<unknown>): Response {
  return settings.state === "unconfigured"
    ? Response.json(
        { state: settings.state, missing: settings.missing, message: settings.message },
        { status: 503 },
      )
    : Response.json({ state: settings.state }, { status: 202 });
}

/** The header in which the database's own calls carry their token. */
const CALL_HEADER = "x-amocrm-call";
/** As amocrm.make_token makes them. Anything else costs no question. */
const TOKEN = /^[0-9a-f]{64}$/;

/** For a function that cron calls: why this caller may not, or null if he may. Strangers are not told which methods there are. */
export async function refuseCaller(request: Request, authMode: string, rpc: Rpc): Promise<Response | null> {
  const refusal = await refuseAtDoor("call", request.headers.get(CALL_HEADER), authMode, rpc);
  if (refusal !== null || request.method === "POST") return refusal;
  return Response.json({ code: "method_not_allowed" }, { status: 405 });
}

/** The same for an outside monitor, whose token comes as a bearer. */
export async function refuseMonitor(request: Request, authMode: string, rpc: Rpc): Promise<Response | null> {
  const bearer = /^Bearer\s+(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? null;
  return await refuseAtDoor("monitor", bearer, authMode, rpc);
}

async function refuseAtDoor(
  door: "call" | "monitor",
  token: string | null,
  authMode: string,
  rpc: Rpc,
): Promise<Response | null> {
  if (authMode === "secret") return null;
  const opens =
    token !== null &&
    TOKEN.test(token) &&
    (await rpc("amocrm_door_opens", { p_door: door, p_token: token })) === true;
  return opens ? null : Response.json({ code: "key_required" }, { status: 401 });
}
