/**
 * The classic integration, as a careful peer writes it: one lead after the other; search the contact by e-mail, then by
 * phone; list its open deals of the pipeline; create contact and deal, or leave a note on the deal; a note with the
 * form's data. No mirror, no batches, no memory between leads. Hits of a search are verified, not trusted.
 */
import type { BenchLead } from "./bench-leads.ts";

export interface ClassicPorts {
  /** amoCRM's API without its host; answers with status and body, and rejects when no answer comes. */
  send(
    method: "GET" | "POST" | "PATCH",
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: unknown }>;
}

export interface ClassicPlace {
  pipelineId: number;
  statusId: number;
}

interface Entity {
  id: number;
  custom_fields_values?: { field_code: string | null; values: { value: unknown }[] }[] | null;
  pipeline_id?: number;
  status_id?: number;
  _embedded?: { leads?: { id: number }[] };
}

const CLOSED_STATUS_IDS = [142, 143];
/** As axios-retry and its like: what failed on the wire is sent again. */
const TRIES = 3;

export interface ClassicFlow {
  /** Brings one lead into amoCRM. */
  deliver(lead: BenchLead): Promise<void>;
}

/** The flow over an API; deals go to one place. */
export function createClassicFlow(
  { send }: ClassicPorts,
  { pipelineId, statusId }: ClassicPlace,
): ClassicFlow {
  const ask = async (method: "GET" | "POST" | "PATCH", path: string, body?: unknown): Promise<Entity[]> => {
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await send(method, path, body);
        if (answer.status === 204) return [];
        if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status}`);
        return entitiesOf(answer.body);
      } catch (error) {
        const isLost = !(error instanceof Error && /: \d{3}$/.test(error.message));
        if (!isLost || attempt === TRIES) throw error;
      }
    }
  };
  const search = async (query: string, code: "EMAIL" | "PHONE"): Promise<Entity | undefined> => {
    const hits = await ask("GET", `/api/v4/contacts?query=${encodeURIComponent(query)}&with=leads&limit=50`);
    return hits.find((hit) => digitsOrAddress(hit, code).some((value) => value.endsWith(query)));
  };
  return {
    async deliver(lead) {
      const known = (await search(lead.email, "EMAIL")) ?? (await search(lead.phone.slice(-10), "PHONE"));
      const open = known === undefined ? undefined : await openDeal(ask, known, pipelineId);
      const contactId = known?.id ?? (await createContact(ask, lead));
      const dealId = open ?? (await createDeal(ask, lead, contactId, { pipelineId, statusId }));
      const text = `Заявка: ${lead.source}, utm_source: ${lead.utm_source}`;
      await ask("POST", `/api/v4/leads/${dealId}/notes`, [{ note_type: "common", params: { text } }]);
    },
  };
}

type Ask = (method: "GET" | "POST" | "PATCH", path: string, body?: unknown) => Promise<Entity[]>;

/** The contact's deals are listed in one request, by their ids; a contact without any needs none. */
async function openDeal(ask: Ask, contact: Entity, pipelineId: number): Promise<number | undefined> {
  const ids = contact._embedded?.leads?.map(({ id }) => id) ?? [];
  if (ids.length === 0) return undefined;
  const filter = ids.map((id) => `filter[id][]=${id}`).join("&");
  const deals = await ask("GET", `/api/v4/leads?${filter}&limit=250`);
  return deals.find(
    (deal) => deal.pipeline_id === pipelineId && !CLOSED_STATUS_IDS.includes(deal.status_id ?? 0),
  )?.id;
}

async function createContact(ask: Ask, { full_name: name, email, phone }: BenchLead): Promise<number> {
  const field = (code: string, value: string) => ({
    field_code: code,
    values: [{ value, enum_code: "WORK" }],
  });
  const [made] = await ask("POST", "/api/v4/contacts", [
    { name, custom_fields_values: [field("EMAIL", email), field("PHONE", phone)] },
  ]);
  return idOf(made);
}

async function createDeal(
  ask: Ask,
  { full_name: name, utm_source: source }: BenchLead,
  contactId: number,
  { pipelineId, statusId }: ClassicPlace,
): Promise<number> {
  const [made] = await ask("POST", "/api/v4/leads", [
    {
      name,
      pipeline_id: pipelineId,
      status_id: statusId,
      custom_fields_values: [{ field_code: "UTM_SOURCE", values: [{ value: source }] }],
      _embedded: { contacts: [{ id: contactId }] },
    },
  ]);
  return idOf(made);
}

function idOf(made: Entity | undefined): number {
  if (made === undefined) throw new Error("amoCRM made nothing");
  return made.id;
}

function digitsOrAddress({ custom_fields_values: fields }: Entity, code: "EMAIL" | "PHONE"): string[] {
  return (fields ?? [])
    .filter((field) => field.field_code === code)
    .flatMap((field) => field.values.map(({ value }) => String(value)))
    .map((value) => (code === "PHONE" ? value.replace(/\D/g, "") : value.toLowerCase()));
}

function entitiesOf(body: unknown): Entity[] {
  const { _embedded: embedded } = body as { _embedded?: Record<string, Entity[]> };
  return Object.values(embedded ?? {})[0] ?? [];
}
