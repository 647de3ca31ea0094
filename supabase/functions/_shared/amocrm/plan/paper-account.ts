import { z } from "zod";
import type { AmocrmRequest, RawOutcome, Transport } from "../api/transport.ts";
import type { PlannedClaim, PlanStore } from "./port.ts";

/** A request as it would be made. */
export interface PlannedRequest {
  method: string;
  path: string;
  query: string;
  /** Deals and contacts that it names. */
  entityIds: number[];
  /** The messages that it is for. */
  messageIds: number[];
  body: unknown;
}

/** Ids of what is not made: beyond all that an account has. */
const FIRST_PAPER_ID = 9_000_000_000_000;
const ONE = /^\/api\/v4\/(contacts|leads)\/(\d+)$/;
const MANY = /^\/api\/v4\/(contacts|leads)$/;
const OWN_REQUEST = /^m-(\d+)-/;

const Item = z.looseObject({
  id: z.int().optional(),
  entity_id: z.int().optional(),
  request_id: z.string().optional(),
  _embedded: z
    .looseObject({ contacts: z.array(z.looseObject({ id: z.int().optional() })).optional() })
    .optional(),
});
type Item = z.infer<typeof Item>;

/** An account that nobody asks: reads are answered from the mirror, writes as if they had worked, and all are listed. */
export function createPaperAccount(
  store: PlanStore,
  claims: readonly PlannedClaim[],
): { transport: Transport; requests: PlannedRequest[] } {
  const requests: PlannedRequest[] = [];
  let paperId = FIRST_PAPER_ID;

  async function answerTo(request: AmocrmRequest, items: readonly Item[]): Promise<unknown> {
    if (request.method === "GET") return read(request);
    const name = request.path.split("/").at(-1) ?? "";
    if (name === "complex")
      return items.map((item) => ({ id: paperId++, contact_id: paperId++, request_id: [item.request_id] }));
    const rows = items.map((item) => ({
      id: item.id ?? paperId++,
      request_id: item.request_id,
      updated_at: 1,
    }));
    return { _embedded: { [name]: rows } };
  }

  async function read({ path, query }: AmocrmRequest): Promise<unknown> {
    const one = ONE.exec(path);
    if (one !== null) {
      const entity = one[1] === "contacts" ? "contacts" : "leads";
      return (await store.rows(entity, [Number(one[2])], null))[0] ?? null;
    }
    if (path === "/api/v4/leads/pipelines") return pipelines(claims);
    const many = MANY.exec(path);
    const entity = many?.[1] === "contacts" ? "contacts" : "leads";
    const ids = query.filter(([name]) => name === "filter[id][]").map(([, value]) => Number(value));
    const search = query.find(([name]) => name === "query")?.[1] ?? null;
    // Of what changed since the mirror was read nothing is known, and of notes and tasks nothing at all.
    if (many === null || (ids.length === 0 && search === null)) return null;
    const rows = await store.rows(entity, ids, search);
    return rows.length === 0 ? null : { _embedded: { [entity]: rows } };
  }

  return {
    requests,
    transport: {
      async send(request) {
        const items = z.array(Item).catch([]).parse(request.body);
        requests.push(planned(request, items));
        // An empty list would say that the account has no fields: better that it does not tell, and values are planned as text.
        if (request.path.endsWith("/custom_fields")) return answered({ status: 403 }, 403);
        return answered(await answerTo(request, items));
      },
    },
  };
}

function planned({ method, path, query, body }: AmocrmRequest, items: readonly Item[]): PlannedRequest {
  const asked = query.filter(([name]) => /^filter\[(?:entity_)?id\]\[\]$/.test(name));
  const one = ONE.exec(path)?.[2];
  const named = items.flatMap(({ id, entity_id, _embedded }) => [
    ...[id, entity_id].filter((value) => value !== undefined),
    ...(_embedded?.contacts ?? []).flatMap((contact) => contact.id ?? []),
  ]);
  return {
    method,
    path,
    query: new URLSearchParams(query.map(([name, value]) => [name, value])).toString(),
    entityIds: [...(one === undefined ? [] : [Number(one)]), ...asked.map(([, id]) => Number(id)), ...named],
    messageIds: items.flatMap(({ request_id = "" }) => OWN_REQUEST.exec(request_id)?.[1] ?? []).map(Number),
    body,
  };
}

function answered(value: unknown, httpStatus = value === null ? 204 : 200): RawOutcome {
  return {
    kind: "answered",
    httpStatus,
    body: value === null ? "" : JSON.stringify(value),
    bodyFault: null,
    retryAfter: null,
    answeredAtMs: 0,
    durationMs: 0,
    waitedMs: 0,
    date: null,
  };
}

const StoredPipeline = z.looseObject({
  pipeline_id: z.int(),
  name: z.string(),
  sort: z.number(),
  is_main: z.boolean(),
  is_archive: z.boolean(),
  stages: z.array(
    z.looseObject({
      id: z.int(),
      name: z.string(),
      sort: z.number(),
      isUnsorted: z.boolean().default(false),
    }),
  ),
});

/** The account's pipelines as they were last read. */
function pipelines(claims: readonly PlannedClaim[]): unknown {
  const stored = z.array(StoredPipeline).parse(claims[0]?.configuration.pipelines ?? []);
  return {
    _embedded: {
      pipelines: stored.map(({ pipeline_id: id, stages, ...pipeline }) => ({
        ...pipeline,
        id,
        _embedded: {
          statuses: stages.map(({ isUnsorted, ...stage }) => ({ ...stage, type: isUnsorted ? 1 : 0 })),
        },
      })),
    },
  };
}
