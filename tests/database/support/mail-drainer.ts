import { randomUUID } from "node:crypto";
import type { Session, TestDatabase } from "./database.ts";
import type { Slot } from "./drainer.ts";

interface ClaimedMail {
  id: number;
  kind: string;
  subjectId: string;
  isInDoubt: boolean;
  attemptCount: number;
  doubtMs: number | null;
  resendId: string | null;
  suppressedBy: string | null;
  student: {
    fullName: string;
    email: string;
    language: string | null;
    hasLogin: boolean;
    loginDiffers: boolean;
    hasPassword: boolean;
    isActive: boolean;
  } | null;
}

interface MailResult {
  id: number;
  verdict: "delivered" | "retry" | "uncertain" | "rejected" | "superseded";
  policy?: string;
  is_sent?: boolean;
  code?: string;
  message?: string;
  resend_id?: string;
}

interface Intent {
  key: string;
  body: Record<string, unknown>;
  linkToken: string;
}

/** What the edge function message-drain does to the database, over its own session, as service_role. */
export interface MailDrainer {
  sql: Session;
  begin(): Promise<string>;
  claim(limit?: number): Promise<ClaimedMail[]>;
  intend(id: number, body?: object): Promise<Intent | null>;
  settle(...results: MailResult[]): Promise<number[]>;
  end(): Promise<boolean>;
  slot(): Promise<Slot>;
  press(token: string): Promise<{ outcome: string; email?: string }>;
  event(event: Record<string, unknown>): Promise<string>;
}

export function openMailDrainer(
  database: TestDatabase,
  token: string = randomUUID(),
  project = "ref.supabase.co",
): MailDrainer {
  const sql = database.connect({ user: "authenticator", role: "service_role" });
  const json = (value: unknown): string => JSON.stringify(value);
  return {
    sql,
    begin: async () =>
      (await sql`select message_drain_begin(${token}, ${project}) as outcome`)[0]?.["outcome"],
    claim: async (limit = 10) =>
      (await sql`select message_drain_claim(${token}, ${limit}) as answer`)[0]?.["answer"].messages,
    intend: async (id, body = { subject: "Welcome" }) =>
      (await sql`select message_drain_intend(${token}, ${id}, ${json(body)}::text::jsonb) as intent`)[0]?.[
        "intent"
      ],
    settle: async (...results) =>
      (await sql`select message_drain_settle(${token}, ${json(results)}::text::jsonb) as ids`)[0]?.["ids"],
    end: async () => (await sql`select message_drain_end(${token}) as is_due`)[0]?.["is_due"],
    slot: async () => (await sql`select message_reserve_slot(${token}, null, 600000) as slot`)[0]?.["slot"],
    press: async (link) => (await sql`select message_press_link(${link}) as answer`)[0]?.["answer"],
    event: async (event) =>
      (await sql`select message_record_event(${json(event)}::text::jsonb) as outcome`)[0]?.["outcome"],
  };
}

export interface StudentInput {
  email?: string | null;
  full_name?: string;
  password?: string;
  hasLogin?: boolean;
  welcomedAt?: string;
}

/** Inserts a student with an auth user, as tripwire-students does; answers the student's id. */
export async function insertStudent(sql: Session, input: StudentInput = {}): Promise<string> {
  const { email = "asel@example.kz", full_name = "Әсел Қуанышқызы", hasLogin = true } = input;
  const userId = hasLogin ? randomUUID() : null;
  if (userId !== null) {
    await sql`insert into auth.users (id, email, encrypted_password) values (${userId}, ${email}, ${input.password ?? null})`;
  }
  const rows = await sql<{ id: string }[]>`
    insert into public.tripwire_users (user_id, full_name, email, welcome_email_sent_at)
    values (${userId}, ${full_name}, ${email}, ${input.welcomedAt ?? null}) returning id`;
  return rows[0]?.id ?? "";
}

export interface MailMessageRow {
  id: number;
  kind: string;
  state: string;
  person_id: number | null;
  subject_id: string;
  attempt_count: number;
  step: string | null;
  next_attempt_at: Date;
  last_error_code: string | null;
  email_key: string | null;
}

/** All messages of the queue of mails in the order of their ids. */
export async function mailMessages(sql: Session): Promise<MailMessageRow[]> {
  return await sql<MailMessageRow[]>`select * from public.message_outbox order by id`;
}
