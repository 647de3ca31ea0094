import type { Tokens } from "../api/transport.ts";

/** A long-lived token from the environment. Without one every request is refused, naming the setting. */
export function createStaticTokens(token: string | null): Tokens {
  return {
    accessToken: async () =>
      token === null || token === ""
        ? {
            ok: false,
            code: "access_token_missing",
            message: "Set AMOCRM_ACCESS_TOKEN: there is no token to call amoCRM with",
          }
        : { ok: true, token },
  };
}
