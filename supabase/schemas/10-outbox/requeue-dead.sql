-- Many dead messages with one cause: mend it once, requeue them together.

create function amocrm.check_dead_filter(p_kind text, p_error_code text, p_limit int) returns void
language plpgsql stable set search_path = ''
as $$
declare
  v_codes text;
begin
  if p_kind is not null and not exists (select from amocrm.kinds where kinds.kind = p_kind and kinds.queue = 'amocrm') then
    raise exception 'p_kind is %, which is no kind of message to amoCRM', p_kind using errcode = '22023',
      hint = 'Kinds: ' || (select string_agg(kinds.kind, ', ' order by kinds.kind) from amocrm.kinds where kinds.queue = 'amocrm')
        || '; null for all of them.';
  elsif p_limit is null or p_limit not between 1 and 10000 then
    raise exception 'p_limit is %, must be between 1 and 10000', coalesce(p_limit::text, 'null') using errcode = '22023',
      hint = 'It is how many messages are requeued by this call, oldest first; leave it out for 1000.';
  elsif p_error_code is not null
    and not exists (select from amocrm.error_policies where error_policies.error_code = p_error_code)
    and not exists (select from amocrm.outbox
      where outbox.queue = 'amocrm' and outbox.state = 'dead' and outbox.last_error_code = p_error_code) then
    select string_agg(distinct outbox.last_error_code, ', ') into v_codes from amocrm.outbox
    where outbox.queue = 'amocrm' and outbox.state = 'dead';
    raise exception 'p_error_code is %, which no dead message has', p_error_code using errcode = '22023',
      hint = coalesce('Dead messages have: ' || v_codes || '; null for all of them.', 'No message is dead.');
  end if;
end
$$;
comment on function amocrm.check_dead_filter(text, text, int) is 'Raises 22023 for a senseless argument of requeue_dead, and names it.';

create function amocrm.requeue_dead(p_kind text, p_error_code text, p_limit int) returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_ids bigint[];
begin
  perform amocrm.require_admin();
  perform amocrm.check_dead_filter(p_kind, p_error_code, p_limit);
  perform amocrm.lock_queue('amocrm');
  v_ids := array(select outbox.id from amocrm.outbox
    where outbox.queue = 'amocrm' and outbox.state = 'dead'
      and (p_kind is null or outbox.kind = p_kind)
      -- Requeueing these says that somebody has looked in amoCRM: so they are named.
      and case when p_error_code is null then outbox.last_error_code is distinct from 'look_unclear' else outbox.last_error_code = p_error_code end
    order by outbox.id limit p_limit);
  perform amocrm.requeue_all('amocrm', v_ids);
  perform amocrm.note_action('requeue_dead', jsonb_build_object('kind', p_kind, 'error_code', p_error_code, 'limit', p_limit),
    jsonb_build_object('message_count', cardinality(v_ids)), v_ids);
  if v_ids <> '{}' then
    perform amocrm.ring('amocrm');
  end if;
  return cardinality(v_ids);
end
$$;
comment on function amocrm.requeue_dead(text, text, int) is
  'Retries dead messages, oldest first; null means every kind or error. Returns how many.';

create function public.amocrm_requeue_dead(p_kind text default null, p_error_code text default null, p_limit int default 1000) returns int
language sql set search_path = ''
begin atomic select amocrm.requeue_dead(p_kind, p_error_code, p_limit); end;
comment on function public.amocrm_requeue_dead(text, text, int) is
  'Retries dead messages of a kind or error, oldest first, or all of them; returns how many.';

revoke all on function amocrm.check_dead_filter(text, text, int) from public;
revoke all on function amocrm.requeue_dead(text, text, int), public.amocrm_requeue_dead(text, text, int) from public, anon, authenticated;
grant execute on function amocrm.requeue_dead(text, text, int), public.amocrm_requeue_dead(text, text, int) to authenticated, service_role;
