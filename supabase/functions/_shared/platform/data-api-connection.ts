import { PostgrestClient } from "@supabase/postgrest-js";
import { DATA_API } from "./data-api.ts";
import type { RpcClient } from "./rpc.ts";
import { variables } from "./runtime.ts";
import { isSameSecret } from "./same-secret.ts";

/** Who may call: whoever comes, or also, told apart by `authMode`, whoever has a secret key. */
interface ServeOptions {
  readsSecretKeys: boolean;
  /** Answers a browser's question beforehand, and lets pages of any place read the answer. */
  hasCors?: boolean;
}

/** What a function gets to know of its caller, and the Data API with a secret key. */
export interface Served {
  authMode: "secret" | "none";
  supabaseAdmin: RpcClient;
}

/** As supabase-js asks for them, so that a page may call by it or by fetch. */
const CORS_HEADERS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers":
    "authorization, x-client-info, apikey, content-type, x-retry-count, traceparent, tracestate, baggage",
  "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
};

/**
 * For functions that nobody signs in to and that only call SQL functions: does as withSupabase of @supabase/server does, with the
 * part of supabase-js for the Data API alone. All of it would be half of what a new worker loads until its first answer.
 */
export function serve(
  { readsSecretKeys, hasCors = false }: ServeOptions,
  handler: (request: Request, context: Served) => Promise<Response>,
): (request: Request) => Promise<Response> {
  return async (request) => {
    if (hasCors && request.method === "OPTIONS")
      return new Response(null, { status: 204, headers: CORS_HEADERS });
    const answer = await answerAs(request, readsSecretKeys, handler);
    if (!hasCors) return answer;
    const readable = new Response(answer.body, answer);
    for (const [name, value] of Object.entries(CORS_HEADERS)) readable.headers.set(name, value);
    return readable;
  };
}

async function answerAs(
  request: Request,
  readsSecretKeys: boolean,
  handler: (request: Request, context: Served) => Promise<Response>,
): Promise<Response> {
  const environment = variables();
  const url = environment["SUPABASE_URL"];
  const keys = secretKeys(environment);
  const given = readsSecretKeys ? request.headers.get("apikey") : null;
  const matched = given === null ? undefined : await nameOf(given, keys);
  // Who has come by a key of its own goes on by it.
  const key = keys[matched ?? "default"] ?? Object.values(keys)[0];
  if (!url || !key) {
    const missing = url ? "SUPABASE_SECRET_KEYS" : "SUPABASE_URL";
    return Response.json({ code: "unconfigured", message: `${missing} is missing` }, { status: 500 });
  }
  return await handler(request, {
    authMode: matched === undefined ? "none" : "secret",
    supabaseAdmin: new PostgrestClient(new URL("rest/v1", url.endsWith("/") ? url : `${url}/`).href, {
      headers: { apikey: key, authorization: `Bearer ${key}` },
      fetch: DATA_API.supabaseOptions.global.fetch,
    }),
  });
}

type Variables = ReturnType<typeof variables>;

/** The project's secret keys by their names; the platform sets the list, a stack of one's own may set the one. */
function secretKeys(environment: Variables): Readonly<Record<string, string>> {
  const list = environment["SUPABASE_SECRET_KEYS"];
  const single = environment["SUPABASE_SECRET_KEY"];
  if (!list) return single ? { default: single } : {};
  try {
    const parsed: unknown = JSON.parse(list);
    if (typeof parsed !== "object" || parsed === null) return {};
    return Object.fromEntries(
      Object.entries(parsed).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
    );
  } catch {
    return {};
  }
}

async function nameOf(given: string, keys: Readonly<Record<string, string>>): Promise<string | undefined> {
  for (const [name, key] of Object.entries(keys)) if (await isSameSecret(given, key)) return name;
  return undefined;
}
