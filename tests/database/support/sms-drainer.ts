import { randomUUID } from "node:crypto";
import type { Session, TestDatabase } from "./database.ts";

interface ClaimedSms {
  id: number;
  kind: string;
  payload: { text?: string };
  phone: string;
  isInDoubt: boolean;
  campaign: string;
  subject: { fullName: string } | null;
}

/** What the edge function sms-drain does to the database, over its own session, as service_role. */
export interface SmsDrainer {
  sql: Session;
  begin(): Promise<string>;
  claim(limit?: number): Promise<ClaimedSms[]>;
  intend(id: number, text?: string): Promise<string | null>;
  settle(...results: Record<string, unknown>[]): Promise<number[]>;
  /** Sends all that may go and has it taken; answers the numbers in the order in which they went. */
  sendAll(): Promise<string[]>;
  end(): Promise<void>;
}

export function openSmsDrainer(database: TestDatabase, token: string = randomUUID()): SmsDrainer {
  const sql = database.connect({ user: "authenticator", role: "service_role" });
  const json = (value: unknown): string => JSON.stringify(value);
  const claimAll = async (limit: number): Promise<{ messages: ClaimedSms[]; shutOutCount: number }> =>
    (await sql`select sms_drain_claim(${token}, ${limit}) as answer`)[0]?.["answer"];
  const drainer: SmsDrainer = {
    sql,
    begin: async () =>
      (await sql`select sms_drain_begin(${token}, 'ref.supabase.co') as outcome`)[0]?.["outcome"],
    claim: async (limit = 10) => (await claimAll(limit)).messages,
    intend: async (id, text = "Здравствуйте") =>
      (await sql`select sms_drain_intend(${token}, ${id}, ${text}) as name`)[0]?.["name"],
    settle: async (...results) =>
      (await sql`select sms_drain_settle(${token}, ${json(results)}::text::jsonb) as ids`)[0]?.["ids"],
    async sendAll() {
      const numbers: string[] = [];
      for (;;) {
        const { messages, shutOutCount } = await claimAll(10);
        if (messages.length === 0 && shutOutCount === 0) return numbers;
        for (const { id, phone } of messages) {
          await drainer.intend(id);
          await drainer.settle({ id, verdict: "delivered", campaign_id: `c${id}`, mobizon_id: `m${id}` });
          numbers.push(phone);
        }
      }
    },
    end: async () => void (await sql`select outbox_end('sms', ${token})`),
  };
  return drainer;
}

/** Appends an SMS about a lead, as a sequence does; answers the message's id. */
export async function appendSms(
  sql: Session,
  leadId: string,
  phone: string,
  { text = "Здравствуйте", key = null as string | null } = {},
): Promise<number> {
  const [row] = await sql`select amocrm.append_sms('lead.sms', 'unified_lead_tracking', ${leadId}, ${phone},
    ${JSON.stringify({ text })}::text::jsonb, ${key}) as id`;
  return row?.["id"];
}

export interface SmsMessageRow {
  id: number;
  state: string;
  step: string | null;
  next_attempt_at: Date;
  last_error_code: string | null;
  progress: Record<string, unknown>;
}

/** All messages of the queue of SMS in the order of their ids. */
export async function smsMessages(sql: Session): Promise<SmsMessageRow[]> {
  return await sql<SmsMessageRow[]>`select * from public.message_outbox where queue = 'sms' order by id`;
}
