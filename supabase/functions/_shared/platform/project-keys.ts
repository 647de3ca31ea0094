import { verifyCredentials } from "@supabase/server/core";

/** Whether a key is one of the project's secret keys, by the very check that amocrm-drain makes; null if none are known. */
export async function isSecretKey(key: string): Promise<boolean | null> {
  const { error } = await verifyCredentials({ token: null, apikey: key }, { auth: "secret:*" });
  if (error === null) return true;
  return error.code === "INVALID_API_KEY" ? false : null;
}
