import { type Slots, TOKEN_PURPOSE } from "../../outbox/slots.ts";
import type { Clock } from "../../platform/clock.ts";
import type { HttpParts } from "../../platform/http.ts";
import type { SessionAccess } from "../settings.ts";
import { originInForce } from "../tokens/account-host.ts";
import type { SessionAccount } from "../tokens/session-admission.ts";
import { createStaticTokens } from "../tokens/static-token.ts";
import { createAmocrmClient } from "./client.ts";
import type { Account } from "./entities.ts";
import { createHttpTransport } from "./http-transport.ts";
import { type RequestLog, withRequestLog } from "./request-log.ts";
import { createSessionTransport } from "./session-transport.ts";
import type { Answer } from "./verdict.ts";

/** What asking for the account of a token works with. */
export interface AskAccountParts {
  /** AMOCRM_BASE_URL; null if it is not set. */
  baseUrl: string | null;
  slots: Slots;
  fetch: HttpParts["fetch"];
  clock: Clock;
  requestLog: RequestLog;
}

/** Whose an access token is, in a slot of its own, which pause and breaker let through: nothing can be sent without knowing. */
export function askAccount(
  { baseUrl, slots, fetch, clock, requestLog }: AskAccountParts,
  host: string,
  accessToken: string,
): Promise<Answer<Account>> {
  const client = createAmocrmClient(
    createHttpTransport({
      baseUrl: originInForce(baseUrl, host),
      fetch,
      slots: { take: () => slots.take(TOKEN_PURPOSE) },
      tokens: createStaticTokens(accessToken),
      clock,
    }),
  );
  return withRequestLog(client, requestLog, clock.nowMs).account();
}

/** Whom a session service is signed in for, and where that account is, in a slot of its own as above. */
export async function askSession({
  session,
  slots,
  fetch,
  clock,
  requestLog,
}: Omit<AskAccountParts, "baseUrl"> & { session: SessionAccess }): Promise<SessionAccount> {
  let origin: string | null = null;
  const client = createAmocrmClient(
    createSessionTransport({
      session,
      fetch,
      slots: { take: () => slots.take(TOKEN_PURPOSE) },
      admission: null,
      clock,
      told: (one) => {
        origin = one;
      },
    }),
  );
  const answer = await withRequestLog(client, requestLog, clock.nowMs).account();
  if (answer.verdict === "delivered") return { ok: true, accountId: answer.value.id, origin };
  const { causeCode, code, message } = answer.fault;
  return { ok: false, code: causeCode ?? code, message };
}
