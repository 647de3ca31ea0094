-- The subscription to amoCRM's hooks, as the functions make, check and mend it, and as the admin sees it.

create function public.amocrm_webhook_state() returns jsonb
language sql stable security definer set search_path = ''
as $$
  select jsonb_build_object('state', coalesce(control.state, 'off'), 'secretHash', control.secret_hash,
    'address', rtrim(amocrm.vault_secret('amocrm_functions_url'), '/') || '/amocrm-webhook',
    'isDeaf', coalesce(deaf.is_deaf, false),
    'isCheckDue', coalesce(control.state <> 'off' and (control.checked_at is null or control.checked_at < amocrm.clock() - interval '1 day'
      or deaf.is_deaf and control.checked_at < amocrm.clock() - interval '1 hour'), false))
  from (select amocrm.account() as account) as mine
  left join amocrm.webhook_control as control on control.account = mine.account
  cross join lateral (select amocrm.hooks_are_deaf() and control.made_at < amocrm.clock() - interval '1 hour' as is_deaf) as deaf
$$;
comment on function public.amocrm_webhook_state() is
  'Returns how the subscription to amoCRM''s hooks stands for the functions: {state, secretHash, address, isDeaf, isCheckDue}.';

create function public.amocrm_webhook_keep(p_secret_hash text, p_is_healed boolean) returns void
language sql security definer set search_path = ''
as $$
  insert into amocrm.webhook_control as known (secret_hash, made_at, checked_at, state, healed_at)
  values (p_secret_hash, amocrm.clock(), amocrm.clock(), 'on', case when p_is_healed then amocrm.clock() end)
  on conflict (account) do update set secret_hash = excluded.secret_hash, made_at = excluded.made_at, checked_at = excluded.checked_at,
    state = 'on', problem_code = null, healed_at = coalesce(excluded.healed_at, known.healed_at),
    -- amoCRM repeats deliveries to the former address for up to 95 minutes.
    former_hash = coalesce(known.secret_hash, known.former_hash),
    former_until = case when known.secret_hash is null then known.former_until else amocrm.clock() + interval '2 hours' end
$$;
comment on function public.amocrm_webhook_keep(text, boolean) is
  'Keeps the hash of a new secret; the former one stays good for two hours.';

create function public.amocrm_webhook_note(p_state text, p_problem_code text) returns void
language sql security definer set search_path = ''
as $$
  update amocrm.webhook_control set state = p_state, problem_code = p_problem_code, checked_at = amocrm.clock()
  where webhook_control.account = amocrm.account() and webhook_control.state <> 'off'
$$;
comment on function public.amocrm_webhook_note(text, text) is 'Records what a check of the subscription found.';

create function public.amocrm_webhook_off() returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update amocrm.webhook_control set state = 'off', problem_code = null, former_hash = webhook_control.secret_hash,
    former_until = amocrm.clock() + interval '2 hours', secret_hash = null, made_at = null, healed_at = null
  where webhook_control.account = amocrm.account() and webhook_control.secret_hash is not null;
  perform amocrm.note_action('webhook_off', '{}');
end
$$;
comment on function public.amocrm_webhook_off() is 'Forgets the subscription; late deliveries are still taken for two hours.';

create function amocrm.webhook_status_rows()
returns table (state text, made_at timestamptz, checked_at timestamptz, problem_code text, healed_at timestamptz, is_healthy boolean,
  last_delivery_at timestamptz, deliveries_hour bigint, duplicates_hour bigint, deliveries_day bigint, duplicates_day bigint,
  unreadable_count bigint, foreign_count bigint, waiting_count bigint, by_hooks_day bigint, by_pulls_only_day bigint)
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_column
begin
  perform amocrm.require_reader();
  return query
  select coalesce(control.state, 'off'), control.made_at, control.checked_at, control.problem_code, control.healed_at, amocrm.hooks_are_healthy(),
    inbox.last_delivery_at, inbox.deliveries_hour, inbox.duplicates_hour, inbox.deliveries_day, inbox.duplicates_day,
    inbox.unreadable, coalesce(control.foreign_count, 0),
    (select count(*) from amocrm.hints where hints.account = amocrm.account() and hints.due_at is not null)
      + (select coalesce(sum(jsonb_array_length(hint_notes.hints)), 0) from amocrm.hint_notes where hint_notes.account = amocrm.account())::bigint,
    counts.hook_count, counts.pull_count
  from amocrm.inbox_state('amocrm') as inbox
  left join amocrm.webhook_control as control on control.account = amocrm.account()
  cross join (select coalesce(sum(change_counts.hook_count), 0)::bigint as hook_count, coalesce(sum(change_counts.pull_count), 0)::bigint as pull_count
    from amocrm.change_counts where change_counts.account = amocrm.account() and change_counts.hour > amocrm.clock() - interval '25 hours') as counts;
end
$$;
comment on function amocrm.webhook_status_rows() is 'Returns the row of amocrm_webhook_status.';

create view public.amocrm_webhook_status with (security_invoker = true) as
select state, made_at, checked_at, problem_code, healed_at, is_healthy, last_delivery_at, deliveries_hour, duplicates_hour, deliveries_day,
  duplicates_day, unreadable_count, foreign_count, waiting_count, by_hooks_day, by_pulls_only_day
from amocrm.webhook_status_rows();
comment on view public.amocrm_webhook_status is
  'How do amoCRM''s hooks stand: subscription, deliveries and duplicates of hour and day, changes that only the pull found?';

create function public.amocrm_webhook_report() returns jsonb
language sql stable security definer set search_path = ''
as $$ select jsonb_build_object('status', to_jsonb(amocrm_webhook_status)) from public.amocrm_webhook_status $$;
comment on function public.amocrm_webhook_report() is 'Returns the row of amocrm_webhook_status for the functions, {status}.';

create function amocrm.hooks_notice() returns text
language plpgsql stable set search_path = ''
as $$
begin return (
  select case
    when control.state = 'off' then 'amoCRM''s hooks are off, so what changes there is known here with the next pull: npm run amocrm -- webhook on.'
    when control.state = 'broken' then 'amoCRM''s hooks do not come (' || coalesce(control.problem_code, 'unknown')
      || '), so what changes there is known here with the next pull: npm run amocrm -- webhook on.'
    when amocrm.hooks_are_deaf() then 'Of late pulls found more changes in amoCRM than its hooks told: npm run amocrm -- webhook status.'
    when control.checked_at < amocrm.clock() - interval '26 hours' then 'The subscription to amoCRM''s hooks was last looked at '
      || control.checked_at || ': npm run amocrm -- webhook status.' end
  from amocrm.webhook_control as control where control.account = amocrm.account());
end $$;
comment on function amocrm.hooks_notice() is
  'Returns the notice of amocrm_health about amoCRM''s hooks; null while they are healthy, or were never on.';

create function amocrm.webhook_conditions() returns setof amocrm.alert_condition
language plpgsql stable set search_path = ''
as $$
begin
  return query
  select 'webhook', 'warning', case when control.state = 'broken'
      then 'The subscription to amoCRM''s hooks is gone and could not be made again: ' || control.problem_code
      else 'The subscription to amoCRM''s hooks was gone, disabled or silent and was made again' end,
    case when control.state = 'broken' then 'npm run amocrm -- webhook on' else 'npm run amocrm -- webhook status' end, true
  from amocrm.webhook_control as control
  where control.account = amocrm.account()
    and (control.state = 'broken' or control.state = 'on' and control.healed_at > amocrm.clock() - interval '1 day');
end
$$;
comment on function amocrm.webhook_conditions() is 'Lists the condition that the subscription to amoCRM''s hooks broke, or was made again by itself.';
insert into amocrm.conditions (name, rank, function) values ('webhook', 56, 'amocrm.webhook_conditions');

revoke all on function amocrm.webhook_status_rows() from public, anon;
grant execute on function amocrm.webhook_status_rows() to authenticated, service_role;
revoke all on public.amocrm_webhook_status from public, anon, authenticated, service_role;
grant select on public.amocrm_webhook_status to authenticated, service_role;
revoke all on function amocrm.webhook_conditions(), amocrm.hooks_notice() from public;
revoke all on function public.amocrm_webhook_state(), public.amocrm_webhook_keep(text, boolean), public.amocrm_webhook_note(text, text),
  public.amocrm_webhook_off(), public.amocrm_webhook_report() from public, anon, authenticated;
grant execute on function public.amocrm_webhook_state(), public.amocrm_webhook_keep(text, boolean), public.amocrm_webhook_note(text, text),
  public.amocrm_webhook_off(), public.amocrm_webhook_report() to service_role;
