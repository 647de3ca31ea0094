import { type AuthError, isAuthRetryableFetchError, type SupabaseClient } from "@supabase/supabase-js";
import type { Clock } from "../../platform/clock.ts";
import type { AccountOutcome, Accounts } from "./port.ts";

/** Auth answers in a tenth of a second; after this long the manager is told, and the sweep looks what came of it. */
const ANSWER_TIMEOUT_MS = 5000;

/** Accounts over the admin API of Supabase Auth, with a client that has a secret key. */
export function createAccounts(client: SupabaseClient, clock: Clock): Accounts {
  return {
    async create(email) {
      const waiting = new AbortController();
      const timedOut = clock
        .sleep(ANSWER_TIMEOUT_MS, waiting.signal)
        .then((): AccountOutcome => ({ state: "unclear" }));
      try {
        return await Promise.race([createAccount(client, email), timedOut]);
      } finally {
        waiting.abort();
      }
    },
  };
}

async function createAccount(client: SupabaseClient, email: string): Promise<AccountOutcome> {
  // Confirmed, because the manager has the address from a paying customer and Auth shall send no mail of its own: the
  // link in ours proves the address. Without a password nobody can sign in before that.
  const { data, error } = await client.auth.admin.createUser({ email, email_confirm: true });
  return error === null ? { state: "created", userId: data.user.id } : outcomeOf(error);
}

function outcomeOf(error: AuthError): AccountOutcome {
  const { code = "", status = 0 } = error;
  if (code === "email_exists" || code === "user_already_exists") return { state: "exists" };
  // Two creations that meet inside Auth end in a 500 for one of them; after a lost answer nobody knows.
  if (isAuthRetryableFetchError(error) || status >= 500 || status === 429) return { state: "unclear" };
  if (status === 400 || status === 422) return { state: "refused", code: code || `status_${status}` };
  throw new Error(`Cannot create an account: Supabase Auth answered ${status} ${code}`, { cause: error });
}
