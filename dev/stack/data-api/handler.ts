import { z } from "zod";
import type { Claims } from "../gateway/tokens.ts";
import { type Form, formOf } from "./accept.ts";
import { findTable } from "./catalog.ts";
import type { ConnectionPool, Transaction } from "./connection-pool.ts";
import { ApiError, errorResponse } from "./errors.ts";
import { readBody } from "./json-body.ts";
import { type ApiRequest, isRead, type Plan } from "./plan.ts";
import { preferencesOf } from "./preferences.ts";
import { quoteName, quoteText } from "./quote.ts";
import { planRpc } from "./rpc-plan.ts";
import { assertSafeUpdate } from "./safe-update/guard.ts";
import type { WriteEvent } from "./safe-update/statements.ts";
import { createSchemaCache, type Schema } from "./schema-cache.ts";
import { planTable } from "./table-plan.ts";

export interface DataApiOptions {
  /** Connections of the role `authenticator`. */
  pool: ConnectionPool;
  /** The exposed schemas; the first is the default. */
  schemas: string[];
  extraSearchPath: string[];
  maxRows: number;
}

interface Outcome {
  plan: Plan;
  body: string;
  rowCount: number;
  total: number | undefined;
  /** Set by the function itself through response.status and response.headers. */
  status: string;
  headers: string;
}

const resultSchema = z.object({
  body: z.string().nullable(),
  n: z.coerce.number(),
  total: z.coerce.number().nullable(),
});
const responseSchema = z.object({ status: z.string().nullable(), headers: z.string().nullable() });
const headersSchema = z.array(z.record(z.string(), z.string()));

/**
 * The part of PostgREST's interface that supabase-js uses, without resource embedding. Postgres does the work
 * (privileges, RLS, casts, JSON) as the caller's role, so rows and errors are the real ones.
 */
export function createDataApi(
  options: DataApiOptions,
): (request: Request, path: string, claims: Claims) => Promise<Response> {
  const schemaNow = createSchemaCache(options.pool.reader);
  return async (request, path, claims) => {
    try {
      if (path === "/") return Response.json({ swagger: "2.0", info: { title: "local stand-in" } });
      const asked = await readRequest(options, request, path);
      const work = {
        options,
        schema: await schemaNow(),
        request,
        asked,
        path,
        claims,
        form: formOf(request.headers.get("accept")),
      };
      const plan = await makePlan(work);
      const opening = {
        mode: plan.isReadOnly ? "read only" : "read write",
        first: await enterRole(work),
      } as const;
      const outcome = await options.pool.transaction(opening, (transaction) =>
        perform(transaction, plan, work),
      );
      return toResponse(request, asked, outcome);
    } catch (error) {
      return errorResponse(error, claims.role);
    }
  };
}

async function readRequest(options: DataApiOptions, request: Request, path: string): Promise<ApiRequest> {
  const { method, headers } = request;
  const params = new URL(request.url).searchParams;
  const schema =
    headers.get(isRead(method) ? "accept-profile" : "content-profile") ?? options.schemas[0] ?? "";
  if (!options.schemas.includes(schema)) {
    const hint = `Only the following schemas are exposed: ${options.schemas.join(", ")}`;
    throw new ApiError(406, "PGRST106", `Invalid schema: ${schema}`, { hint });
  }
  if ([...params].some((pair) => pair.join().includes("\0"))) {
    throw new ApiError(400, "22021", 'invalid byte sequence for encoding "UTF8": 0x00');
  }
  if (headers.has("range"))
    throw new ApiError(501, "LOCAL", "The local Data API has no Range: ask by limit and offset");
  const prefer = preferencesOf(headers.get("prefer"));
  const text = isRead(method) ? "" : await readBody(request, path.startsWith("/rpc/"));
  return { method, schema, params, prefer, text, maxRows: options.maxRows };
}

interface Work {
  options: DataApiOptions;
  schema: Schema;
  request: Request;
  asked: ApiRequest;
  path: string;
  claims: Claims;
  form: Form;
}

async function perform(transaction: Transaction, plan: Plan, work: Work): Promise<Outcome> {
  const [row] = await transaction.run(plan.query, plan.parameters);
  const { body, n, total } = resultSchema.parse(row);
  let text = body ?? "";
  if (work.form === "single row" && plan.hasBody && plan.isList) {
    if (n !== 1) {
      const details = `The result contains ${n} rows`;
      throw new ApiError(406, "PGRST116", "Cannot coerce the result to a single JSON object", { details });
    }
    text = text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1);
  }
  const wantsTotal = work.asked.prefer.has("count") && total !== null;
  if (wantsTotal && plan.offset > total) {
    const details = `An offset of ${plan.offset} was requested, but there are only ${total} rows.`;
    throw new ApiError(416, "PGRST103", "Requested range not satisfiable", { details });
  }
  const [settings] = await transaction.commit(
    "select current_setting('response.status', true) as status, current_setting('response.headers', true) as headers",
  );
  const { status, headers } = responseSchema.parse(settings);
  return {
    plan,
    body: text,
    rowCount: n,
    total: wantsTotal ? total : undefined,
    status: status ?? "",
    headers: headers ?? "",
  };
}

async function makePlan({ options, schema, asked, path }: Work): Promise<Plan> {
  const [, rpc, table] = /^\/(?:rpc\/([^/]+)|([^/]+))$/.exec(path) ?? [];
  if (rpc !== undefined) {
    const name = decodeURIComponent(rpc);
    const plan = planRpc(asked, name, await schema.functions(asked.schema, name));
    assertSafeUpdate(await schema.reach(), { schema: asked.schema, name }, []);
    return plan;
  }
  if (table === undefined) throw new ApiError(404, "PGRST125", "Invalid path specified in request URL");
  const name = decodeURIComponent(table);
  const plan = planTable(asked, name, await findTable(options.pool.reader, asked.schema, name));
  const events = eventsOf(asked);
  if (events.length > 0) assertSafeUpdate(await schema.reach(), { schema: asked.schema, name }, events);
  return plan;
}

/** Whose triggers a request fires. */
function eventsOf({ method, prefer }: ApiRequest): WriteEvent[] {
  if (method === "POST") return prefer.has("resolution") ? ["insert", "update"] : ["insert"];
  if (method === "PATCH") return ["update"];
  return method === "DELETE" ? ["delete"] : [];
}

/** The statement that takes on the caller's role for the transaction, with that role's own settings (statement_timeout above all). */
async function enterRole(work: Work): Promise<string> {
  const { options, schema, request, asked, path, claims } = work;
  const ofRole = await schema.settingsOf(claims.role);
  const searchPath = [asked.schema, ...options.extraSearchPath].map(quoteName).join(", ");
  const settings: (readonly [string, string])[] = [
    ...ofRole.filter(([name]) => name !== "search_path"),
    ["search_path", searchPath],
    ["request.jwt.claims", JSON.stringify(claims)],
    ["request.method", request.method],
    ["request.path", path],
    ["request.headers", JSON.stringify(Object.fromEntries(request.headers))],
    ["response.status", ""],
    ["response.headers", ""],
    // Last: from here on the caller's privileges count.
    ["role", claims.role],
  ];
  const calls = settings.map(([name, value]) => `set_config(${quoteText(name)}, ${quoteText(value)}, true)`);
  return `select ${calls.join(", ")}`;
}

function toResponse(request: Request, asked: ApiRequest, outcome: Outcome): Response {
  const { plan, rowCount, total } = outcome;
  const headers = new Headers();
  if (outcome.headers !== "") {
    for (const header of headersSchema.parse(JSON.parse(outcome.headers))) {
      for (const [name, value] of Object.entries(header)) headers.set(name, value);
    }
  }
  const range =
    rowCount === 0 || asked.method === "POST" ? "*" : `${plan.offset}-${plan.offset + rowCount - 1}`;
  if (plan.isList) headers.set("content-range", `${range}/${total ?? "*"}`);
  const isPart = isRead(asked.method) && total !== undefined && rowCount < total;
  const status = outcome.status !== "" ? Number(outcome.status) : isPart ? 206 : plan.status;
  if (status === 204) return new Response(null, { status, headers });
  if (!headers.has("content-type")) headers.set("content-type", "application/json; charset=utf-8");
  return new Response(request.method === "HEAD" ? null : outcome.body, { status, headers });
}
