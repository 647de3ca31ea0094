-- What the admin is told: one row per incident. The table is part of the public surface.

create table public.amocrm_alerts (
  id bigint generated always as identity primary key,
  code text not null,
  severity text not null,
  first_seen_at timestamptz not null default amocrm.clock(),
  last_seen_at timestamptz not null default amocrm.clock(),
  over_since timestamptz,
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
comment on column public.amocrm_alerts.incident_id is 'The id by which mails in message_outbox name their incident.';
comment on column public.amocrm_alerts.over_since is
  'Since when an open incident is no longer found, null while it lasts; 15 minutes later it is resolved.';
comment on column public.amocrm_alerts.opened_mail_at is
  'When the mail about the incident was enqueued; null until then, and for severity info.';
comment on column public.amocrm_alerts.resolved_mail_at is
  'When the mail about the end was enqueued: an hour after it, unless the incident came back.';
comment on column public.amocrm_alerts.posted_at is 'When the incident was posted to amocrm_alert_url because the mail failed.';
create unique index amocrm_alerts_one_per_incident on public.amocrm_alerts (incident_id);
create unique index amocrm_alerts_one_open_per_code on public.amocrm_alerts (code) where resolved_at is null;
alter table public.amocrm_alerts enable row level security;
revoke all on public.amocrm_alerts from public, anon, authenticated, service_role;
revoke all on sequence public.amocrm_alerts_id_seq from public, anon, authenticated, service_role;
grant select, insert, update on public.amocrm_alerts to service_role;
grant select on public.amocrm_alerts to authenticated;
create policy admins_and_viewers_see_alerts on public.amocrm_alerts for select to authenticated
  using ((select auth.jwt()) -> 'app_metadata' ->> 'role' in ('admin', 'viewer'));
