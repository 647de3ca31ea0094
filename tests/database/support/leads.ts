import type { Session } from "./database.ts";

export interface LeadInput {
  full_name?: string | null;
  email?: string | null;
  phone?: string | null;
  source?: string | null;
  metadata?: unknown;
}

/** Inserts leads in one statement, in this order; answers their ids. */
export async function insertLeads(sql: Session, leads: LeadInput[]): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    insert into public.unified_lead_tracking (full_name, email, phone, source, metadata)
    select full_name, email, phone, source, metadata
    from jsonb_to_recordset(${JSON.stringify(leads)}::text::jsonb)
      as lead (full_name text, email text, phone text, source text, metadata jsonb)
    returning id`;
  return rows.map((row) => row.id);
}

/** Leads of so many different people. */
export const strangers = (count: number, prefix = "person"): LeadInput[] =>
  Array.from({ length: count }, (_, index) => ({ email: `${prefix}${index + 1}@example.com` }));

export interface MessageRow {
  id: number;
  kind: string;
  person_id: number | null;
  subject_id: string;
  payload: Record<string, unknown>;
  state: string;
  lane: string;
  is_fresh: boolean;
  is_head: boolean;
  goes_alone: boolean;
  attempt_count: number;
  crash_count: number;
  next_attempt_at: Date;
  lease_token: string | null;
  step: string | null;
  progress: Record<string, unknown>;
  last_error_code: string | null;
  last_error_message: string | null;
  warnings: unknown[];
  amocrm_contact_id: number | null;
  amocrm_deal_id: number | null;
  email_key: string | null;
  phone_key: string | null;
  delivered_at: Date | null;
}

/** All messages to amoCRM in the order of their ids. */
export async function messages(sql: Session): Promise<MessageRow[]> {
  return await sql<MessageRow[]>`select * from public.amocrm_outbox order by id`;
}

/** As if the installed version could not send students yet; until the next test. */
export async function withoutStudentHandler(sql: Session): Promise<void> {
  await sql`update amocrm.kinds set has_handler = false where kind = 'student.created'`;
}
