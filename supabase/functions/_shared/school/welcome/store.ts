import type { SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import type { Rpc } from "../../platform/rpc.ts";
import type { Recovery, WelcomeLinks } from "./port.ts";

const Press = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("granted"), email: z.string() }),
  z.object({ outcome: z.enum(["unknown", "expired", "password_set", "too_many"]) }),
]);

/** The links of welcome mails, by the hash of their tokens. */
export function createWelcomeLinks(rpc: Rpc): WelcomeLinks {
  return { press: async (token) => Press.parse(await rpc("message_press_link", { p_token: token })) };
}

/** Recovery links of the project's auth service, asked for with the secret key. */
export function createRecovery(client: SupabaseClient): Recovery {
  return {
    async linkFor(email, redirectTo) {
      const { data, error } = await client.auth.admin.generateLink({
        type: "recovery",
        email,
        options: { redirectTo },
      });
      // The error's own text may quote the address.
      if (error !== null)
        throw new Error(`The auth service gave no recovery link: ${error.code ?? error.status}`);
      return data.properties.action_link;
    },
  };
}
