-- The funnel: what became of people, by the day, source and campaign of their first lead. Nothing is counted when somebody looks:
-- a job notes within a minute whose numbers may have changed, counts these people anew and moves the difference into kept buckets.
-- Counting one person anew is right whatever was noted twice or late, so no event has to be told exactly once.

create table amocrm.funnel_buckets (
  day date not null,
  source text not null,
  campaign text not null,
  leads bigint not null default 0,
  people bigint not null default 0,
  delivered_to_crm bigint not null default 0,
  mails_sent bigint not null default 0,
  mails_delivered bigint not null default 0,
  mails_opened bigint not null default 0,
  sms_sent bigint not null default 0,
  sms_delivered bigint not null default 0,
  human_clicks bigint not null default 0,
  deals_open bigint not null default 0,
  deals_won bigint not null default 0,
  deals_lost bigint not null default 0,
  revenue bigint not null default 0,
  median_minutes numeric,
  bucket_id int generated always as identity,
  primary key (day, source, campaign),
  constraint bucket_has_one_number unique (bucket_id)
);
comment on table amocrm.funnel_buckets is 'The kept sums of landing_funnel.';
comment on column amocrm.funnel_buckets.bucket_id is 'The number by which amocrm.funnel_people names the row.';

-- A row for each person for ever: day, source and campaign are those of a bucket, and counts without names take a tenth of what
-- an object with names did.
create table amocrm.funnel_people (
  person_key bigint primary key,
  bucket_id int not null,
  counts text not null,
  move_buckets text
);
comment on table amocrm.funnel_people is 'What each person adds to the funnel, as it was counted last.';
comment on column amocrm.funnel_people.person_key is 'A hash of the address that the first lead named.';
comment on column amocrm.funnel_people.bucket_id is 'The row of amocrm.funnel_buckets that the person adds to.';
comment on column amocrm.funnel_people.counts is
  'With commas: leads, delivered, deals open, lost and won, revenue, mails sent, delivered and opened, SMS sent and delivered, clicks. None is left empty.';
comment on column amocrm.funnel_people.move_buckets is 'The buckets of minutes from a lead to the first move of its deal, with spaces.';

create table amocrm.funnel_move_buckets (
  day date not null,
  source text not null,
  campaign text not null,
  bucket int not null,
  count bigint not null,
  primary key (day, source, campaign, bucket)
);
comment on table amocrm.funnel_move_buckets is 'How many first moves took how long, in buckets that can be added: a median of any sum of rows.';

create table amocrm.funnel_dirty (
  person_key bigint primary key,
  noted_at timestamptz not null default amocrm.clock()
);
comment on table amocrm.funnel_dirty is 'People whose numbers may have changed since they were counted.';
create index funnel_dirty_by_time_idx on amocrm.funnel_dirty (noted_at);

create table amocrm.funnel_progress (
  is_the_only_row boolean primary key default true,
  leads_until timestamptz not null default 'epoch',
  changes_until timestamptz not null default amocrm.clock(),
  deal_event_id bigint not null default 0,
  click_id bigint not null default 0,
  seen_lead_id uuid not null default '00000000-0000-0000-0000-000000000000',
  seen_person_key bigint not null default (-9223372036854775808)::bigint,
  folded_at timestamptz,
  constraint progress_has_one_row check (is_the_only_row)
);
comment on table amocrm.funnel_progress is 'How far leads and changes were noted.';
comment on column amocrm.funnel_progress.seen_lead_id is 'The last lead whose person was counted again without an event; after the last of all the first follows.';
insert into amocrm.funnel_progress default values;

alter table amocrm.funnel_people enable row level security;
alter table amocrm.funnel_buckets enable row level security;
alter table amocrm.funnel_move_buckets enable row level security;
alter table amocrm.funnel_dirty enable row level security;
alter table amocrm.funnel_progress enable row level security;
revoke all on amocrm.funnel_people, amocrm.funnel_buckets, amocrm.funnel_move_buckets, amocrm.funnel_dirty, amocrm.funnel_progress
  from public, anon, authenticated, service_role;
grant select on amocrm.funnel_buckets, amocrm.funnel_move_buckets, amocrm.funnel_progress to service_role;

create function amocrm.funnel_key(p_email text, p_phone text, p_id uuid) returns bigint
language sql immutable set search_path = ''
as $$ select hashtextextended(coalesce('email ' || p_email, 'phone ' || p_phone, 'lead ' || p_id::text), 0) $$;
comment on function amocrm.funnel_key(text, text, uuid) is 'Returns what distinguishes people in the funnel: a hash of the e-mail, else of the phone, else of the lead.';

-- Spelt out and not by the function: whoever inserts has to be allowed what an index calls, and visitors may call none of ours.
create index if not exists unified_lead_tracking_by_funnel_key on public.unified_lead_tracking (hashtextextended(coalesce('email ' || email, 'phone ' || phone, 'lead ' || id::text), 0));

create function amocrm.count_person(p_key bigint, p_zone text)
returns table (day date, source text, campaign text, counts text, move_buckets text)
language sql stable set search_path = ''
as $$
  with leads as materialized (
    select lead.id, lead.created_at, lead.source, lead.utm_campaign, lead.amocrm_synced_at, lead.email, lead.phone
    from public.unified_lead_tracking as lead where hashtextextended(coalesce('email ' || lead.email, 'phone ' || lead.phone, 'lead ' || lead.id::text), 0) = p_key
      and not exists (select from amocrm.quarantined_leads where quarantined_leads.lead_id = lead.id)
  ), first as (
    select * from leads order by leads.created_at, leads.id limit 1
  ), subjects as materialized (
    select leads.id from leads union select student.id from public.tripwire_users as student where student.email_key = (select first.email from first)
  ), mailed as (
    select count(*) filter (where mails.accepted_at is not null) as sent, count(*) filter (where mails.outcome in ('delivered', 'complained')) as delivered,
      count(*) filter (where mails.opened_at is not null) as opened
    from amocrm.mails where mails.subject_id in (select subjects.id from subjects)
  ), texted as (
    select count(*) filter (where sms.accepted_at is not null) as sent, count(*) filter (where sms.outcome = 'delivered') as delivered
    from amocrm.sms where sms.subject_id in (select subjects.id from subjects)
  ), clicked as (
    select count(*) as clicks from public.short_links join public.link_clicks on link_clicks.code = short_links.code and link_clicks.verdict = 'human'
    where short_links.lead_id in (select subjects.id from subjects) or short_links.student_id in (select subjects.id from subjects)
  ), dealt as (
    -- A deal counts once, for the oldest lead that it belongs to.
    select deals.status_id, deals.price, leads.created_at as lead_at,
      (select min(amocrm_deal_events.occurred_at) from public.amocrm_deal_events where amocrm_deal_events.amocrm_deal_id = deals.amocrm_deal_id
        and amocrm_deal_events.event in ('stage_changed', 'won', 'lost')) as moved_at
    from leads join amocrm.links on links.subject_table = 'unified_lead_tracking' and links.subject_id = leads.id and links.object = 'deal' and links.account = amocrm.account()
    join amocrm.deals on deals.amocrm_deal_id = links.amocrm_id and deals.account = links.account and not deals.is_deleted
    where not exists (select from amocrm.links as other join public.unified_lead_tracking as older on older.id = other.subject_id
      where other.object = 'deal' and other.amocrm_id = links.amocrm_id and other.account = links.account and other.subject_table = 'unified_lead_tracking'
        and (older.created_at, older.id) < (leads.created_at, leads.id))
  )
  select (first.created_at at time zone p_zone)::date, coalesce(first.source, ''), coalesce(first.utm_campaign, ''),
    rtrim(array_to_string(array[(select count(*) from leads), (select nullif(count(*), 0) from leads where leads.amocrm_synced_at is not null),
      (select nullif(count(*), 0) from dealt where dealt.status_id not in (142, 143)), (select nullif(count(*), 0) from dealt where dealt.status_id = 143),
      (select nullif(count(*), 0) from dealt where dealt.status_id = 142), (select nullif(sum(dealt.price), 0) from dealt where dealt.status_id = 142),
      nullif(mailed.sent, 0), nullif(mailed.delivered, 0), nullif(mailed.opened, 0), nullif(texted.sent, 0), nullif(texted.delivered, 0), nullif(clicked.clicks, 0)
    ], ',', ''), ','),
    (select string_agg(moved.bucket::text, ' ' order by moved.bucket) from (select amocrm.minutes_bucket(extract(epoch from dealt.moved_at - dealt.lead_at) / 60) as bucket
      from dealt where dealt.moved_at is not null) as moved)
  from first cross join mailed cross join texted cross join clicked
$$;
comment on function amocrm.count_person(bigint, text) is 'Counts one person of the funnel anew; no row if nobody has that key any more.';

revoke all on function amocrm.funnel_key(text, text, uuid), amocrm.count_person(bigint, text) from public;
