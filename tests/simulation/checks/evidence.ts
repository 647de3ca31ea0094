import { z } from "zod";
import type { World } from "../world/world.ts";

const Fields = z
  .array(
    z.object({
      field_id: z.int(),
      field_code: z.string().nullable(),
      values: z.array(z.object({ value: z.unknown() })),
    }),
  )
  .nullable();
const Contact = z.object({ id: z.int(), is_deleted: z.boolean(), custom_fields_values: Fields });
const Deal = z.object({
  id: z.int(),
  name: z.string(),
  pipeline_id: z.int(),
  status_id: z.int(),
  is_deleted: z.boolean(),
  custom_fields_values: Fields,
  _embedded: z.object({
    contacts: z.array(z.object({ id: z.int() })),
    tags: z.array(z.object({ name: z.string() })),
  }),
});
const Note = z.object({ id: z.int(), entity_id: z.int(), params: z.object({ text: z.string() }) });
const Task = z.object({ entity_id: z.int(), text: z.string() });

type CrmContact = z.infer<typeof Contact>;
export type CrmDeal = z.infer<typeof Deal>;
export type CrmNote = z.infer<typeof Note>;

export interface MessageRow {
  id: number;
  kind: string;
  state: string;
  person_id: number | null;
  subject_id: string;
  payload: { changed?: string[]; lessonId?: number };
  attempt_count: number;
  alone_crash_count: number;
  step: string | null;
  progress: { deal?: "created" | "reused"; isWon?: boolean; note?: boolean };
  warnings: { code: string }[];
  last_error_code: string | null;
  last_error_message: string | null;
  delivered_at: Date | null;
  amocrm_contact_id: number | null;
  amocrm_deal_id: number | null;
  email_key: string | null;
  phone_key: string | null;
}

interface LeadRow {
  id: string;
  full_name: string;
  source: string;
  metadata: Record<string, unknown> | null;
  amocrm_contact_id: number | null;
  amocrm_deal_id: number | null;
  is_synced: boolean;
}

export interface StudentRow {
  id: string;
  full_name: string;
  amocrm_contact_id: number | null;
  amocrm_deal_id: number | null;
  is_synced: boolean;
}

const TOLD_KINDS: ReadonlySet<string> = new Set([
  "deal.note",
  "deal.task",
  "deal.tags",
  "deal.move",
  "deal.fields",
  "contact.fields",
]);

/** True for what the host told by amocrm_tell. */
export function isTold({ kind }: Pick<MessageRow, "kind">): boolean {
  return TOLD_KINDS.has(kind);
}

/** Given up by an admin with its last request unanswered: what that asked for may be there, and is looked for no more. */
export function isCancelledInDoubt({ state, step }: MessageRow): boolean {
  return state === "cancelled" && step !== null;
}

/** Everything there is to judge a run by: our rows and the account's. */
export interface Evidence {
  messages: MessageRow[];
  leads: LeadRow[];
  students: StudentRow[];
  /** Whose a message turned out to be in the end; undefined if it was never placed with anybody. */
  personOf(row: MessageRow): number | undefined;
  people: { person_id: number; amocrm_contact_id: number | null; merged_into: number | null }[];
  keys: { type: "email" | "phone"; key: string; person_id: number }[];
  /** Pairs of contacts that a person is asked to judge. */
  contactPairs: { kept_id: number; other_id: number }[];
  contacts: CrmContact[];
  deals: CrmDeal[];
  notes: CrmNote[];
  tasks: z.infer<typeof Task>[];
  maxAttempts: number;
  /** What amocrm_health warns of. */
  notice: string | null;
  /** There is a marker in the end, set up or made by a drain. */
  hasMarker: boolean;
}

export async function collectEvidence({ access, simulator }: World): Promise<Evidence> {
  const messages = await access.query<MessageRow>("select * from public.amocrm_outbox order by id");
  const leads = await access.query<LeadRow>(
    "select *, amocrm_synced_at is not null as is_synced from public.unified_lead_tracking order by created_at",
  );
  const students = await access.query<StudentRow>(
    "select *, amocrm_synced_at is not null as is_synced from public.tripwire_users order by created_at, id",
  );
  const people = await access.query<Evidence["people"][number]>(
    "select * from amocrm.people order by person_id",
  );
  const keys = await access.query<Evidence["keys"][number]>("select * from amocrm.person_keys");
  const contactPairs = await access.query<Evidence["contactPairs"][number]>(
    // Two people and their two contacts are one question (amocrm.is_asked).
    `select kept_id, other_id from amocrm.duplicates where type = 'contact'
     union all
     select one.amocrm_contact_id, two.amocrm_contact_id from amocrm.duplicates as pair
     join amocrm.people as one on one.person_id in (pair.kept_id, pair.other_id) and one.account = pair.account
     join amocrm.people as two on two.person_id in (pair.kept_id, pair.other_id) and two.person_id <> one.person_id
     where pair.type = 'people' and one.amocrm_contact_id is not null and two.amocrm_contact_id is not null`,
  );
  const [settings] = await access.query<{ max_attempts: number }>(
    "select max_attempts from public.amocrm_settings",
  );
  const [health] = await access.query<{ notice: string | null; has_marker: boolean }>(
    `select notice, exists (select from public.amocrm_fields where entity = 'deal' and path = 'id') as has_marker
     from public.amocrm_health`,
  );
  const mergedInto = new Map(people.map((person) => [person.person_id, person.merged_into]));
  const finalOf = (id: number): number => {
    const into = mergedInto.get(id) ?? null;
    return into === null ? id : finalOf(into);
  };
  const { state } = simulator;
  return {
    messages,
    leads,
    students,
    people,
    personOf: ({ person_id: id }) => (id === null ? undefined : finalOf(id)),
    keys,
    contactPairs,
    contacts: z
      .array(Contact)
      .parse(state.contacts())
      .filter(({ is_deleted }) => !is_deleted),
    deals: z
      .array(Deal)
      .parse(state.deals())
      .filter(({ is_deleted }) => !is_deleted),
    notes: z.array(Note).parse(state.notes()),
    tasks: z.array(Task).parse(state.tasks()),
    maxAttempts: settings?.max_attempts ?? 0,
    notice: health?.notice ?? null,
    hasMarker: health?.has_marker ?? false,
  };
}

/** The values of a custom field, by field code or id. */
export function valuesOf(
  entity: { custom_fields_values: z.infer<typeof Fields> },
  field: string | number,
): unknown[] {
  return (entity.custom_fields_values ?? [])
    .filter((row) => row.field_id === field || row.field_code === field)
    .flatMap((row) => row.values.map(({ value }) => value));
}

/** By this a note or task names its message (handlers/lead.ts). */
export function referenceOf(message: Pick<MessageRow, "id" | "kind" | "subject_id">): string {
  return `#${message.kind.split(".")[0]}-${message.subject_id.slice(0, 8)}-${message.id}`;
}

export function notesOf(message: MessageRow, notes: readonly CrmNote[]): CrmNote[] {
  return notes.filter(({ params }) => namesMessage(params.text, message));
}

/** Whether a note or task is that of the message, wherever in its text the account has put the line. */
export function namesMessage(text: string, message: MessageRow): boolean {
  return text.split(/\s+/).includes(referenceOf(message));
}

/** What of a name survives whatever the account may do to it (`text.changes`). */
export function essenceOf(name: string): string {
  return name.replace(/&(amp|lt|gt|quot);/g, "").replace(/[^\p{L}\p{N}]/gu, "");
}
