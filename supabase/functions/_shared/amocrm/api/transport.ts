import type { AnsweredOutcome, FailedOutcome, OutcomeTimes } from "../../platform/http.ts";

/**
 * What a request asks of amoCRM, which decides whether it may be repeated after a doubt: `read` and `set`
 * (a PATCH to absolute values) may, `create` may not, because amoCRM has no idempotency key.
 */
export type MethodClass = "read" | "create" | "set";

/** One request, ready to be sent: nothing in it depends on the moment it leaves. */
export interface AmocrmRequest {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  methodClass: MethodClass;
  /** From `/api/v4/…`, without the query. */
  path: string;
  query: readonly (readonly [name: string, value: string])[];
  /** The JSON body, or null for a GET. */
  body: unknown;
  /** The ids of the items in the body, in its order; empty for a GET. */
  requestIds: readonly string[];
  /** How many entities are asked for or written, for the log and for the batch size in force. */
  itemCount: number;
  timeoutMs: number;
  /** What the slot is used for, in snake_case, e.g. `create_notes`. */
  purpose: string;
}

/** What came of sending, before anybody has judged it. */
export type RawOutcome = AnsweredOutcome | FailedOutcome | NotSentOutcome;

/** The request never left: the pace or the token refused. */
export interface NotSentOutcome extends OutcomeTimes {
  kind: "not_sent";
  refusedBy: "slot" | "token";
  code: string;
  message: string;
  waitMs: number | null;
}

/** Port: carries one request to amoCRM. Never throws for what the network or the server does. */
export interface Transport {
  send(request: AmocrmRequest): Promise<RawOutcome>;
}

/** An access token, or why there is none. `message` names the setting to mend and holds no token. */
export type TokenAnswer =
  | {
      ok: true;
      token: string;
      /** Origin of the account that the token is for, if whoever gave it knows. */
      host?: string;
    }
  | { ok: false; code: string; message: string };

/** Port: where the access token comes from. */
export interface Tokens {
  /** `refused` is a token that amoCRM has answered with 401: another one is wanted. The same again means that there is none. */
  accessToken(refused?: string): Promise<TokenAnswer>;
}
