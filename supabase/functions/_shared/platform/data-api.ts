/** The part of fetch that supabase-js uses. */
type Fetch = typeof globalThis.fetch;

/**
 * supabase-js takes a 404 without a body for success (204, without error or data), and one with a list for rows. So answers
 * a proxy, or a project that was paused or moved, and what was asked never ran. Here it is an error like any other.
 */
export function withHonestNotFound(fetch: Fetch): Fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (response.status !== 404) return response;
    const text = await response.text();
    if (/^\s*\{/.test(text)) return new Response(text, { status: 404, headers: response.headers });
    const message =
      "the answer was 404 and not the Data API's: is the project paused, or the address another one's?";
    return Response.json({ code: "404", message, details: null, hint: null }, { status: 404 });
  };
}

/** For `withSupabase` of each function. */
export const DATA_API = {
  supabaseOptions: { global: { fetch: withHonestNotFound((input, init) => globalThis.fetch(input, init)) } },
};
