-- What became of links: each time that one was opened, by whomever, with a verdict. Nothing is left out and nothing counted in
-- a row of its own, which clicks would wait for. Reports show both numbers; only people's clicks may start anything.

create table public.link_clicks (
  id bigint generated always as identity primary key,
  code text not null references public.short_links (code) on delete cascade,
  clicked_at timestamptz not null default amocrm.clock(),
  verdict text not null,
  reason text not null default '',
  agent text,
  network_hash bytea,
  hit_id uuid not null default gen_random_uuid(),
  constraint verdict_is_known check (verdict in ('human', 'preview', 'scanner', 'prefetch', 'unknown')),
  constraint agent_is_cut check (length(agent) <= 300),
  constraint a_hit_is_counted_once unique (hit_id)
);
comment on table public.link_clicks is 'Each opening of a short link, with a verdict, which the minute after may still correct.';
comment on column public.link_clicks.verdict is 'Who opened it: human, or a preview, scanner or prefetch; unknown without a sign of either.';
comment on column public.link_clicks.reason is 'The sign by which the verdict was found.';
comment on column public.link_clicks.agent is 'What the caller said it is, cut to 300 characters.';
comment on column public.link_clicks.network_hash is 'Recognises a network within a day. Its key is drawn here and forgotten, so that no address can be found.';
comment on column public.link_clicks.hit_id is 'Drawn by the function that answered, so that counting may be repeated.';
create index link_clicks_of_link_idx on public.link_clicks (code, clicked_at);
create index link_clicks_by_age_idx on public.link_clicks (clicked_at);
alter table public.link_clicks set (autovacuum_vacuum_scale_factor = 0.05);
alter table public.link_clicks enable row level security;
revoke all on public.link_clicks from public, anon, authenticated, service_role;
revoke all on sequence public.link_clicks_id_seq from public, anon, authenticated, service_role;
grant select on public.link_clicks to service_role;

create function amocrm.click_network(p_headers jsonb) returns bytea
language sql stable set search_path = ''
as $$
  select amocrm.keyed_hash('click ' || network(set_masklen(visitor.address, case family(visitor.address) when 6 then 48 else 24 end))::text)
  from (select amocrm.address_of(p_headers, amocrm_form_limits.address_header) as address from public.amocrm_form_limits) as visitor
$$;
comment on function amocrm.click_network(jsonb) is 'Returns the hash of the network, /24 or /48, that the headers name; null if they name none.';

create function amocrm.is_click_room(p_code text) returns boolean
language sql stable set search_path = ''
as $$
  select count(*) < 1000 from (select from public.link_clicks
    where link_clicks.code = p_code and link_clicks.clicked_at > amocrm.clock() - interval '1 hour' limit 1000) as recent
$$;
comment on function amocrm.is_click_room(text) is 'True while a link has fewer than a thousand clicks of the last hour: whoever hammers on it fills no disk.';

create function public.link_count(p_hits jsonb) returns int
-- Only the counting waits, and not long: each call that waits holds a session that the next visitor's answer needs.
language plpgsql security definer set search_path = '' set lock_timeout = '250ms'
as $$
declare
  v_message record;
  v_count int;
begin
  -- One message at a time, in one order for everybody: of two clicks at once each would miss the other.
  perform pg_advisory_xact_lock(hashtextextended('amocrm link ' || concerned.message_id, 0))
  from (select distinct short_links.message_id from jsonb_to_recordset(p_hits) as hit (code text)
    join public.short_links on short_links.code = hit.code where short_links.message_id is not null order by 1) as concerned;
  insert into public.link_clicks (code, clicked_at, verdict, reason, agent, network_hash, hit_id)
  select short_links.code, told.at, case when told.is_too_soon then 'scanner' else hit.verdict end, case when told.is_too_soon then 'too_soon' else hit.reason end,
    left(hit.agent, 300), amocrm.click_network(hit.headers), hit.id
  from jsonb_to_recordset(p_hits) as hit (id uuid, code text, age_ms bigint, verdict text, reason text, agent text, headers jsonb)
  join public.short_links on short_links.code = hit.code
  cross join lateral (select amocrm.clock() - make_interval(secs => least(greatest(coalesce(hit.age_ms, 0), 0), 3600000) / 1000.0) as at) as clicked
  cross join lateral (select clicked.at, hit.verdict in ('human', 'unknown') and exists (
    -- Nobody opens a mail, reads and clicks within three seconds of its arrival.
    select from amocrm.mails where mails.message_id = short_links.message_id
      and clicked.at < coalesce(case when mails.outcome = 'delivered' then mails.outcome_at end, mails.accepted_at) + interval '3 seconds') as is_too_soon) as told
  where amocrm.is_click_room(hit.code)
  on conflict (hit_id) do nothing;
  get diagnostics v_count = row_count;
  for v_message in
    select short_links.message_id, amocrm.clock() - make_interval(secs => least(max(coalesce(hit.age_ms, 0)), 3600000) / 1000.0) as since
    from jsonb_to_recordset(p_hits) as hit (code text, age_ms bigint) join public.short_links on short_links.code = hit.code
    where short_links.message_id is not null group by short_links.message_id
  loop
    perform amocrm.fold_clicks(v_message.message_id, v_message.since);
  end loop;
  return v_count;
end
$$;
comment on function public.link_count(jsonb) is
  'Keeps openings, [{id, code, age_ms, verdict, reason, agent, headers}], each once, and judges the neighbours anew; returns how many are new.';

revoke all on function amocrm.click_network(jsonb), amocrm.is_click_room(text) from public;
revoke all on function public.link_count(jsonb) from public, anon, authenticated;
grant execute on function public.link_count(jsonb) to service_role;
