import { setTimeout as sleep } from "node:timers/promises";
import type postgres from "postgres";
import type { Say } from "#shared/platform/text.ts";
import { type MobizonServer, startMobizon } from "../mobizon-simulator/server.ts";
import { type ResendServer, startResend } from "../resend-simulator/server.ts";
import { DEMO } from "../words/demo.ts";

const LOOK_INTERVAL_MS = 250;
/** Far above what a step takes; past it the table shows what is missing. */
const MAX_STEP_MS = 40_000;
/** The three steps, and after how many minutes each. */
const STEPS = [
  { step: "hello", channel: "mail", minutes: 0, text: "Здравствуйте, {name}! Урок: {link:course}" },
  { step: "nudge", channel: "sms", minutes: 10, text: "{name}, урок ждёт: {link:course}" },
  { step: "after-a-day", channel: "mail", minutes: 1440, text: "{name}, остался один шаг: {link:course}" },
] as const;

/** Simulated services of mail and SMS. */
export interface DemoOffices {
  resend: ResendServer;
  mobizon: MobizonServer;
  functionEnv: Record<string, string>;
  close(): Promise<void>;
}

export async function startOffices(): Promise<DemoOffices> {
  const [resend, mobizon] = await Promise.all([startResend(), startMobizon()]);
  return {
    resend,
    mobizon,
    functionEnv: {
      ...resend.functionEnv,
      ...mobizon.functionEnv,
      WELCOME_PAGE_URL: "https://school.example/welcome.html",
      UNSUBSCRIBE_PAGE_URL: "https://school.example/unsubscribe.html",
      LINK_BASE_URL: "https://go.school.example",
    },
    async close() {
      await Promise.all([resend.close(), mobizon.close()]);
    },
  };
}

/** What came of one step. */
export interface ShownStep {
  minutes: number;
  channel: "mail" | "sms";
  state: string;
  /** As it arrived at the simulator; null if it did not. */
  text: string | null;
}

/** Writes a sequence of three steps: a mail at once, an SMS after ten minutes, a mail after a day. It lets people in by hand. */
export async function writeDemoSequence(sql: postgres.Sql): Promise<void> {
  // Whatever the hour is on this machine.
  await sql`update message_settings set quiet_from = null, quiet_until = null, sms_quiet_from = null, sms_quiet_until = null`;
  await sql`insert into link_targets (name, target_url) values ('course', 'https://school.example/course')`;
  for (const { step, channel, minutes, text } of STEPS) {
    const subject = channel === "mail" ? "Ваш урок" : null;
    await sql`insert into followup_templates (code, channel, language, subject, body) values (${step}, ${channel}, 'ru', ${subject}, ${text})`;
    await sql`insert into followup_steps (sequence, step, event, channel, template_code, delay_minutes)
      values ('welcome', ${step}, 'deal.won', ${channel}, ${step}, ${minutes})`;
  }
}

/** Lets one lead with both addresses in, and lets ten minutes and a day go by whenever a step has arrived. */
export async function showSequence(sql: postgres.Sql, offices: DemoOffices): Promise<ShownStep[]> {
  const [lead] = await sql<{ id: string; email: string; phone: string }[]>`
    select id, email, phone from unified_lead_tracking as lead where email is not null and phone like '+7%'
      and not exists (select from amocrm.quarantined_leads where quarantined_leads.lead_id = lead.id) order by created_at, id limit 1`;
  if (lead === undefined) return [];
  await sql`insert into message_consents (email_key, phone_key, channel, given_at, source, lead_id)
    select ${lead.email}, ${lead.phone}, channel, amocrm.clock(), 'demo', ${lead.id} from unnest('{mail,sms}'::text[]) as channel
    on conflict do nothing`;
  await sql`select message_enroll('welcome', ${lead.id})`;
  let passed = 0;
  for (const { step, minutes } of STEPS) {
    await letTimePass(sql, minutes - passed);
    passed = minutes;
    if (!(await arrives(sql, step))) break;
  }
  return await shownSteps(sql, offices);
}

/** Instead of waiting, everything that belongs to the sequence is moved into the past. */
async function letTimePass(sql: postgres.Sql, minutes: number): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`select amocrm.lock_followups()`;
    await transaction`update amocrm.followup_entries set entered_at = entered_at - make_interval(mins => ${minutes}) where sequence = 'welcome'`;
    await transaction`update amocrm.followup_entry_steps set due_at = due_at - make_interval(mins => ${minutes}),
      due_local = due_local - make_interval(mins => ${minutes}), look_at = look_at - make_interval(mins => ${minutes}),
      departed_at = departed_at - make_interval(mins => ${minutes}) where version = 1`;
    await transaction`select amocrm.ring('message'), amocrm.ring('sms')`;
  });
}

async function arrives(sql: postgres.Sql, step: string): Promise<boolean> {
  const untilMs = performance.now() + MAX_STEP_MS;
  while (performance.now() < untilMs) {
    const [row] = await sql<{ is_there: boolean }[]>`
      select exists (select from amocrm.followup_entry_steps as one join amocrm.outbox on outbox.id = one.message_id
        where one.step = ${step} and outbox.state = 'delivered') as is_there`;
    if (row?.is_there === true) return true;
    await sleep(LOOK_INTERVAL_MS);
  }
  return false;
}

async function shownSteps(sql: postgres.Sql, { resend, mobizon }: DemoOffices): Promise<ShownStep[]> {
  const planned = await sql<{ step: string; state: string }[]>`
    select one.step, coalesce(outbox.state, one.state) as state from amocrm.followup_entry_steps as one
    left join amocrm.outbox on outbox.id = one.message_id order by one.due_at`;
  const mails = resend.simulator.mails().filter(({ body }) => body.subject === "Ваш урок");
  const sms = mobizon.simulator.sms();
  const counts = { mail: 0, sms: 0 };
  return STEPS.map(({ step, channel, minutes }) => {
    const place = counts[channel];
    counts[channel] += 1;
    const text = channel === "mail" ? mails[place]?.body.text : sms[place]?.text;
    const state = planned.find((row) => row.step === step)?.state ?? "missing";
    return { minutes, channel, state, text: text?.split("\n")[0] ?? null };
  });
}

/** The rows of the table, and whether each step arrived once and nothing else did. */
export function sequenceRows(
  steps: readonly ShownStep[],
  { resend, mobizon }: DemoOffices,
  say: Say,
): { rows: [string, string][]; isRight: boolean } {
  const times = { 0: DEMO.atOnce, 10: DEMO.afterMinutes, 1440: DEMO.afterDay } as const;
  const rows = steps.map(({ minutes, channel, state, text }): [string, string] => [
    say(times[minutes as keyof typeof times] ?? DEMO.atOnce),
    `${say(channel === "mail" ? DEMO.mail : DEMO.sms)}  ${text ?? say(DEMO.notArrived, { state })}`,
  ]);
  const sent = resend.simulator.mails().length + mobizon.simulator.sms().length;
  const isRight =
    steps.length === STEPS.length && sent === STEPS.length && steps.every(({ text }) => text !== null);
  return { rows, isRight };
}
