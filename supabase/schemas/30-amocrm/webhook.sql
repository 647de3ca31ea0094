-- amoCRM's webhook: its secret, and the receiving of deliveries. One transaction keeps a delivery and notes what it hints at,
-- so that nothing is left to work off; the body itself is not kept.

insert into amocrm.inbox_sources (source, keeps_body, keep_worked) values ('amocrm', true, '1 day');

create table amocrm.webhook_control (
  account text primary key default amocrm.account(),
  secret_hash text,
  made_at timestamptz,
  former_hash text,
  former_until timestamptz,
  checked_at timestamptz,
  state text not null default 'off',
  problem_code text,
  healed_at timestamptz,
  foreign_count bigint not null default 0,
  constraint state_is_known check (state in ('off', 'on', 'broken')),
  constraint secret_has_its_time check ((secret_hash is null) = (made_at is null))
);
comment on table amocrm.webhook_control is 'The subscription to amoCRM''s hooks, one row per account. The secret itself is kept nowhere.';
comment on column amocrm.webhook_control.former_hash is 'The secret before, which is good until former_until: amoCRM repeats deliveries for up to 95 minutes.';
comment on column amocrm.webhook_control.state is 'off; on, as last seen; or broken, if it is wanted and could not be made again.';
comment on column amocrm.webhook_control.healed_at is 'When it was last made again by itself, since it was gone, disabled or silent.';
comment on column amocrm.webhook_control.foreign_count is 'Deliveries with our secret that named another account; nothing of them was read.';
alter table amocrm.webhook_control enable row level security;
revoke all on amocrm.webhook_control from public, anon, authenticated, service_role;
grant select (account, made_at, former_until, checked_at, state, problem_code, healed_at, foreign_count) on amocrm.webhook_control to service_role;

create function public.amocrm_webhook_receive(p_secret_hash text, p_key text, p_account_id bigint, p_hints jsonb, p_body text) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_control amocrm.webhook_control;
  v_outcome text;
begin
  select * into v_control from amocrm.webhook_control
  where webhook_control.secret_hash = p_secret_hash
    or (webhook_control.former_hash = p_secret_hash and webhook_control.former_until > amocrm.clock());
  if v_control.account is null then
    return 'unknown';
  end if;
  perform set_config('amocrm.account', v_control.account, true);
  if p_hints is null then
    return public.inbox_append('amocrm', p_key, to_jsonb(left(p_body, 10000)), 'unreadable', v_control.account, 'unreadable');
  elsif p_account_id <> (select accounts.account_id from amocrm.accounts where accounts.queue = v_control.account) then
    update amocrm.webhook_control set foreign_count = webhook_control.foreign_count + 1 where webhook_control.account = v_control.account;
    perform amocrm.inbox_count('amocrm', 'ignored');
    return 'other_account';
  end if;
  -- Also of a repeated one: two deletions of one deal read alike.
  perform amocrm.note_hints(p_hints);
  v_outcome := public.inbox_append('amocrm', p_key, null, 'worked', v_control.account);
  return v_outcome;
end
$$;
comment on function public.amocrm_webhook_receive(text, text, bigint, jsonb, text) is
  'Receives a delivery by the hash of its secret: stored, duplicate, full, other_account, or unknown. Null hints mean that nobody can read it.';

create function amocrm.hooks_are_deaf() returns boolean
language plpgsql stable set search_path = ''
as $$
begin return (
  select coalesce(sum(change_counts.pull_count) >= 10 and sum(change_counts.pull_count) > sum(change_counts.hook_count), false)
  from amocrm.change_counts
  where change_counts.account = amocrm.account() and change_counts.hour > amocrm.clock() - interval '2 hours'
    and change_counts.hour >= coalesce((select date_trunc('hour', webhook_control.made_at) from amocrm.webhook_control
      where webhook_control.account = amocrm.account()), '-infinity'));
end $$;
comment on function amocrm.hooks_are_deaf() is 'True if of late at least 10 changes, and more than half of all, were found by pulls only.';

create function amocrm.hooks_are_healthy() returns boolean
language plpgsql stable set search_path = ''
as $$
begin return (
  select exists (select from amocrm.webhook_control where webhook_control.account = amocrm.account() and webhook_control.state = 'on'
      and webhook_control.checked_at > amocrm.clock() - interval '26 hours')
    and exists (select from amocrm.inbox_counts where inbox_counts.source = 'amocrm' and inbox_counts.outcome = 'stored'
      and inbox_counts.last_at > amocrm.clock() - interval '1 day')
    and not amocrm.hooks_are_deaf());
end $$;
comment on function amocrm.hooks_are_healthy() is
  'True while the subscription was seen within a day, delivers, and reports most changes; pulls may rest longer then.';

create function amocrm.pull_rest() returns interval
language plpgsql stable set search_path = ''
as $$
begin return (
  select amocrm_settings.pull_interval_seconds * case when amocrm.hooks_are_healthy() then 4 else 1 end * interval '1 second' from public.amocrm_settings);
end $$;
comment on function amocrm.pull_rest() is 'Returns how long pulls rest between two runs: four times pull_interval_seconds while hooks are healthy.';

revoke all on function amocrm.hooks_are_healthy(), amocrm.hooks_are_deaf(), amocrm.pull_rest() from public;
revoke all on function public.amocrm_webhook_receive(text, text, bigint, jsonb, text) from public, anon, authenticated;
grant execute on function public.amocrm_webhook_receive(text, text, bigint, jsonb, text) to service_role;
