import type { TokenAnswer, Tokens } from "../api/transport.ts";
import { unusableAnswer } from "./answers.ts";
import type { StoredTokens, UsableTokens, WhoseToken } from "./port.ts";
import { type RefreshPorts, refresh } from "./refresh.ts";

/** A token with less left than this is renewed before use: a request may wait ten seconds for its slot and as long on its way. */
const MARGIN_MS = 60_000;
/** How long somebody else's refresh is waited for: its lease, and then our own turn. */
const MAX_WAIT_MS = 130_000;
/** How often a waiting process looks for the winner's pair. */
const LOOK_INTERVAL_MS = 500;

/** What the stored connection works with. */
export interface StoredTokensPorts extends RefreshPorts {
  /** AMOCRM_REFRESH_TOKEN and the host that the settings name, for a connection that is taken over; null if there is none. */
  existing: { refreshToken: string; host: string } | null;
  whose: WhoseToken;
}

interface Remembered {
  token: string;
  host: string;
  endsAtMs: number;
}

/**
 * The access token of the connection in the database. It is read once and remembered until shortly before its end;
 * refreshed here only if cron has not done so ahead of time, or after a 401. However many ask at once, one refreshes.
 */
export function createStoredTokens(ports: StoredTokensPorts): Tokens {
  let remembered: Remembered | null = null;
  let underWay: Promise<TokenAnswer> | null = null;

  async function obtain(refused: string | undefined): Promise<TokenAnswer> {
    const untilMs = ports.clock.nowMs() + MAX_WAIT_MS;
    for (;;) {
      const tokens = await readOrTakeOver(ports);
      if (!("version" in tokens)) return unusableAnswer(tokens);
      const isGood = tokens.accessToken !== refused && tokens.expiresInMs > MARGIN_MS;
      if (isGood && !tokens.isProven && tokens.accessToken !== null) {
        const fault = await prove(tokens, tokens.accessToken);
        if (fault !== null) return fault;
        continue;
      }
      const known = isGood ? remember(tokens) : null;
      if (known !== null) return known;
      const end = await refresh(tokens, ports);
      if (end.outcome === "renewed" || end.outcome === "ended") continue;
      // What is left of the old token will do while nobody can have a newer one, but not where nobody knows the account
      // any more: what that host says of contacts and deals means nothing.
      const isAway = end.outcome === "not_yet" && end.code === "wrong_host" && tokens.accessToken === refused;
      const rest =
        tokens.isProven &&
        tokens.expiresInMs > 0 &&
        !isAway &&
        (end.outcome === "not_yet" || tokens.accessToken !== refused);
      const old = rest ? remember(tokens) : null;
      if (old !== null) return old;
      if (end.outcome === "not_yet") return notRenewed(end.code);
      if (ports.clock.nowMs() >= untilMs) return UNDER_WAY;
      await ports.clock.sleep(Math.min(LOOK_INTERVAL_MS, Math.max(1, end.waitMs)));
    }
  }

  /** Asks amoCRM whose a pair is that was taken over and does not tell; what came of it is in the store. */
  async function prove({ host, version }: UsableTokens, accessToken: string): Promise<TokenAnswer | null> {
    const told = await ports.whose(host, accessToken);
    if (!told.ok) return told;
    const outcome = await ports.store.prove(version, told.accountId);
    if (outcome === "other_account") ports.log("error", "token_of_other_account", { version });
    return null;
  }

  function remember({ accessToken, host, expiresInMs }: UsableTokens): TokenAnswer | null {
    if (accessToken === null) return null;
    remembered = { token: accessToken, host, endsAtMs: ports.clock.nowMs() + expiresInMs };
    return { ok: true, token: accessToken, host };
  }

  function join(refused: string | undefined): Promise<TokenAnswer> {
    underWay ??= obtain(refused).finally(() => {
      underWay = null;
    });
    return underWay;
  }

  return {
    async accessToken(refused) {
      if (
        remembered !== null &&
        remembered.token !== refused &&
        remembered.endsAtMs - ports.clock.nowMs() > MARGIN_MS
      ) {
        return { ok: true, token: remembered.token, host: remembered.host };
      }
      const hasJoined = underWay !== null;
      const answer = await join(refused);
      // Whom it was begun for may not have known that this very token is refused.
      return hasJoined && answer.ok && answer.token === refused ? await join(refused) : answer;
    },
  };
}

/** What is stored; if that is nothing of use, after a try to take over the connection that the settings name. */
export async function readOrTakeOver({ store, existing, log }: StoredTokensPorts): Promise<StoredTokens> {
  const tokens = await store.read();
  if ("version" in tokens || existing === null) return tokens;
  if (await store.takeOver(existing.refreshToken, existing.host)) log("info", "connection_taken_over");
  // Read again in any case: a sibling may have taken it over in between.
  return await store.read();
}

const UNDER_WAY: TokenAnswer = {
  ok: false,
  code: "token_refresh_under_way",
  message: "Another process renews the token of amoCRM and has not finished in time: messages wait",
};

function notRenewed(code: string | null): TokenAnswer {
  return {
    ok: false,
    code: "token_refresh_failing",
    message: `The token of amoCRM has ended and could not be renewed (${code ?? "sending is stopped"}): it is tried again by itself`,
  };
}
