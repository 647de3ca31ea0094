/**
 * The request without its token, where the code in the address is enough. A token that is refused would refuse the whole
 * request: supabase-js sends its publishable key as one, and an old session may be over.
 */
export function withoutTokenForCode(request: Request): Request {
  if (!new URL(request.url).searchParams.has("code")) return request;
  const headers = new Headers(request.headers);
  headers.delete("authorization");
  headers.delete("apikey");
  return new Request(request.url, { method: request.method, headers });
}
