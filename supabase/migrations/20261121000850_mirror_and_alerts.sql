-- What we read back from amoCRM, and what the admin is told. The tables are part of the public surface.

create table public.amocrm_deals (
  amocrm_deal_id bigint primary key,
  amocrm_contact_id bigint,
  amocrm_company_id bigint,
  name text,
  price bigint,
  pipeline_id bigint,
  status_id bigint,
  status_label text,
  responsible_user_id bigint,
  created_at timestamptz,
  updated_at timestamptz,
  closed_at timestamptz,
  is_deleted boolean not null default false,
  custom_fields jsonb not null default '[]',
  metadata jsonb not null default '{}'
);
comment on table public.amocrm_deals is 'The mirror of amoCRM''s deals.';
create index amocrm_deals_of_contact_idx on public.amocrm_deals (amocrm_contact_id);

create table public.amocrm_alerts (
  id bigint generated always as identity primary key,
  code text not null,
  severity text not null,
  first_seen_at timestamptz not null default amocrm.clock(),
  last_seen_at timestamptz not null default amocrm.clock(),
  resolved_at timestamptz,
  detail text not null,
  remedy text,
  incident_id uuid not null default gen_random_uuid(),
  opened_mail_at timestamptz,
  resolved_mail_at timestamptz,
  posted_at timestamptz,
  constraint severity_is_known check (severity in ('info', 'warning', 'critical')),
  constraint last_seen_is_not_before_first check (last_seen_at >= first_seen_at)
);
comment on table public.amocrm_alerts is 'Incidents: one row from first seen to resolved.';
comment on column public.amocrm_alerts.incident_id is 'By it the mails in message_outbox name their incident.';
comment on column public.amocrm_alerts.opened_mail_at is 'When the mail to the admin was enqueued; null until then, and for what is info only.';
comment on column public.amocrm_alerts.resolved_mail_at is 'When the mail was enqueued that it is over: an hour after it ended, should it not come back.';
comment on column public.amocrm_alerts.posted_at is 'When it was posted to amocrm_alert_url because the mail did not get through.';
create unique index amocrm_alerts_one_per_incident on public.amocrm_alerts (incident_id);
create unique index amocrm_alerts_one_open_per_code on public.amocrm_alerts (code) where resolved_at is null;

create table amocrm.pipelines (
  pipeline_id bigint primary key,
  name text not null,
  sort int not null default 0,
  is_main boolean not null default false,
  is_archive boolean not null default false,
  stages jsonb not null default '[]',
  read_at timestamptz not null default amocrm.clock()
);
comment on table amocrm.pipelines is 'The account''s pipelines as last read. A stage is only unique together with its pipeline: 142 and 143 are in each.';
alter table amocrm.pipelines enable row level security;
revoke all on amocrm.pipelines from public, anon, authenticated, service_role;
grant select on amocrm.pipelines to service_role;

alter table public.amocrm_deals enable row level security;
alter table public.amocrm_alerts enable row level security;
revoke all on public.amocrm_deals, public.amocrm_alerts from public, anon, authenticated, service_role;
revoke all on sequence public.amocrm_alerts_id_seq from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.amocrm_deals to service_role;
grant select, insert, update on public.amocrm_alerts to service_role;
grant select on public.amocrm_alerts to authenticated;
create policy admins_see_alerts on public.amocrm_alerts for select to authenticated
  using ((select auth.jwt()) -> 'app_metadata' ->> 'role' = 'admin');
