import { z } from "zod";
import type { Rpc } from "../../platform/rpc.ts";
import type { TokenStore } from "../tokens/port.ts";
import type { Connections, Consents, KnownAccount } from "./port.ts";

const MadeLink = z.object({ id: z.int(), expires_at: z.string() });
const Begun = z.enum(["begun", "link_unknown", "link_used", "link_expired"]);
const Use = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("granted"), allows_switch: z.boolean() }),
  z.object({ outcome: z.enum(["unknown", "used", "expired"]) }),
]);
const Progress = z
  .object({
    state: z.enum(["open", "used", "expired"]),
    expires_at: z.string(),
    last_outcome: z.string().nullable(),
  })
  .nullable();
const Account: z.ZodType<KnownAccount | null> = z
  .object({
    state: z.enum(["connected", "refreshing", "reauth_required"]),
    access: z.enum(["oauth", "long_lived"]),
    host: z.string(),
    accountId: z.int().nullable(),
    subdomain: z.string().nullable(),
    accessExpiresAt: z.string().nullable(),
    refreshExpiresAt: z.string().nullable(),
    connectedAt: z.string(),
  })
  .nullable();

/** Links and states over their SQL functions; see the migration `oauth_states`. */
export function createConsentStore(rpc: Rpc): Consents {
  return {
    async makeLink(linkHash, allowsSwitch) {
      const made = MadeLink.parse(
        await rpc("amocrm_oauth_make_link", { p_link_hash: linkHash, p_allows_switch: allowsSwitch }),
      );
      return { id: made.id, expiresAt: made.expires_at };
    },
    async begin(stateHash, linkHash, allowsSwitch) {
      return Begun.parse(
        await rpc("amocrm_oauth_begin", {
          p_state_hash: stateHash,
          p_link_hash: linkHash,
          p_allows_switch: allowsSwitch,
        }),
      );
    },
    async useState(stateHash) {
      const use = Use.parse(await rpc("amocrm_oauth_use_state", { p_state_hash: stateHash }));
      return use.outcome === "granted"
        ? { outcome: use.outcome, allowsSwitch: use.allows_switch }
        : { outcome: use.outcome };
    },
    async end(stateHash, outcome) {
      await rpc("amocrm_oauth_end", { p_state_hash: stateHash, p_outcome: outcome });
    },
    async link(id) {
      const progress = Progress.parse(await rpc("amocrm_oauth_link", { p_id: id }));
      return progress === null
        ? null
        : { state: progress.state, expiresAt: progress.expires_at, lastOutcome: progress.last_outcome };
    },
  };
}

/** The connected account without its tokens; see the migration `account_moves`. */
export function createConnectionReader(rpc: Rpc): Pick<Connections, "known"> {
  return { known: async () => Account.parse(await rpc("amocrm_account_read")) };
}

/** The same for a callback, which connects one. */
export function createConnectionStore(rpc: Rpc, tokens: Pick<TokenStore, "connect">): Connections {
  const { known } = createConnectionReader(rpc);
  return {
    known,
    async connect(pair, origin, { id, subdomain }) {
      await tokens.connect(pair, { host: origin, accountId: id, subdomain });
      const account = await known();
      return account?.refreshExpiresAt ?? account?.connectedAt ?? "";
    },
    async note({ id, subdomain }) {
      await rpc("amocrm_account_note", { p_account_id: id, p_subdomain: subdomain });
    },
    async leave() {
      await rpc("amocrm_account_leave");
    },
  };
}
