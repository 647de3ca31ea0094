import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { sized } from "../../support/sizes.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, NOON, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { insertFollowedLead } from "../support/followups.ts";
import { insertStudent } from "../support/mail-drainer.ts";
import { recount, shown } from "./recount.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });
const STEPS = 60;
const EMAILS = [..."abcdefgh"].map((letter) => `${letter}@example.kz`);

/** Mulberry32: the same seed is the same history. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

interface History {
  random(below: number): number;
  leads: string[];
  students: string[];
  mails: { id: number; subject: string }[];
  sms: { id: string; at: number }[];
  links: string[];
  deals: number[];
}

const one = <T>(history: History, list: T[]): T | undefined => list[history.random(Math.max(list.length, 1))];

const clockMs = async (): Promise<number> => (await sql`select amocrm.clock() as at`)[0]?.["at"].getTime();

/** A message that its drain has just delivered. */
async function delivered(queue: string, kind: string, table: string, subject: string): Promise<number> {
  const [row] =
    await superuser`insert into amocrm.outbox (queue, kind, subject_table, subject_id, state, is_fresh, delivered_at)
    values (${queue}, ${kind}, ${table}, ${subject}, 'delivered', false, amocrm.clock()) returning id`;
  return row?.["id"];
}

/** What happens to leads and students; each as the product's own functions leave it behind. */
const EVENTS: Record<string, (history: History) => Promise<unknown>> = {
  async lead(history) {
    const email = EMAILS[history.random(EMAILS.length + 2)] ?? null;
    const phone = email === null ? `+7701000000${history.random(3)}` : null;
    history.leads.push(await insertFollowedLead(sql, { email, phone, source: `source${history.random(2)}` }));
  },
  async student(history) {
    const email = EMAILS[history.random(EMAILS.length)] ?? null;
    if ((await sql`select from tripwire_users where email_key = ${email}`).length === 0)
      history.students.push(await insertStudent(sql, { email, hasLogin: false }));
  },
  async mail(history) {
    const isStudent = history.random(2) === 0;
    const subject = one(history, isStudent ? history.students : history.leads);
    if (subject === undefined) return;
    const kind = isStudent ? "student.mail" : "lead.mail";
    const id = await delivered(
      "message",
      kind,
      isStudent ? "tripwire_users" : "unified_lead_tracking",
      subject,
    );
    await superuser`insert into amocrm.mails (message_id, kind, subject_id, accepted_at, outcome, outcome_at)
      values (${id}, ${kind}, ${subject}, amocrm.clock(), 'sent', amocrm.clock())`;
    history.mails.push({ id, subject });
  },
  async "mail's event"(history) {
    const mail = one(history, history.mails);
    if (mail === undefined) return;
    const outcome = [null, "delivered", "bounced", "complained"][history.random(4)] ?? null;
    const event = { event_id: randomUUID(), message_id: mail.id, subject_id: mail.subject, outcome };
    const told = JSON.stringify({ ...event, type: outcome === null ? "email.opened" : `email.${outcome}` });
    await sql`select message_record_event(${told}::text::jsonb)`;
  },
  async sms(history) {
    const subject = one(history, [...history.leads, ...history.students]);
    if (subject === undefined) return;
    const id = await delivered("sms", "lead.sms", "unified_lead_tracking", subject);
    await superuser`insert into amocrm.sms (message_id, subject_id, mobizon_id, sent_at, accepted_at, outcome, outcome_at, next_look_at)
      values (${id}, ${subject}, ${`m${id}`}, amocrm.clock(), amocrm.clock(), 'sent', amocrm.clock(), amocrm.clock())`;
    history.sms.push({ id: `m${id}`, at: await clockMs() });
  },
  async "report of an SMS"(history) {
    const texted = one(history, history.sms);
    // Mobizon is asked for two days.
    if (texted === undefined || (await clockMs()) > texted.at + 2 * DAY_MS) return;
    const { id } = texted;
    const report = JSON.stringify([{ id, status: ["DELIVRD", "UNDELIV", "SENT"][history.random(3)] }]);
    await sql`select sms_record_reports(array[${id}], ${report}::text::jsonb)`;
  },
  async link(history) {
    const isStudent = history.random(3) === 0;
    const subject = one(history, isStudent ? history.students : history.leads);
    if (subject === undefined) return;
    const [row] =
      await sql`select short_link_make('course', ${isStudent ? null : subject}::uuid, ${isStudent ? subject : null}::uuid) as code`;
    history.links.push(row?.["code"]);
  },
  async click(history) {
    const code = one(history, history.links);
    if (code === undefined) return;
    // Counting may have been blocked for most of an hour.
    const age_ms = history.random(2) * history.random(50 * MINUTE_MS);
    const verdict = ["human", "scanner"][history.random(2)];
    const hit = JSON.stringify([{ id: randomUUID(), code, age_ms, verdict, reason: "", headers: {} }]);
    await sql`select link_count(${hit}::text::jsonb)`;
  },
  /** A lead's message to amoCRM arrives: with a deal of its own, or one that another lead has, of whomever. */
  async "delivery to amoCRM"(history) {
    const lead = one(history, history.leads);
    if (lead === undefined) return;
    const shared = history.random(3) === 0 ? one(history, history.deals) : undefined;
    const id = shared ?? 1000 + history.deals.length;
    if (shared === undefined) history.deals.push(id);
    await superuser`insert into amocrm.links (subject_table, subject_id, object, amocrm_id) values ('unified_lead_tracking', ${lead}, 'deal', ${id})
      on conflict do nothing`;
    await superuser`insert into amocrm_deals (amocrm_deal_id, status_id, pipeline_id, price, created_at, updated_at)
      values (${id}, 5, 1, 100, amocrm.clock(), amocrm.clock()) on conflict do nothing`;
    await superuser`update unified_lead_tracking set amocrm_synced_at = amocrm.clock(), amocrm_deal_id = ${id} where id = ${lead}`;
    await delivered("amocrm", "lead.created", "unified_lead_tracking", lead);
  },
  async "deal's change"(history) {
    const deal = one(history, history.deals);
    if (deal === undefined) return;
    const status = [5, 6, 142, 143][history.random(4)] ?? 5;
    await superuser`update amocrm_deals set status_id = ${status}, price = ${100 * history.random(3)}, is_deleted = ${history.random(8) === 0},
      updated_at = amocrm.clock() where amocrm_deal_id = ${deal}`;
  },
};

/** What no event tells of. */
const SILENT_EVENTS: Record<string, (history: History) => Promise<unknown>> = {
  "import of old leads": async ({ leads, random }) =>
    leads.push(
      await insertFollowedLead(sql, {
        email: EMAILS[random(EMAILS.length)] ?? null,
        source: "import",
        createdAt: new Date(NOON.getTime() - 400 * DAY_MS),
      }),
    ),
  "corrected address": (history) =>
    sql`update unified_lead_tracking set email = ${`mended${history.random(2)}@example.kz`} where id = ${one(history, history.leads) ?? null}`,
  "deleted lead": (history) =>
    sql`delete from unified_lead_tracking where id = ${one(history, history.leads) ?? null}`,
  "quarantined lead": (history) =>
    superuser`insert into amocrm.quarantined_leads (lead_id, reason) select id, 'flood' from unified_lead_tracking
      where id = ${one(history, history.leads) ?? null} on conflict do nothing`,
  "released lead": () => superuser`delete from amocrm.quarantined_leads where true`,
  "first pull of deals": (history) =>
    superuser.begin(async (part) => {
      await part`set local session_replication_role = replica`;
      await part`update amocrm_deals set status_id = 142, price = 7000 where amocrm_deal_id = ${one(history, history.deals) ?? 0}`;
    }),
};

test("whatever happens in whatever order, folded whenever, the funnel is what a recount finds", {
  timeout: 600_000,
}, async () => {
  await superuser`update amocrm.cursors set is_complete = true, changed_until = ${NOON} where entity = 'deal'`;
  await superuser`update amocrm.deal_events_from set since = ${NOON}`;
  await sql`insert into link_targets (name, target_url) values ('course', 'https://school.example/')`;
  for (let seed = 1; seed <= sized(16, 400); seed += 1) {
    const random = randomOf(seed);
    const history: History = { random, leads: [], students: [], mails: [], sms: [], links: [], deals: [] };
    let nowMs = NOON.getTime() + seed * 400 * DAY_MS;
    const happened: string[] = [];
    const fold = async () => {
      await sql`select amocrm.note_changed_people(1000)`;
      await sql`select amocrm.fold_people(1000)`;
    };
    const happen = async (events: typeof EVENTS) => {
      const [name, event] = Object.entries(events)[random(Object.keys(events).length)] ?? [
        "nothing",
        async () => {},
      ];
      happened.push(name);
      nowMs += random(2) === 0 ? random(30 * HOUR_MS) : random(3 * MINUTE_MS);
      await setTestClock(new Date(nowMs), sql, superuser);
      await event(history);
    };
    for (let step = 0; step < STEPS; step += 1) {
      await happen(EVENTS);
      if (random(4) === 0) await fold();
    }
    await fold();
    expect(await shown(sql), `seed ${seed} after ${happened.join(", ")}`).toEqual(await recount(sql));

    for (let step = 0; step < 8; step += 1) await happen(random(2) === 0 ? SILENT_EVENTS : EVENTS);
    await sql`select amocrm.fold_funnel()`;
    expect(await shown(sql), `seed ${seed}, swept, after ${happened.join(", ")}`).toEqual(await recount(sql));
  }
});
