-- The life of an event: appended when it is delivered, claimed by a worker in bounded batches, settled. Whoever works in the
-- transaction that appends needs no claim. A worker that dies loses nothing: its claim ends by itself.

create function amocrm.inbox_is_full(p_source amocrm.inbox_sources) returns boolean
language plpgsql stable set search_path = ''
as $$
begin return (
  -- No further than the bound, which is reached only if nobody works.
  select count(*) >= p_source.max_rows or coalesce(sum(held.byte_count), 0) >= p_source.max_mb * 1048576::bigint
  from (select inbox.byte_count from amocrm.inbox where inbox.source = p_source.source and inbox.state <> 'worked' limit p_source.max_rows) as held);
end $$;
comment on function amocrm.inbox_is_full(amocrm.inbox_sources) is 'True if a source has reached its bound of rows or megabytes.';

create function public.inbox_append(
  p_source text, p_key text, p_body jsonb default null, p_state text default 'waiting', p_origin text default null, p_error text default null
) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_source amocrm.inbox_sources;
  v_outcome text := case p_state when 'unreadable' then 'unreadable' else 'stored' end;
begin
  select * into v_source from amocrm.inbox_sources where inbox_sources.source = p_source;
  if v_source.source is null then
    raise exception 'the inbox has no source %', p_source using errcode = '22023', hint = 'Add its row to amocrm.inbox_sources.';
  end if;
  -- A repeated delivery is no news, also when nothing more is taken: its sender may stop repeating it.
  if exists (select from amocrm.inbox where inbox.source = p_source and inbox.key = p_key) then
    v_outcome := 'duplicate';
  elsif p_state <> 'worked' and amocrm.inbox_is_full(v_source) then
    v_outcome := 'full';
  else
    insert into amocrm.inbox (source, key, origin, state, body, byte_count, ended_at, error)
    select p_source, p_key, p_origin, p_state, kept.body, coalesce(octet_length(kept.body::text), 0),
      case when p_state <> 'waiting' then amocrm.clock() end, left(p_error, 500)
    from (select case when v_source.keeps_body and p_state <> 'worked' then p_body end as body) as kept
    on conflict (source, key) do nothing;
    if not found then
      v_outcome := 'duplicate';
    end if;
  end if;
  perform amocrm.inbox_count(p_source, v_outcome);
  return case v_outcome when 'unreadable' then 'stored' else v_outcome end;
end
$$;
comment on function public.inbox_append(text, text, jsonb, text, text, text) is
  'Keeps one event of a source in state waiting, unreadable or worked; returns stored, duplicate, or full if the source has reached its bound.';

create function public.inbox_claim(p_source text, p_limit int default 250, p_seconds int default 60) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_claimed jsonb;
begin
  if p_limit not between 1 and 1000 or p_seconds not between 1 and 900 then
    raise exception 'p_limit must be between 1 and 1000, p_seconds between 1 and 900' using errcode = '22023';
  end if;
  update amocrm.inbox set state = 'unreadable', ended_at = amocrm.clock(), error = coalesce(inbox.error, 'work_never_ended')
  where inbox.source = p_source and inbox.state = 'waiting' and inbox.due_at <= amocrm.clock()
    and inbox.attempt_count >= (select inbox_sources.max_attempts from amocrm.inbox_sources where inbox_sources.source = p_source);
  with due as (
    select waiting.id, waiting.byte_count, row_number() over (order by waiting.due_at, waiting.id) as place
    from (select inbox.id, inbox.byte_count, inbox.due_at from amocrm.inbox
      where inbox.source = p_source and inbox.state = 'waiting' and inbox.due_at <= amocrm.clock()
      order by inbox.due_at, inbox.id limit p_limit for update skip locked) as waiting
  ), taken as (
    -- A batch holds some megabytes at most, and one event at least.
    select weighed.id from (
      select due.id, due.place, sum(due.byte_count) over (order by due.place) as bytes_to_here from due) as weighed
    where weighed.place = 1 or weighed.bytes_to_here <= 4194304
  ), claimed as (
    update amocrm.inbox set attempt_count = inbox.attempt_count + 1, due_at = amocrm.clock() + make_interval(secs => p_seconds)
    from taken where inbox.id = taken.id
    returning inbox.id, inbox.attempt_count as attempt, inbox.key, inbox.origin, inbox.body, inbox.received_at
  )
  select coalesce(jsonb_agg(to_jsonb(claimed) order by claimed.received_at, claimed.id), '[]') into v_claimed from claimed;
  return v_claimed;
end
$$;
comment on function public.inbox_claim(text, int, int) is
  'Claims the oldest due events of a source for some seconds, up to four megabytes, [{id, attempt, key, origin, body, received_at}].';

create function amocrm.inbox_knows(p_source text, p_key text) returns boolean
language sql stable set search_path = ''
as $$ select exists (select from amocrm.inbox where inbox.source = p_source and inbox.key = p_key) $$;
comment on function amocrm.inbox_knows(text, text) is 'True if an event with this key was delivered before.';

create function amocrm.inbox_of(p_source text, p_key text) returns jsonb
language sql stable set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', inbox.id, 'attempt', inbox.attempt_count, 'origin', inbox.origin, 'body', inbox.body,
    'received_at', inbox.received_at)), '[]')
  from amocrm.inbox where inbox.source = p_source and inbox.key = p_key and inbox.state = 'waiting'
$$;
comment on function amocrm.inbox_of(text, text) is
  'Returns the event that the calling transaction has appended, in the form of inbox_claim, for work on the spot.';

create function amocrm.inbox_retry(p_source text, p_origin text) returns int
language plpgsql set search_path = ''
as $$
declare
  v_count int;
begin
  update amocrm.inbox set state = 'waiting', ended_at = null, error = null, attempt_count = 0, due_at = amocrm.clock()
  where inbox.source = p_source and inbox.origin = p_origin and inbox.state = 'unreadable';
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function amocrm.inbox_retry(text, text) is 'Lets the unreadable events of an origin wait for another reading; returns how many.';

create function public.inbox_settle(p_results jsonb) returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_count int;
begin
  -- Of a later attempt nothing is said: another worker has it by now.
  update amocrm.inbox set
    state = case result.outcome when 'again' then 'waiting' else result.outcome end,
    ended_at = case when result.outcome <> 'again' then v_now end,
    error = case when result.outcome <> 'worked' then left(result.error, 500) end,
    body = case when result.outcome <> 'worked' then inbox.body end,
    byte_count = case when result.outcome <> 'worked' then inbox.byte_count else 0 end,
    due_at = case result.outcome when 'again' then v_now + make_interval(secs => least(3600, 2 ^ least(inbox.attempt_count, 12))) else inbox.due_at end
  from jsonb_to_recordset(p_results) as result (id bigint, attempt int, outcome text, error text)
  where inbox.id = result.id and inbox.attempt_count = result.attempt and inbox.state = 'waiting'
    and result.outcome in ('worked', 'unreadable', 'again');
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function public.inbox_settle(jsonb) is
  'Ends claims, [{id, attempt, outcome, error}], outcome worked, unreadable, or again for a later attempt; returns how many claims still held.';

create function amocrm.inbox_state(p_source text)
returns table (waiting bigint, unreadable bigint, held_bytes bigint, is_full boolean, last_delivery_at timestamptz,
  deliveries_hour bigint, duplicates_hour bigint, deliveries_day bigint, duplicates_day bigint)
language sql stable set search_path = ''
as $$
  select held.waiting, held.unreadable, held.held_bytes,
    (select amocrm.inbox_is_full(inbox_sources) from amocrm.inbox_sources where inbox_sources.source = p_source),
    told.last_delivery_at, told.deliveries_hour, told.duplicates_hour, told.deliveries_day, told.duplicates_day
  from (select count(*) filter (where inbox.state = 'waiting') as waiting, count(*) filter (where inbox.state = 'unreadable') as unreadable,
      coalesce(sum(inbox.byte_count), 0)::bigint as held_bytes
    from amocrm.inbox where inbox.source = p_source and inbox.state <> 'worked') as held
  cross join (select max(counts.last_at) as last_delivery_at,
      coalesce(sum(counts.delivery_count) filter (where counts.hour > age.an_hour), 0)::bigint as deliveries_hour,
      coalesce(sum(counts.delivery_count) filter (where counts.hour > age.an_hour and counts.outcome = 'duplicate'), 0)::bigint as duplicates_hour,
      coalesce(sum(counts.delivery_count) filter (where counts.hour > age.a_day), 0)::bigint as deliveries_day,
      coalesce(sum(counts.delivery_count) filter (where counts.hour > age.a_day and counts.outcome = 'duplicate'), 0)::bigint as duplicates_day
    from (select amocrm.clock() - interval '2 hours' as an_hour, amocrm.clock() - interval '25 hours' as a_day) as age
    left join amocrm.inbox_counts as counts on counts.source = p_source) as told
$$;
comment on function amocrm.inbox_state(text) is
  'Returns what a source holds and how much it delivered in this clock hour and the one before, and in the last 24.';

create function amocrm.inbox_conditions() returns setof amocrm.alert_condition
language plpgsql stable set search_path = ''
as $$
begin
  -- What comes now is refused, and a sender who gives up has lost it.
  return query
  select 'inbox_full', 'critical', 'The inbox of ' || string_agg(sources.source, ', ' order by sources.source) || ' is full: its senders are answered with 429',
    'select source, state, error, count(*) from amocrm.inbox where state <> ''worked'' group by 1, 2, 3', true
  from amocrm.inbox_sources as sources where amocrm.inbox_is_full(sources) having count(*) > 0;
end
$$;
comment on function amocrm.inbox_conditions() is 'Lists the condition that inboxes have reached their bound.';

create function amocrm.forget_inboxes(p_emails text[], p_phones text[]) returns int
language plpgsql set search_path = ''
as $$
declare
  v_count int;
begin
  -- The key stays: a repeated delivery must not bring the person back.
  update amocrm.inbox set state = 'worked', ended_at = amocrm.clock(), body = null, byte_count = 0, error = null
  where inbox.state <> 'worked' and inbox.body is not null and exists (
    select from jsonb_path_query(inbox.body, 'strict $.** ? (@.type() == "string" || @.type() == "number")') as said (value)
    cross join lateral (select said.value #>> '{}' as text) as plain
    where case when length(plain.text) <= 400
        then amocrm.normalize_email(plain.text) = any (p_emails) or amocrm.normalize_phone(plain.text) = any (p_phones) end
      -- In the middle of a text that nobody could take apart.
      or exists (select from unnest(p_emails) as email (key)
        where strpos(lower(plain.text), email.key) > 0 or strpos(lower(plain.text), replace(email.key, '@', '%40')) > 0)
      or exists (select from unnest(p_phones) as phone (key)
        where strpos(regexp_replace(plain.text, '[- ()+.]|%2[0b89]', '', 'gi'), right(phone.key, 10)) > 0));
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function amocrm.forget_inboxes(text[], text[]) is
  'Empties events that name one of these e-mails or phones, in whatever spelling; returns how many.';

create function amocrm.drop_inbox_parts(p_source text, p_list text, p_name text, p_values text[]) returns int
language plpgsql set search_path = ''
as $$
declare
  v_count int;
begin
  update amocrm.inbox set body = jsonb_set(inbox.body, array[p_list], (
    select coalesce(jsonb_agg(part.value order by part.place), '[]') from jsonb_array_elements(inbox.body -> p_list) with ordinality as part (value, place)
    where coalesce(part.value ->> p_name <> all (p_values), true)))
  where inbox.source = p_source and inbox.state <> 'worked' and jsonb_typeof(inbox.body -> p_list) = 'array'
    and exists (select from jsonb_array_elements(inbox.body -> p_list) as part (value) where part.value ->> p_name = any (p_values));
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function amocrm.drop_inbox_parts(text, text, text, text[]) is
  'Takes out of a list in the bodies of a source''s events the parts with one of these values; returns of how many events.';

create function amocrm.prune_inbox(p_limit int) returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_source amocrm.inbox_sources;
  v_count int;
  v_total int := 0;
begin
  for v_source in select * from amocrm.inbox_sources order by inbox_sources.source loop
    delete from amocrm.inbox where inbox.id in (
      select old.id from amocrm.inbox as old
      where old.source = v_source.source and old.state <> 'waiting'
        and old.ended_at < amocrm.clock() - case old.state when 'worked' then v_source.keep_worked else v_source.keep_unreadable end
      order by old.ended_at limit p_limit);
    get diagnostics v_count = row_count;
    v_total := v_total + v_count;
  end loop;
  delete from amocrm.inbox_counts where inbox_counts.hour < amocrm.clock() - interval '40 days';
  return v_total;
end
$$;
comment on function amocrm.prune_inbox(int) is 'Deletes up to p_limit old events of each source, and counts older than 40 days; returns how many events.';

revoke all on function amocrm.inbox_conditions(), amocrm.inbox_knows(text, text), amocrm.inbox_of(text, text), amocrm.inbox_retry(text, text),
  amocrm.inbox_is_full(amocrm.inbox_sources), amocrm.inbox_state(text), amocrm.forget_inboxes(text[], text[]),
  amocrm.drop_inbox_parts(text, text, text, text[]), amocrm.prune_inbox(int) from public;
revoke all on function public.inbox_append(text, text, jsonb, text, text, text), public.inbox_claim(text, int, int), public.inbox_settle(jsonb)
  from public, anon, authenticated;
grant execute on function public.inbox_append(text, text, jsonb, text, text, text), public.inbox_claim(text, int, int), public.inbox_settle(jsonb)
  to service_role;

insert into amocrm.conditions (name, rank, function) values ('inbox', 82, 'amocrm.inbox_conditions');
insert into amocrm.upkeep (step, rank, row_factor, function) values ('events from outside', 35, 1, 'amocrm.prune_inbox');
