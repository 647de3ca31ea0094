-- What we read back from amoCRM. The table of all accounts is private; that of the account amocrm is part of the public surface.

create table amocrm.deals (
  amocrm_deal_id bigint not null,
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
  metadata jsonb not null default '{}',
  updated_by bigint,
  account text not null,
  constraint deals_are_an_accounts unique (amocrm_deal_id, account)
) partition by list (account);
comment on table amocrm.deals is 'The mirror of the deals of all amoCRM accounts, a table for each.';
comment on column amocrm.deals.updated_by is 'The amoCRM user who changed the deal last; 0 is a robot.';
create index deals_of_contact_idx on amocrm.deals (amocrm_contact_id);

create table public.amocrm_deals partition of amocrm.deals for values in ('amocrm');
alter table public.amocrm_deals alter column account set default 'amocrm', add primary key (amocrm_deal_id);
comment on table public.amocrm_deals is 'The mirror of the deals of the account amocrm.';
comment on column public.amocrm_deals.updated_by is 'The amoCRM user who changed the deal last; 0 is a robot.';

alter table amocrm.deals enable row level security;
alter table public.amocrm_deals enable row level security;
revoke all on amocrm.deals, public.amocrm_deals from public, anon, authenticated, service_role;
grant select on amocrm.deals to service_role;
grant select, insert, update, delete on public.amocrm_deals to service_role;
