import type { Session } from "./database.ts";

export interface StepInput {
  sequence?: string;
  step: string;
  event?: string;
  filter?: object;
  source?: string;
  channel?: "mail" | "sms";
  template_code?: string;
  delay_minutes?: number;
  max_delay_minutes?: number;
  stop_on?: string[];
  topic?: string | null;
  version?: number;
}

/** A template for each channel, and the steps of a sequence, `welcome` unless it is named. */
export async function writeSequence(sql: Session, steps: StepInput[]): Promise<void> {
  await sql`insert into public.followup_templates (code, channel, language, subject, body) values
    ('hello', 'mail', 'ru', 'Здравствуйте, {name}!', 'Здравствуйте, {name}! Курс стоит {metadata.price|money:KZT}.'),
    ('hello', 'sms', 'ru', null, 'Здравствуйте, {name}!') on conflict do nothing`;
  const rows = steps.map((step) => ({
    ...{ sequence: "welcome", version: 1, event: "lead.created", filter: {}, source: "*", channel: "mail" },
    ...{ template_code: "hello", delay_minutes: 0, max_delay_minutes: 2880, stop_on: ["won", "student"] },
    ...{ topic: null },
    ...step,
  }));
  await sql`insert into public.followup_steps
      (sequence, step, version, event, filter, source, channel, template_code, delay_minutes, max_delay_minutes, stop_on, topic)
    select sequence, step, version, event, filter, source, channel, template_code, delay_minutes, max_delay_minutes, stop_on, topic
    from jsonb_populate_recordset(null::public.followup_steps, ${JSON.stringify(rows)}::text::jsonb)`;
}

export interface FollowedLead {
  email?: string | null;
  phone?: string | null;
  full_name?: string | null;
  source?: string;
  metadata?: object;
  hasConsent?: boolean;
  createdAt?: Date;
}

/** Inserts a lead that agreed to messages unless told otherwise; answers its id. */
export async function insertFollowedLead(sql: Session, lead: FollowedLead = {}): Promise<string> {
  const { email = "asel@example.kz", phone = null, full_name = "Әсел", source = "landing" } = lead;
  const rows = await sql<{ id: string }[]>`
    insert into public.unified_lead_tracking (full_name, email, phone, source, metadata, consent_at, created_at)
    values (${full_name}, ${email}, ${phone}, ${source}, ${JSON.stringify(lead.metadata ?? {})}::text::jsonb,
      case when ${lead.hasConsent ?? true} then amocrm.clock() end, coalesce(${lead.createdAt ?? null}::timestamptz, amocrm.clock()))
    returning id`;
  return rows[0]?.id ?? "";
}

export interface StepRow {
  step: string;
  channel: string;
  recipient: string | null;
  state: string;
  reason: string | null;
  due_at: Date;
  look_at: Date;
  departed_at: Date | null;
  message_id: number | null;
}

/** All steps of all entries, in the order of entering and becoming due. */
export async function entrySteps(sql: Session): Promise<StepRow[]> {
  return await sql<StepRow[]>`select * from amocrm.followup_entry_steps order by entry_id, due_at, step`;
}
