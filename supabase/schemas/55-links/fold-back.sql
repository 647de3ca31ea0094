-- Fold-back: what one click cannot tell, its neighbours do. A mail gateway opens every link of a mail within a second, under the
-- name of an ordinary browser; so clicks that were taken for a person's are corrected when the others come.

create function amocrm.fold_clicks(p_message_id bigint, p_since timestamptz) returns int
language plpgsql set search_path = ''
as $$
declare
  v_count int;
  v_further_count int;
begin
  -- So many in so short a time are no person's, and comparing each with each would take long.
  if (select count(*) > 50 from (select from public.short_links join public.link_clicks on link_clicks.code = short_links.code
    where short_links.message_id = p_message_id and link_clicks.clicked_at >= p_since - interval '20 seconds' limit 51) as many) then
    update public.link_clicks set verdict = 'scanner', reason = 'flood' from public.short_links
    where short_links.message_id = p_message_id and link_clicks.code = short_links.code
      and link_clicks.clicked_at >= p_since - interval '20 seconds' and link_clicks.verdict in ('human', 'unknown');
    get diagnostics v_count = row_count;
    return v_count;
  end if;
  with hits as (
    select link_clicks.id, link_clicks.code, link_clicks.clicked_at, link_clicks.verdict, short_links.is_trap
    from public.short_links join public.link_clicks on link_clicks.code = short_links.code
    where short_links.message_id = p_message_id and link_clicks.clicked_at >= p_since - interval '20 seconds'
      -- What a messenger or browser fetches beforehand tells nothing of who opens the others.
      and (link_clicks.verdict in ('human', 'unknown', 'scanner') or short_links.is_trap)
  ), judged as (
    select hits.id, case
      when hits.is_trap or exists (select from hits as trap where trap.is_trap and trap.clicked_at between hits.clicked_at - interval '10 seconds'
        and hits.clicked_at + interval '10 seconds') then 'trap'
      when exists (select from hits as other where other.code <> hits.code and other.clicked_at between hits.clicked_at - interval '2 seconds'
        and hits.clicked_at + interval '2 seconds') then 'burst'
      when exists (select from hits as first where first.clicked_at between hits.clicked_at - interval '10 seconds' and hits.clicked_at
        and (select count(distinct within.code) from hits as within
          where within.clicked_at between first.clicked_at and first.clicked_at + interval '10 seconds') >= 3) then 'burst' end as reason
    from hits where hits.verdict in ('human', 'unknown')
  )
  update public.link_clicks set verdict = 'scanner', reason = judged.reason
  from judged where link_clicks.id = judged.id and judged.reason is not null;
  get diagnostics v_count = row_count;
  update public.link_clicks set verdict = 'unknown', reason = 'again_from_elsewhere'
  from public.short_links
  where short_links.message_id = p_message_id and short_links.channel is distinct from 'sms' and link_clicks.code = short_links.code
    and link_clicks.clicked_at >= p_since - interval '60 seconds' and link_clicks.verdict = 'human'
    -- With several links a gateway shows itself by the burst; with one, by the person who comes after it.
    and not exists (select from public.short_links as other
      where other.message_id = p_message_id and other.code <> short_links.code and not other.is_trap)
    and exists (select from public.link_clicks as later
      where later.code = link_clicks.code and later.verdict = 'human' and later.clicked_at > link_clicks.clicked_at
        and later.clicked_at <= link_clicks.clicked_at + interval '60 seconds' and later.network_hash <> link_clicks.network_hash);
  get diagnostics v_further_count = row_count;
  return v_count + v_further_count;
end
$$;
comment on function amocrm.fold_clicks(bigint, timestamptz) is
  'Judges a message''s clicks since a moment, and those just before, by one another; returns how many verdicts it corrected.';

create function amocrm.forget_links(p_subject_ids uuid[]) returns int
language plpgsql set search_path = ''
as $$
declare
  v_count int;
begin
  -- With their clicks: when somebody read what is about him as well.
  delete from public.short_links where short_links.lead_id = any (p_subject_ids) or short_links.student_id = any (p_subject_ids)
    or short_links.message_id in (select outbox.id from amocrm.outbox where outbox.subject_id = any (p_subject_ids));
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function amocrm.forget_links(uuid[]) is 'Deletes the links of leads and students with their clicks; returns how many links.';

create function amocrm.prune_links(p_limit int) returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_count int;
  v_link_count int;
begin
  delete from public.link_clicks where link_clicks.id in (
    select old.id from public.link_clicks as old where old.clicked_at < amocrm.clock() - interval '400 days' order by old.clicked_at limit p_limit);
  get diagnostics v_count = row_count;
  delete from public.short_links where short_links.code in (
    select old.code from public.short_links as old where old.expires_at < amocrm.clock() - interval '400 days' order by old.expires_at limit p_limit);
  get diagnostics v_link_count = row_count;
  return v_count + v_link_count;
end
$$;
comment on function amocrm.prune_links(int) is
  'Deletes up to p_limit clicks older than 400 days, and as many links that expired as long ago; returns how many rows went.';

revoke all on function amocrm.fold_clicks(bigint, timestamptz), amocrm.forget_links(uuid[]), amocrm.prune_links(int) from public;

insert into amocrm.upkeep (step, rank, function) values ('links and clicks', 55, 'amocrm.prune_links');
