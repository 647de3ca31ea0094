import { expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { drawn } from "../../support/sizes.ts";
import { openAccount } from "../support/account.ts";
import { useAdoptions } from "../support/adoptions.ts";
import { HOUR_MS, MINUTE_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import type { Session } from "../support/database.ts";
import { insertFollowedLead, writeSequence } from "../support/followups.ts";
import { type MessageTown, openMessageTown } from "../support/message-town.ts";
import { configureVault } from "../support/vault.ts";

const adoptions = useAdoptions();

const USER = "55555555-5555-4555-8555-555555555555";
/** The tables as a project has them that grew without us. Everybody agreed, and the last ones came a moment ago. */
const OLD_TABLES = `
  create table public.unified_lead_tracking (id uuid primary key default gen_random_uuid(), full_name text, email text, phone text,
    source text, created_at timestamptz not null default now(), consent_at timestamptz, amocrm_contact_id bigint);
  create table public.tripwire_users (id uuid primary key default gen_random_uuid(), user_id uuid, full_name text,
    email text not null, phone text, status text not null default 'active', created_at timestamptz not null default now());
  create table public.tripwire_lesson_progress (id bigint generated always as identity primary key, user_id uuid not null,
    lesson_id int not null, completed_at timestamptz);
  insert into auth.users (id) values ('${USER}');
  insert into public.unified_lead_tracking (full_name, email, phone, source, created_at, consent_at)
    select 'Old', 'old' || n || '@example.com', '+7701' || (1000000 + n), 'landing', at, at
    from generate_series(1, 20) as n cross join lateral (select timestamptz '${NOON.toISOString()}' - n * n * interval '1 minute' as at) as moment;
  insert into public.tripwire_users (user_id, full_name, email, phone, created_at)
    values ('${USER}', 'Old', 'student@example.com', '+77020000001', timestamptz '${NOON.toISOString()}' - interval '1 minute');
  insert into public.tripwire_lesson_progress (user_id, lesson_id, completed_at)
    values ('${USER}', 67, timestamptz '${NOON.toISOString()}' - interval '1 minute');`;

const EVENTS = ["lead.created", "student.created", "lesson.completed", "deal.won", "deal.stage_changed"];

/** For each event a sequence of its own with a mail and an SMS, both at once, that nothing stops and nobody's night holds. */
async function writeSequences(sql: Session): Promise<void> {
  for (const event of EVENTS)
    await writeSequence(
      sql,
      (["mail", "sms"] as const).map((channel) => ({
        ...{ sequence: event.replace(".", "_"), step: channel, event, channel, stop_on: [] },
      })),
    );
  await sql`update message_settings set requires_consent = false, quiet_from = null, quiet_until = null,
    sms_quiet_from = null, sms_quiet_until = null, daily_cap = null, weekly_cap = null`;
}

interface World {
  sql: Session;
  town: MessageTown;
}

/** A project adopts this one, lists of last year come in, and everything is backfilled. */
async function goThroughHistory(breakIt = ""): Promise<World> {
  const database = await adoptions.adopt(OLD_TABLES);
  const { sql } = database;
  const superuser = database.connect({ user: "supabase_admin" });
  await configureVault(superuser);
  await superuser.unsafe(breakIt);
  const account = await openAccount(database);
  await sql`update amocrm.installation set installed_at = amocrm.clock()`;
  await sql`insert into amocrm_routes (source, pipeline_id, status_id) values ('*', ${SEED_IDS.sales.pipeline}, ${SEED_IDS.sales.fresh})`;
  await writeSequences(sql);

  // Lists that somebody imports: leads of the last hour, leads that amoCRM has, students who were welcomed elsewhere.
  for (let index = 0; index < 5; index += 1)
    await insertFollowedLead(sql, {
      ...{ email: `list${index}@example.com`, phone: `+770300000${index}0`, createdAt: noonPlus(-HOUR_MS) },
    });
  await sql`insert into unified_lead_tracking (email, phone, consent_at, amocrm_synced_at)
    select 'synced' || n || '@example.com', '+7704000000' || n, amocrm.clock(), amocrm.clock() from generate_series(1, 5) as n`;
  await sql`insert into tripwire_users (email, phone, full_name, welcome_email_sent_at) values ('welcomed@example.com', '+77020000002', 'Old', amocrm.clock())`;
  // What a flood left behind: a backfill takes it to amoCRM, and to nobody's telephone.
  await account.wait(MINUTE_MS);
  for (let index = 0; index < 5; index += 1) {
    const id = await insertFollowedLead(sql, {
      email: `flood${index}@example.com`,
      phone: `+7705000000${index}`,
    });
    await sql`insert into amocrm.quarantined_leads (lead_id, reason, quarantined_at) values (${id}, 'flood', amocrm.clock())`;
    await sql`delete from amocrm.outbox where subject_id = ${id}`;
  }

  await sql`select amocrm_backfill('unified_lead_tracking')`;
  await sql`select amocrm_backfill('tripwire_users')`;
  await account.pass(20 * MINUTE_MS);
  const start = new Date(account.nowMs());
  const town = await openMessageTown(database, { seed: 9, start, tickMs: 5 * MINUTE_MS });
  for (let round = 0; round < 3; round += 1) {
    await setTestClock(new Date(town.nowMs()), sql);
    for (const job of ["sweep", "sweep_followups", "fold_funnel"]) await sql.unsafe(`select amocrm.${job}()`);
    await town.pass(10 * MINUTE_MS);
  }
  return { sql, town };
}

/** Every trace that a message would leave: in a queue, in a sequence, at a provider. */
async function traces({ sql, town }: World): Promise<Record<string, number>> {
  const [rows] = await sql`select (select count(*)::int from amocrm.followup_entries) as entries,
    (select count(*)::int from amocrm.outbox where queue in ('message', 'sms')) as messages,
    (select count(*)::int from amocrm.mails) as mails, (select count(*)::int from amocrm.sms) as sms`;
  return { ...rows, sentMails: town.resend.mails().length, sentSms: town.mobizon.sms().length };
}
const NOTHING = { entries: 0, messages: 0, mails: 0, sms: 0, sentMails: 0, sentSms: 0 };

test("an adoption of old rows, imported lists and a backfill make no message and let nobody into a sequence", {
  timeout: 300_000,
}, async () => {
  const world = await goThroughHistory();
  expect(await traces(world)).toEqual(NOTHING);
  // All of them have really gone to amoCRM.
  const [counts] =
    await world.sql`select (select count(*)::int from unified_lead_tracking where amocrm_synced_at is not null) as synced,
    (select count(*)::int from unified_lead_tracking as lead join amocrm.links on links.subject_id = lead.id and links.object = 'deal') as linked`;
  expect(counts).toEqual({ synced: 35, linked: 35 });
});

/** A build with one thing changed in a function of the database, which must be there to be changed. */
const withChange = (name: string, from: string, to: string): string => `do $break$
  declare v_source text := pg_get_functiondef('amocrm.${name}'::regproc);
  begin
    assert strpos(v_source, $from$${from}$from$) > 0, 'there is nothing to break in ${name}';
    execute replace(v_source, $from$${from}$from$, $to$${to}$to$);
  end $break$;`;

const BROKEN_BUILDS: readonly [what: string, breakIt: string][] = [
  [
    "does not ask since when a sequence is on",
    withChange("work_event", "and followup_sequences.switched_on_at <= p_event.occurred_at", ""),
  ],
  [
    "takes an imported lead for a new one",
    withChange(
      "note_followup_leads",
      "case when new_rows.amocrm_synced_at is null then 'waiting' else 'worked' end",
      "'waiting'",
    ),
  ],
  [
    "takes an imported student for a new one",
    withChange(
      "note_followup_students",
      "case when coalesce(new_rows.welcome_email_sent_at, new_rows.amocrm_synced_at) is null then 'waiting' else 'worked' end",
      "'waiting'",
    ),
  ],
  [
    "lets those in whom a backfill takes out of quarantine",
    withChange("backfill", "perform amocrm.leave_out_history(v_released);", ""),
  ],
];

test.each(drawn(BROKEN_BUILDS, 1))(
  "a build that %s would be noticed",
  { timeout: 300_000 },
  async (_what, breakIt) => {
    expect(await traces(await goThroughHistory(breakIt))).not.toEqual(NOTHING);
  },
);
