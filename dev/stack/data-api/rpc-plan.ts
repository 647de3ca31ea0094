import type { ApiFunction } from "./catalog.ts";
import { ApiError } from "./errors.ts";
import { conditionsOf, whereOf } from "./filters.ts";
import { isObject, parseBody } from "./json-body.ts";
import { type ApiRequest, isRead, type Plan } from "./plan.ts";
import { orderBy, pageOf, selectList } from "./query-string.ts";
import { quoteName } from "./quote.ts";

/** Plans the call of a function; 404 PGRST202 if no overload takes exactly the given arguments. */
export function planRpc(request: ApiRequest, name: string, overloads: ApiFunction[]): Plan {
  const call = callOf(request, name, overloads);
  const { fn, sql, from, parameters, argumentNames } = call;
  const base = { parameters, isReadOnly: isRead(request.method) || !fn.isVolatile, offset: 0 };

  if (fn.returnsVoid) {
    // A whole-row count makes the planner call the function although nothing of it is shown.
    const query = `select null::text as body, count(x) as n, null as total from (select ${sql} ${from}) x`;
    return { ...base, query, status: 204, hasBody: false, isList: false };
  }
  if (fn.returnsRow) {
    const { limit, offset } = fn.returnsSet
      ? pageOf(request.params, request.maxRows)
      : { limit: 1, offset: 0 };
    const where = whereOf(conditionsOf(request.params, argumentNames));
    const list = selectList(request.params.get("select"));
    const total = request.prefer.has("count") ? `(select count(*) from t${where})` : "null";
    const body = fn.returnsSet ? "coalesce(json_agg(s), '[]')" : "coalesce(json_agg(s) -> 0, 'null')";
    const query = `with t as materialized (select f.* ${from}, lateral ${sql} f),
      s as (select ${list} from t${where}${orderBy(request.params.get("order"))} limit ${limit} offset ${offset})
      select ${body}::text as body, count(*) as n, ${total} as total from s`;
    return { ...base, query, status: 200, hasBody: true, isList: fn.returnsSet, offset };
  }
  const body = fn.returnsSet
    ? "coalesce(json_agg(s.v), '[]')::text"
    : "max(coalesce(to_json(s.v)::text, 'null'))";
  const query = `select ${body} as body, count(*) as n, null as total from (select ${sql} as v ${from}) s`;
  return { ...base, query, status: 200, hasBody: true, isList: false };
}

interface Call {
  fn: ApiFunction;
  /** `schema.name(a := …)` over the row that `from` yields. */
  sql: string;
  from: string;
  parameters: string[];
  /** Parameters of the query string that are arguments, not filters. */
  argumentNames: ReadonlySet<string>;
}

function callOf(request: ApiRequest, name: string, overloads: ApiFunction[]): Call {
  const target = `${quoteName(request.schema)}.${quoteName(name)}`;
  const argumentNames = new Set(overloads.flatMap((fn) => fn.arguments.map((argument) => argument.name)));
  const given = isRead(request.method) ? argumentsInUrl(request, argumentNames) : parseBody(request.text);
  const keys = isObject(given) ? Object.keys(given) : [];
  const matches = isObject(given) ? overloads.filter((fn) => takes(fn, keys)) : [];
  if (matches.length > 1) {
    const message = `Could not choose the best candidate function between: ${matches.length} overloads of ${request.schema}.${name}`;
    throw new ApiError(300, "PGRST203", message);
  }
  const [fn] = matches;
  if (fn === undefined)
    return unnamedCall(request, target, overloads) ?? notFound(request.schema, name, keys);
  if (keys.length === 0) {
    return { fn, sql: `${target}()`, from: "from (select) as a", parameters: [], argumentNames };
  }
  const typeOf = (key: string): string =>
    fn.arguments.find((argument) => argument.name === key)?.type ?? "text";
  // In a query string every value is text, an array too ({1,2}); a JSON body has the types' own JSON forms.
  const inUrl = isRead(request.method);
  const record = keys.map((key) => `${quoteName(key)} ${inUrl ? "text" : typeOf(key)}`).join(", ");
  const passed = keys.map((key) => {
    const name = quoteName(key);
    return `${name} := a.${name}${inUrl ? `::${typeOf(key)}` : ""}`;
  });
  return {
    fn,
    sql: `${target}(${passed.join(", ")})`,
    from: `from json_to_record($1::text::json) as a(${record})`,
    parameters: [inUrl ? JSON.stringify(given) : request.text],
    argumentNames,
  };
}

const argumentsInUrl = (request: ApiRequest, names: ReadonlySet<string>): Record<string, string> =>
  Object.fromEntries([...request.params].filter(([name]) => names.has(name)));

function takes(fn: ApiFunction, keys: readonly string[]): boolean {
  const names = fn.arguments.map((argument) => argument.name);
  const required = names.slice(0, fn.required);
  return keys.every((key) => names.includes(key)) && required.every((name) => keys.includes(name));
}

/** A function with one unnamed json or jsonb argument takes the whole body. */
function unnamedCall(request: ApiRequest, target: string, overloads: ApiFunction[]): Call | undefined {
  if (isRead(request.method)) return undefined;
  const fn = overloads.find(({ arguments: [first, ...more] }) => first?.name === "" && more.length === 0);
  const type = fn?.arguments[0]?.type;
  if (fn === undefined || (type !== "json" && type !== "jsonb")) return undefined;
  const from = `from (select $1::text::${type} as body) as a`;
  return { fn, sql: `${target}(a.body)`, from, parameters: [request.text], argumentNames: new Set() };
}

function notFound(schema: string, name: string, keys: readonly string[]): never {
  const signature = keys.length > 0 ? `(${keys.join(", ")})` : " without parameters";
  const message = `Could not find the function ${schema}.${name}${signature} in the schema cache`;
  const searched = keys.length > 0 ? `with parameters ${keys.join(", ")}` : "without parameters";
  const details = `Searched for the function ${schema}.${name} ${searched}, but no matches were found in the schema cache.`;
  throw new ApiError(404, "PGRST202", message, { details });
}
