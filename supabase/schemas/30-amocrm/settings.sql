-- What the admin decides: pace, sizes, where leads go, which stages and fields they use. A change acts at the next request.

create table public.amocrm_settings (
  is_the_only_row boolean primary key default true,
  min_interval_ms int not null default 2000,
  batch_size int not null default 50,
  patch_batch_size int not null default 50,
  note_batch_size int not null default 250,
  max_attempts int not null default 12,
  pull_interval_seconds int not null default 900,
  allow_stage_backwards boolean not null default false,
  keep_delivered_days int not null default 30,
  keep_requests_days int not null default 14,
  updated_at timestamptz not null default amocrm.clock(),
  constraint settings_have_one_row check (is_the_only_row),
  -- amoCRM allows 7 requests a second and blocks accounts that overstep; 143 ms would be its very edge. A drain waits
  -- at most 10 s for its next slot, so a slower pace than that would never send a second request.
  constraint min_interval_keeps_amocrms_limit check (min_interval_ms between 150 and 10000),
  constraint batch_size_is_within_amocrms_limit check (batch_size between 1 and 50),
  constraint patch_batch_size_is_within_amocrms_limit check (patch_batch_size between 1 and 250),
  constraint note_batch_size_is_within_amocrms_limit check (note_batch_size between 1 and 250),
  constraint max_attempts_is_sensible check (max_attempts between 1 and 100),
  constraint delivered_are_kept_a_day_at_least check (keep_delivered_days between 1 and 3650),
  constraint requests_are_kept_three_days_at_least check (keep_requests_days between 3 and 365),
  constraint pull_interval_is_sensible check (pull_interval_seconds between 60 and 86400)
);
comment on table public.amocrm_settings is 'One row with pace, batch sizes, attempts and retention of messages to amoCRM.';
comment on column public.amocrm_settings.min_interval_ms is 'The pace: the smallest time between two requests to the account, whoever sends them. 2000 is safe beside other integrations.';
comment on column public.amocrm_settings.batch_size is 'Deals created in one request at most; amoCRM takes 50.';
comment on column public.amocrm_settings.patch_batch_size is 'Contacts or deals changed, or tasks made, in one request at most; amoCRM takes 250 and advises 50.';
comment on column public.amocrm_settings.note_batch_size is
  'Notes made in one request at most; amoCRM takes 250. Halved by itself for an hour where it does not cope.';
comment on column public.amocrm_settings.max_attempts is
  'Failed attempts after which a message is dead; waiting for amoCRM to come back is no attempt.';
comment on column public.amocrm_settings.pull_interval_seconds is 'How often changed contacts and deals are read back.';
comment on column public.amocrm_settings.allow_stage_backwards is 'If true, an automatic event may move a deal back in its pipeline, or out of won and lost.';
comment on column public.amocrm_settings.keep_delivered_days is 'Delivered, superseded and cancelled messages are deleted after this many days; the leads and their links stay.';
comment on column public.amocrm_settings.keep_requests_days is 'The logs amocrm.requests and amocrm.attempts are kept for this many days.';
insert into public.amocrm_settings default values;
insert into amocrm.queues (queue, drain, settings, keeps_people, function_in_turn, open_lanes) values
  ('amocrm', 'amocrm-drain', 'public.amocrm_settings', true, 'amocrm.function_in_turn', 'amocrm.open_lanes');

-- Routes, stages and fields name pipelines, stages and fields by amoCRM's ids, so each account has a table of its own; the public
-- ones are those of the account amocrm, and take an upsert by their short key, which no view over all accounts would.

create table amocrm.routes (
  source text not null,
  pipeline_id bigint,
  status_id bigint,
  responsible_user_id bigint,
  tags text[] not null default '{}',
  deal_name text not null default '{name} — {source}',
  on_repeat text not null default 'note',
  updated_at timestamptz not null default amocrm.clock(),
  account text not null,
  constraint routes_are_an_accounts unique (source, account),
  constraint on_repeat_is_known check (on_repeat in ('note', 'note_and_task', 'deal')),
  constraint status_needs_its_pipeline check (status_id is null or pipeline_id is not null),
  constraint tags_are_named check (array_position(tags, null) is null),
  -- As far as the functions count; amoCRM's ids have nine digits.
  constraint ids_are_amocrms check (pipeline_id between 1 and 9007199254740991 and status_id between 1 and 9007199254740991
    and responsible_user_id between 1 and 9007199254740991)
) partition by list (account);
comment on table amocrm.routes is 'The routes of all amoCRM accounts, a table for each.';
create table public.amocrm_routes partition of amocrm.routes for values in ('amocrm');
alter table public.amocrm_routes alter column account set default 'amocrm', add primary key (source);
comment on table public.amocrm_routes is
  'Where leads of a source go. The source * stands for all others; without it leads of unnamed sources wait.';
comment on column public.amocrm_routes.pipeline_id is 'The pipeline for a new deal; null for the main pipeline of the account.';
comment on column public.amocrm_routes.status_id is 'The stage for a new deal. Null: the first stage of the pipeline.';
comment on column public.amocrm_routes.deal_name is 'Template; {name}, {source}, {email}, {phone} and {utm_campaign} and its like are filled in.';
comment on column public.amocrm_routes.on_repeat is
  'What a further lead becomes while the person has an open deal in the pipeline: note, note_and_task or deal.';

create table amocrm.stages (
  event text not null,
  pipeline_id bigint not null,
  status_id bigint not null,
  updated_at timestamptz not null default amocrm.clock(),
  account text not null,
  constraint stages_are_an_accounts unique (event, account),
  constraint ids_are_amocrms check (pipeline_id between 1 and 9007199254740991 and status_id between 1 and 9007199254740991)
) partition by list (account);
comment on table amocrm.stages is 'The stages of all amoCRM accounts, a table for each.';
create table public.amocrm_stages partition of amocrm.stages for values in ('amocrm');
alter table public.amocrm_stages alter column account set default 'amocrm', add primary key (event);
comment on table public.amocrm_stages is 'Which stage an event of the school moves the deal to: student.created, lesson.67 and so on.';

create table amocrm.fields (
  entity text not null,
  path text not null,
  field_id bigint,
  field_code text,
  updated_at timestamptz not null default amocrm.clock(),
  account text not null,
  constraint fields_are_an_accounts unique (entity, path, account),
  constraint entity_is_known check (entity in ('contact', 'deal')),
  constraint ids_are_amocrms check (field_id between 1 and 9007199254740991),
  constraint field_is_named check (field_id is not null or field_code is not null)
) partition by list (account);
comment on table amocrm.fields is 'The mapped fields of all amoCRM accounts, a table for each.';
create table public.amocrm_fields partition of amocrm.fields for values in ('amocrm');
alter table public.amocrm_fields alter column account set default 'amocrm', add primary key (entity, path);
comment on table public.amocrm_fields is
  'Which custom field of amoCRM takes which value of a lead. What has no field here goes into the note.';
comment on column public.amocrm_fields.path is
  'A column of unified_lead_tracking, a path metadata.a.b, or id: the marker field by which a lead''s deal is found again.';

create trigger touch_updated_at before update on public.amocrm_settings for each row execute function amocrm.touch_updated_at();
create trigger touch_updated_at before update on amocrm.routes for each row execute function amocrm.touch_updated_at();
create trigger touch_updated_at before update on amocrm.stages for each row execute function amocrm.touch_updated_at();
create trigger touch_updated_at before update on amocrm.fields for each row execute function amocrm.touch_updated_at();

alter table public.amocrm_settings enable row level security;
alter table amocrm.routes enable row level security;
alter table public.amocrm_routes enable row level security;
alter table amocrm.stages enable row level security;
alter table public.amocrm_stages enable row level security;
alter table amocrm.fields enable row level security;
alter table public.amocrm_fields enable row level security;
revoke all on amocrm.routes, amocrm.stages, amocrm.fields, public.amocrm_settings, public.amocrm_routes, public.amocrm_stages,
  public.amocrm_fields from public, anon, authenticated, service_role;
grant select on amocrm.routes, amocrm.stages, amocrm.fields to service_role;
grant select, update on public.amocrm_settings to service_role;
grant select, insert, update, delete on public.amocrm_routes, public.amocrm_stages, public.amocrm_fields to service_role;
