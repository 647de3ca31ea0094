import { createSupabaseContext } from "@supabase/server";

/** Whether a key is one of the project's secret keys, by the very check that the functions make; null if none are known. */
export async function isSecretKey(key: string): Promise<boolean | null> {
  const request = new Request("http://localhost", { headers: { apikey: key } });
  const { error } = await createSupabaseContext(request, { auth: "secret:*" });
  if (error === null) return true;
  return error.code === "INVALID_API_KEY" ? false : null;
}
