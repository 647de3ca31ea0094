-- The rules of the loyalty programme as rows: its times, zone and currency, its tiers, and the rates of other currencies. All
-- have defaults, so that the programme works without a setting.

create table public.loyalty_settings (
  is_the_only_row boolean primary key default true,
  available_after_days int not null default 14,
  expires_after_days int not null default 365,
  tier_window_days int not null default 365,
  refund_grace_days int not null default 30,
  time_zone text not null default 'Asia/Almaty',
  currency text not null default 'KZT',
  amocrm_pipelines bigint[] not null default '{}',
  amocrm_fields jsonb not null default '{}',
  constraint loyalty_settings_has_one_row check (is_the_only_row),
  constraint days_are_sensible check (available_after_days between 0 and 3650 and expires_after_days between 1 and 36500
    and tier_window_days between 1 and 3650 and refund_grace_days between 1 and 3650),
  constraint currency_is_a_code check (currency ~ '^[A-Z]{3}$'),
  constraint amocrm_fields_is_an_object check (jsonb_typeof(amocrm_fields) = 'object')
);
comment on table public.loyalty_settings is 'The one row with the settings of the loyalty programme.';
comment on column public.loyalty_settings.available_after_days is 'Days from the payment of an order until its points can be spent: the time in which it may be refunded.';
comment on column public.loyalty_settings.expires_after_days is 'Days from the payment of an order until its points expire, at the end of the local day.';
comment on column public.loyalty_settings.tier_window_days is 'Days of which orders count for the tier, and days from a rise or review to the next review.';
comment on column public.loyalty_settings.refund_grace_days is 'Days for which points are returned whose award has expired meanwhile.';
comment on column public.loyalty_settings.time_zone is 'IANA name of the zone in which days of the programme begin and end.';
comment on column public.loyalty_settings.currency is 'The programme''s currency: one point is one unit of it.';
comment on column public.loyalty_settings.amocrm_pipelines is 'Pipelines of amoCRM whose won deals are orders; none by default.';
comment on column public.loyalty_settings.amocrm_fields is 'Fields of contacts in amoCRM by what they show: {"tier", "balance", "segment": field id}.';
insert into public.loyalty_settings default values;

create function amocrm.check_loyalty_zone() returns trigger
language plpgsql set search_path = ''
as $$
begin
  perform amocrm.clock() at time zone new.time_zone;
  return new;
end
$$;
comment on function amocrm.check_loyalty_zone() is 'Refuses a time zone that Postgres does not know.';
create trigger check_loyalty_zone before insert or update of time_zone on public.loyalty_settings
  for each row execute function amocrm.check_loyalty_zone();

create table public.loyalty_tiers (
  code text primary key,
  threshold bigint not null,
  cashback_percent numeric(5, 2) not null,
  constraint code_is_a_word check (code ~ '^[a-z][a-z0-9_]{0,39}$'),
  constraint threshold_is_not_negative check (threshold >= 0),
  constraint cashback_percent_is_a_share check (cashback_percent between 0 and 100)
);
comment on table public.loyalty_tiers is 'The tiers: from which net spend within the window, and which share of an order comes back as points.';
comment on column public.loyalty_tiers.threshold is 'Net spend within the window, in the programme''s currency, from which a member has this tier; the lowest is 0.';
create unique index loyalty_tiers_by_threshold_idx on public.loyalty_tiers (threshold);
insert into public.loyalty_tiers (code, threshold, cashback_percent) values
  ('bronze', 0, 5), ('silver', 50000, 10), ('gold', 150000, 15), ('platinum', 500000, 20);

create table public.loyalty_rates (
  currency text not null,
  day date not null,
  rate numeric(18, 8) not null,
  primary key (currency, day),
  constraint currency_is_a_code check (currency ~ '^[A-Z]{3}$'),
  constraint rate_is_positive check (rate > 0)
);
comment on table public.loyalty_rates is 'What one unit of another currency is worth in the programme''s, by local day of payment.';

alter table public.loyalty_settings enable row level security;
alter table public.loyalty_tiers enable row level security;
alter table public.loyalty_rates enable row level security;
revoke all on public.loyalty_settings, public.loyalty_tiers, public.loyalty_rates from public, anon, authenticated, service_role;
grant select, update on public.loyalty_settings to service_role;
grant select, insert, update, delete on public.loyalty_tiers, public.loyalty_rates to service_role;
grant select on public.loyalty_settings, public.loyalty_tiers to authenticated;
create policy admins_and_viewers_see_settings on public.loyalty_settings for select to authenticated
  using ((select auth.jwt()) -> 'app_metadata' ->> 'role' in ('admin', 'viewer'));
create policy everybody_signed_in_sees_tiers on public.loyalty_tiers for select to authenticated using (true);

create function amocrm.loyalty_setting() returns public.loyalty_settings
language sql stable set search_path = ''
as $$ select loyalty_settings from public.loyalty_settings $$;
comment on function amocrm.loyalty_setting() is 'Returns the one row of loyalty_settings.';

create function amocrm.loyalty_day_end(p_at timestamptz, p_days int) returns timestamptz
language plpgsql stable set search_path = ''
as $$
begin return (
  select (((p_at at time zone zone.name)::date + p_days + 1)::timestamp) at time zone zone.name
  from (select loyalty_settings.time_zone as name from public.loyalty_settings) as zone);
end
$$;
comment on function amocrm.loyalty_day_end(timestamptz, int) is 'Returns the end of the local day that lies some days after an instant.';

create function amocrm.loyalty_rate(p_currency text, p_at timestamptz) returns numeric
language plpgsql stable set search_path = ''
as $$
begin return (
  select case when p_currency = setting.currency then 1 else (
    select loyalty_rates.rate from public.loyalty_rates
    where loyalty_rates.currency = p_currency and loyalty_rates.day = (p_at at time zone setting.time_zone)::date) end
  from public.loyalty_settings as setting);
end
$$;
comment on function amocrm.loyalty_rate(text, timestamptz) is
  'Returns what a unit of a currency is worth in the programme''s on the local day of an instant; null if nobody has said it.';

revoke all on function amocrm.check_loyalty_zone(), amocrm.loyalty_setting(), amocrm.loyalty_day_end(timestamptz, int),
  amocrm.loyalty_rate(text, timestamptz) from public;
