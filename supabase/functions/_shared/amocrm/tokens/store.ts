import { z } from "zod";
import { failingAsStore } from "../../outbox/store-failures.ts";
import type { Rpc } from "../../platform/rpc.ts";
import type {
  AccountSwitch,
  LongLivedNote,
  LongLivedToken,
  StoredTokens,
  TokenPair,
  TokenStore,
  UnusableTokens,
  UsableTokens,
} from "./port.ts";

const Usable: z.ZodType<UsableTokens> = z.object({
  state: z.enum(["connected", "refreshing"]),
  host: z.string(),
  accountId: z.int().nullable(),
  isProven: z.boolean(),
  version: z.int(),
  accessToken: z.string().nullable(),
  expiresInMs: z.number(),
  isDue: z.boolean(),
});
const Unusable: z.ZodType<UnusableTokens> = z.object({
  state: z.enum(["absent", "reauth_required", "foreign", "restored", "unreadable"]),
  host: z.string().nullable(),
  project: z.string().optional(),
  lastErrorCode: z.string().nullish(),
});
const Stored: z.ZodType<StoredTokens> = z.union([Usable, Unusable]);
const ClaimAnswer = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("claimed"),
    claim: z.int(),
    version: z.int(),
    host: z.string(),
    refreshToken: z.string(),
  }),
  z.object({ outcome: z.literal("busy"), waitMs: z.number() }),
  z.object({ outcome: z.literal("not_yet"), waitMs: z.number(), code: z.string().nullable() }),
  z.object({ outcome: z.literal("moved_on"), tokens: Usable }),
  z.object({ outcome: z.literal("unusable"), tokens: Unusable }),
]);
const StoreAnswer = z.object({ outcome: z.enum(["stored", "moved_on", "other_account"]) });
const ProofAnswer = z.enum(["proven", "moved_on", "other_account"]);
const NoteAnswer: z.ZodType<LongLivedNote> = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("granted"), host: z.string(), accountId: z.int() }),
  z.object({ outcome: z.literal("unproven"), host: z.string().nullable() }),
  z.object({ outcome: z.literal("other_account"), accountId: z.int() }),
  z.object({ outcome: z.enum(["foreign", "restored"]), project: z.string() }),
]);
const SwitchAnswer: z.ZodType<AccountSwitch> = z.object({
  isOther: z.boolean(),
  previousId: z.int().nullable(),
});
const LookUpAnswer = z.union([
  z.object({ outcome: z.literal("moved"), host: z.string() }),
  z.object({ outcome: z.enum(["granted", "not_yet"]) }),
]);
const FailAnswer = z.object({ outcome: z.enum(["reauth_required", "released", "moved_on", "busy"]) });

/**
 * The connection over its SQL functions; see the migration `accounts`. `project` names the Supabase project that asks: a
 * copy of the database in another one is refused, because its first refresh would end the connection of the original.
 */
export function createTokenStore(rpc: Rpc, project: string): TokenStore {
  return failingAsStore<TokenStore>({
    async read() {
      return checked(Stored, await rpc("amocrm_tokens_read", { p_project: project }));
    },
    async claim(version) {
      return checked(
        ClaimAnswer,
        await rpc("amocrm_tokens_claim", { p_project: project, p_version: version }),
      );
    },
    async store(claim, version, pair, accountId) {
      const answer = await rpc("amocrm_tokens_store", {
        p_claim: claim,
        p_version: version,
        p_pair: pairRow(pair),
        p_expires_in_s: pair.expiresInSeconds,
        p_account_id: accountId,
      });
      return checked(StoreAnswer, answer).outcome;
    },
    async prove(version, accountId) {
      const answer = await rpc("amocrm_tokens_prove", { p_version: version, p_account_id: accountId });
      return checked(ProofAnswer, answer);
    },
    async fail(claim, version, { code, message, isFinal, waitMs }) {
      const answer = await rpc("amocrm_tokens_fail", {
        p_claim: claim,
        p_version: version,
        p_code: code,
        p_message: message,
        p_is_final: isFinal,
        p_wait_ms: Math.round(waitMs),
      });
      return checked(FailAnswer, answer).outcome;
    },
    async connect(pair, account) {
      return checked(
        z.int(),
        await rpc("amocrm_tokens_connect", {
          p_project: project,
          p_pair: pairRow(pair),
          p_expires_in_s: pair.expiresInSeconds,
          p_host: account.host,
          p_account_id: account.accountId,
          p_subdomain: account.subdomain,
        }),
      );
    },
    async takeOver(refreshToken, host) {
      return checked(
        z.boolean(),
        await rpc("amocrm_tokens_take_over", {
          p_project: project,
          p_refresh_token: refreshToken,
          p_host: host,
        }),
      );
    },
    async noteLongLived(token) {
      return checked(NoteAnswer, await rpc("amocrm_tokens_note_long_lived", longLivedRow(project, token)));
    },
    async switchAccount(token) {
      return checked(SwitchAnswer, await rpc("amocrm_account_switch", longLivedRow(project, token)));
    },
    async mayLookUp(host) {
      return checked(LookUpAnswer, await rpc("amocrm_account_look_up", { p_host: host }));
    },
    async moved(from, to) {
      return checked(z.boolean(), await rpc("amocrm_account_moved", { p_from: from, p_to: to }));
    },
    async disconnect() {
      return checked(z.boolean(), await rpc("amocrm_tokens_disconnect"));
    },
  });
}

function longLivedRow(project: string, token: LongLivedToken): Record<string, unknown> {
  const { access = "long_lived", host, expiresAt, accountId, fingerprint } = token;
  return {
    p_project: project,
    p_host: host,
    p_expires_at: expiresAt,
    p_account_id: accountId,
    p_fingerprint: fingerprint,
    p_access: access,
  };
}

function pairRow(pair: TokenPair): Record<string, string> {
  return { access_token: pair.accessToken, refresh_token: pair.refreshToken };
}

/** Parses an answer; what is wrong is told without the answer, which may hold a token. */
function checked<T>(schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const place = parsed.error.issues[0]?.path.join(".") || "its top";
  throw new Error(`The database's answer about tokens has an unexpected shape at ${place}`);
}
