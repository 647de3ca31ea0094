import type { SchoolProject } from "../../stack/school/school-project.ts";

/** As if nothing had happened yet. */
export async function emptied(school: SchoolProject): Promise<void> {
  const { sql } = school;
  await sql`delete from amocrm.outbox`;
  await sql`delete from amocrm.duplicates`;
  await sql`delete from amocrm.tells`;
  await sql`delete from amocrm.actions`;
  await sql`delete from amocrm.inbox`;
  await sql`delete from form_sources`;
  await sql`delete from amocrm.quarantined_leads`;
  await sql`delete from public.amocrm_routes`;
  await sql`delete from public.amocrm_stages`;
  await sql`delete from amocrm.bulk_jobs`;
  await sql`delete from amocrm.funnel_buckets`;
  await sql`delete from amocrm.funnel_move_buckets`;
  await sql`delete from public.amocrm_fields`;
  await sql`delete from amocrm.followup_entries`;
  await sql`alter sequence amocrm.outbox_id_seq restart`;
  await sql`delete from public.unified_lead_tracking`;
}
/** What sixty days of two landing pages brought; a campaign is named as nobody should name one. */
export async function bring(school: SchoolProject): Promise<void> {
  await school.sql`select amocrm_store_pipelines(${PIPELINES}::text::jsonb)`;
  await school.sql`select amocrm_set_route('a-landing-page-with-a-rather-long-name', 10, 101)`;
  await school.sql`select amocrm_set_stage('lesson.67', 10, 102)`;
  await school.sql`insert into amocrm.funnel_buckets (day, source, campaign, leads, people, delivered_to_crm, mails_sent, mails_opened, human_clicks,
      deals_open, deals_won, deals_lost, revenue)
    select current_date - n, source, campaign, 20 + n % 9, 18 + n % 9, 19 + n % 9, 20, 8 + n % 5, 5 + n % 4, 9, n % 4, 2, n % 4 * 149000
    from generate_series(0, 59) as n cross join (values ('a-landing-page-with-a-rather-long-name', 'весна_2026_ретаргетинг_алматы'), ('taplink', '=HYPERLINK("x")'))
      as page (source, campaign)`;
  await school.sql`insert into amocrm.custom_fields (entity, fields)
    values ('deal', '[{"id": 501, "name": "Источник обращения клиента в компанию"}]') on conflict do nothing`;
  await school.sql`insert into amocrm_fields (entity, path, field_id) values ('deal', 'utm_source', 501) on conflict do nothing`;
  await school.sql`insert into followup_templates (code, channel, language, subject, body)
    values ('hello', 'mail', 'ru', 'Здравствуйте', 'Спасибо, {name}') on conflict do nothing`;
  await school.sql`insert into followup_steps (sequence, step, channel, template_code)
    values ('after-the-first-lead', 'hello', 'mail', 'hello') on conflict do nothing`;
  await school.sql`with entered as (
      insert into amocrm.followup_entries (sequence, version, event, lead_id, entered_at)
      select 'after-the-first-lead', 1, 'lead.created', id, now() from unified_lead_tracking where email = 'p2@example.com' returning id
    )
    insert into amocrm.followup_entry_steps (entry_id, step, version, channel, template_code, topic, stop_on, delay_minutes, max_delay_minutes, due_local,
      due_at, look_at)
    select id, 'hello', 1, 'mail', 'hello', 'news', '{}', 60, 60, now(), now(), now() + interval '3 hours' from entered`;
  await school.sql`insert into amocrm.funnel_move_buckets (day, source, campaign, bucket, count)
    select day, source, campaign, 30, 4 from amocrm.funnel_buckets`;
}

const PIPELINES = JSON.stringify([
  {
    pipeline_id: 10,
    name: "Продажи курсов новым ученикам",
    sort: 1,
    is_main: true,
    stages: [
      { id: 101, name: "Первичный контакт состоялся", sort: 1 },
      { id: 102, name: "Успешно реализовано и закрыто", sort: 2 },
    ],
  },
]);

/** Whatever only a person can decide, and a bulk action that left some alone. */
export async function makeDecisions(school: SchoolProject): Promise<void> {
  const { sql } = school;
  await sql`insert into amocrm.duplicates (type, kept_id, other_id, reason)
    values ('contact', 50012345, 50012399, 'both came with the same phone and have different e-mails')`;
  await sql`insert into amocrm.quarantined_leads (lead_id, reason)
    select id, 'flood' from unified_lead_tracking order by created_at, id limit 3`;
  await sql`insert into amocrm.bulk_jobs (action, filter, queue, state, ended_at, message_count, done_count, left_count)
    values ('requeue', '{"states": ["dead"], "error_code": "validation_failed"}', 'amocrm', 'stopped', now(), 5000, 1500, 2)`;
  await sql`insert into amocrm.bulk_messages (job_id, message_id, was, result)
    select id, n, 'dead', case n when 1 then 'changed' else 'look_first' end from amocrm.bulk_jobs, generate_series(1, 2) as n`;
  await sql`with held as (
      insert into amocrm.outbox (queue, kind, subject_table, subject_id, is_fresh, state, last_error_code, last_error_message)
      select 'amocrm', 'deal.note', 'unified_lead_tracking', id, false, 'pending', 'tells_held', 'more notes in an hour than a deal takes'
      from unified_lead_tracking order by created_at, id limit 2 returning id
    )
    insert into amocrm.tells (message_id, amocrm_deal_id) select id, 50012345 from held`;
  await sql`with form as (
      insert into form_sources (kind, source) values ('tilda', 'a-landing-page-with-a-rather-long-name') returning id
    )
    insert into amocrm.inbox (source, key, origin, state, body, ended_at, error)
    select 'forms', 'one', id, 'unreadable', '{"Ваше имя и фамилия": "Айгерим", "Как с вами связаться?": "telegram"}', now(), 'no e-mail and no phone' from form`;
}

/** Dead messages of people whose names and errors are as long as they get. */
export async function die(school: SchoolProject, count: number): Promise<void> {
  await school.sql`with leads as (
      insert into public.unified_lead_tracking (full_name, email, phone, source)
      select 'Айгерим-Мария Нурланқызы Константинопольская', 'p' || n || '@example.com', '+7707' || 1000000 + n, 'a-landing-page-with-a-rather-long-name'
      from generate_series(1, ${count}::int) as n returning id
    )
    select from leads`;
  await school.sql`insert into amocrm.flow_counts (span, at, queue, kind, in_count, delivered_count, dead_count)
    select span, date_trunc(span, now()) - n * ('1 ' || span)::interval, 'amocrm', 'lead.created', 30 + n % 9, 20 + n % 7, n % 3
    from generate_series(1, 50) as n cross join unnest('{minute,hour}'::text[]) as span on conflict do nothing`;
  await school.sql`insert into amocrm.flow_buckets (span, at, queue, kind, measure, bucket, message_count)
    select 'minute', date_trunc('minute', now()) - n * interval '1 minute', 'amocrm', 'lead.created', measure, 40 + n % 9, n
    from generate_series(1, 50) as n cross join unnest('{wait,run}'::text[]) as measure on conflict do nothing`;
  await school.sql`update amocrm.outbox set state = 'dead', is_fresh = false, is_head = false, last_error_code = 'validation_failed',
    last_error_message = 'custom_fields_values.' || id || ': "' || id || '" is_a_value_that_has_not_a_single_space_in_it_and_is_rather_long_to_be_read'
    where queue = 'amocrm'`;
}
