import { SESSION_HEADER, type SessionRefusal } from "#shared/amocrm/api/session-contract.ts";

const STATUS: Record<SessionRefusal, number> = {
  signed_out: 503,
  needs_person: 503,
  other_account: 409,
  wrong_secret: 401,
  stopping: 503,
  path_refused: 404,
  method_refused: 405,
  body_too_large: 413,
  amocrm_unreachable: 502,
  amocrm_lost: 502,
};

const MESSAGES: Record<SessionRefusal, string> = {
  signed_out: "There is no session at the moment",
  needs_person: "A person has to act, then POST /resume",
  other_account: "The session is of another account than this call is meant for",
  wrong_secret: "Authorization: Bearer with AMOCRM_PLAYWRIGHT_SECRET is needed",
  stopping: "The service is about to end",
  path_refused: "Only paths under /api/v4/ are passed on",
  method_refused: "This method is not passed on",
  body_too_large: "The body is larger than 1 MiB",
  amocrm_unreachable: "No connection to amoCRM could be made: nothing was sent",
  amocrm_lost: "The call left for amoCRM and no answer came",
};

/** What is told with a refusal beside its code. */
export interface RefusalFacts {
  message?: string;
  state?: string;
  reason?: string | null;
  waitMs?: number;
}

/** The service's own answer, marked as such, so that nobody takes it for amoCRM's. */
export function refusal(
  code: SessionRefusal,
  { message, state, reason, waitMs }: RefusalFacts = {},
): Response {
  const headers: Record<string, string> = {
    "content-type": "application/json",
    "cache-control": "no-store",
    [SESSION_HEADER]: code,
  };
  if (waitMs !== undefined) headers["retry-after"] = String(Math.ceil(waitMs / 1000));
  const body = { code, ...(state === undefined ? {} : { state }), ...(reason ? { reason } : {}) };
  return new Response(JSON.stringify({ ...body, message: message ?? MESSAGES[code] }), {
    status: STATUS[code],
    headers,
  });
}

/** The service's own answer to a question about itself. */
export function told(body: unknown): Response {
  return new Response(JSON.stringify(body), {
    status: 200,
    headers: { "content-type": "application/json", "cache-control": "no-store" },
  });
}
