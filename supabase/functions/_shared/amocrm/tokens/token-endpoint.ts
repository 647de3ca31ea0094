import { z } from "zod";
import type { Pace } from "../../outbox/port.ts";
import { type Slots, TOKEN_PURPOSE } from "../../outbox/slots.ts";
import {
  type AnsweredOutcome,
  exchange,
  type FailedOutcome,
  type HttpParts,
  oneShotBody,
  retryWaitMs,
  USER_AGENT,
} from "../../platform/http.ts";
import { parseJson } from "../../platform/json.ts";
import { fault } from "../api/faults.ts";
import type { OAuthApp } from "../settings.ts";
import { originInForce } from "./account-host.ts";
import type { TokenEndpoint, TokenVerdict } from "./port.ts";

/** As long as amoCRM's own client waits for tokens (amocrm-api.md 1.6). */
const TIMEOUT_MS = 15_000;
/** What a block, an unpaid account or a wrong setting costs: nobody mends them in seconds. */
const MENDING_MS = 300_000;
/** What a 429 without a wait costs. */
const RATE_WAIT_MS = 2_000;

/** What the endpoint works with. */
export interface TokenEndpointParts extends HttpParts {
  app: OAuthApp;
  /** AMOCRM_BASE_URL, which wins here too; null if it is not set. */
  baseUrl: string | null;
  slots: Slots;
  /** Told of a 429, which slows every request of the account. */
  pace: Pick<Pace, "reportFault">;
}

/** Ten years: no token lives as long, and the database counts seconds in 32 bits. */
const LIFETIME_MAX_S = 10 * 365 * 86_400;
/** For a lifetime that cannot be read: the pair is good all the same, and is renewed soon. */
const UNKNOWN_LIFETIME_S = 3_600;

const Issued = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  expires_in: z
    .union([z.number(), z.string().regex(/^\d+$/).transform(Number)])
    .pipe(z.number().min(1))
    .catch(UNKNOWN_LIFETIME_S)
    .transform((seconds) => Math.min(Math.floor(seconds), LIFETIME_MAX_S)),
});
const Refusal = z.object({ hint: z.string() });

/** The token endpoint over HTTP. */
export function createTokenEndpoint(parts: TokenEndpointParts): TokenEndpoint {
  return {
    refresh: (host, refreshToken) =>
      ask(parts, host, { grant_type: "refresh_token", refresh_token: refreshToken }),
    exchange: (host, code) => ask(parts, host, { grant_type: "authorization_code", code }),
  };
}

async function ask(
  parts: TokenEndpointParts,
  host: string,
  grant: Readonly<Record<string, string>>,
): Promise<TokenVerdict> {
  const { clientId, clientSecret, redirectUri } = parts.app;
  // amoCRM wants the redirect URI on a refresh too.
  const fields = {
    client_id: clientId,
    client_secret: clientSecret,
    redirect_uri: redirectUri,
    ...grant,
  };
  const headers = { "Content-Type": "application/json", "User-Agent": USER_AGENT };
  const body = oneShotBody(JSON.stringify(fields));
  const slot = await parts.slots.take(TOKEN_PURPOSE);
  if (!slot.granted) return hindered(slot.code, slot.message, slot.waitMs ?? RATE_WAIT_MS);
  const url = `${originInForce(parts.baseUrl, host)}/oauth2/access_token`;
  const outcome = await exchange(parts, url, { method: "POST", headers, body }, TIMEOUT_MS);
  if (outcome.kind === "failed") return judgeFailure(outcome);
  return outcome.httpStatus === 429 ? await slowDown(parts.pace, retryWaitMs(outcome)) : judgeAnswer(outcome);
}

async function slowDown(pace: Pick<Pace, "reportFault">, toldWaitMs: number | null): Promise<TokenVerdict> {
  const { code, message } = fault("rate_limited");
  await pace.reportFault({
    code,
    causeCode: null,
    message,
    toldWaitMs,
    operation: "token",
    messageIds: [],
    isProbe: false,
  });
  return hindered(code, message, Math.min(toldWaitMs ?? RATE_WAIT_MS, MENDING_MS));
}

function judgeFailure({ phase, reason }: Pick<FailedOutcome, "phase" | "reason">): TokenVerdict {
  return phase === "before"
    ? hindered(reason, "No connection to amoCRM could be made to ask for a token", RATE_WAIT_MS)
    : { verdict: "lost", code: reason, message: "amoCRM's answer with the new token was lost" };
}

/** By the status and, for what it leaves open, by the hint, which is a fixed English text (amocrm-api.md 1.5). */
function judgeAnswer(answer: Omit<AnsweredOutcome, "waitedMs">): TokenVerdict {
  const { httpStatus: status } = answer;
  if (status >= 200 && status < 300) return judgeSuccess(answer);
  if (status >= 500 || status === 408) {
    return { verdict: "lost", code: "server_error", message: `amoCRM failed to issue a token (${status})` };
  }
  if (status < 400) return wrongHost(status);
  if (status === 402) return hindered("unpaid", "The amoCRM account is not paid (402): pay it", MENDING_MS);
  if (status === 403) {
    const message = "amoCRM blocks this account or address (403): ask amoCRM's support to lift the block";
    return hindered("account_blocked", message, MENDING_MS);
  }
  const hint = hintOf(answer.body);
  // Only the token endpoint gives hints. A host that an account has left, or a gateway, answers 401 or 404 without one.
  return hint === null ? wrongHost(status) : judgeHint(hint);
}

function judgeSuccess({ body, bodyFault }: Pick<AnsweredOutcome, "body" | "bodyFault">): TokenVerdict {
  const issued = Issued.safeParse(bodyFault === null ? parseJson(body) : undefined);
  // Unreadable, but issued: the old pair is used up as if we had read it.
  if (!issued.success) {
    return {
      verdict: "lost",
      code: bodyFault ?? "unexpected_answer",
      message: "amoCRM's answer with the new token could not be read",
    };
  }
  const { access_token, refresh_token, expires_in } = issued.data;
  return {
    verdict: "issued",
    pair: {
      accessToken: access_token,
      refreshToken: refresh_token,
      expiresInSeconds: expires_in,
    },
  };
}

function judgeHint(hint: string): TokenVerdict {
  if (/client|redirect_uri|grant_type/i.test(hint)) {
    const message =
      "amoCRM knows no such integration: check AMOCRM_CLIENT_ID, AMOCRM_CLIENT_SECRET and AMOCRM_REDIRECT_URI";
    return hindered("client_refused", message, MENDING_MS);
  }
  const code = /revoked/i.test(hint)
    ? "token_revoked"
    : /expired/i.test(hint)
      ? "token_expired"
      : "token_invalid";
  return {
    verdict: "refused",
    code,
    message: `amoCRM refuses the connection (${code}): connect again with npm run amocrm -- connect`,
  };
}

function wrongHost(status: number): TokenVerdict {
  const message = `There is no token endpoint at this address (${status}): check that the integration is switched on, and AMOCRM_SUBDOMAIN`;
  return hindered("wrong_host", message, MENDING_MS);
}

function hindered(code: string, message: string, waitMs: number): TokenVerdict {
  return { verdict: "hindered", code, message, waitMs };
}

function hintOf(body: string): string | null {
  const refusal = Refusal.safeParse(parseJson(body));
  return refusal.success ? refusal.data.hint : null;
}
