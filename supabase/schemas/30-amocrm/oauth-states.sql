-- How a person connects amoCRM in a browser. A link lets its holder begin; each beginning makes a state, which amoCRM gives
-- back and which allows one exchange. Only SHA-256 hashes are kept, so that reading these tables opens nothing.
-- A link lasts until a connection was made with it, not until it was first fetched: mail scanners and chat previews fetch it.

create table amocrm.oauth_links (
  id bigint generated always as identity primary key,
  link_hash text not null,
  allows_switch boolean not null,
  created_at timestamptz not null default amocrm.clock(),
  expires_at timestamptz not null,
  used_at timestamptz,
  last_outcome text,
  constraint link_hash_is_a_sha256 check (link_hash ~ '^[0-9a-f]{64}$'),
  constraint link_expires_after_it_was_made check (expires_at > created_at)
);
comment on table amocrm.oauth_links is 'Links with which somebody who is not signed in may connect amoCRM once.';
comment on column amocrm.oauth_links.allows_switch is 'True if the link may connect another account than before.';
comment on column amocrm.oauth_links.used_at is 'When a connection was made with the link, which then opens nothing more.';
comment on column amocrm.oauth_links.last_outcome is 'How the last exchange of this link ended: connected, or the code of what went wrong.';
create unique index oauth_links_by_hash on amocrm.oauth_links (link_hash);
create index oauth_links_by_expiry on amocrm.oauth_links (expires_at);

create table amocrm.oauth_states (
  state_hash text primary key,
  link_id bigint references amocrm.oauth_links on delete cascade,
  allows_switch boolean not null,
  created_at timestamptz not null default amocrm.clock(),
  expires_at timestamptz not null,
  used_at timestamptz,
  constraint state_hash_is_a_sha256 check (state_hash ~ '^[0-9a-f]{64}$'),
  constraint state_expires_after_it_was_made check (expires_at > created_at)
);
comment on table amocrm.oauth_states is
  'Consents in progress: the secret that amoCRM returns with the authorisation code. Each allows one exchange.';
comment on column amocrm.oauth_states.link_id is 'The link with which the consent began; null for a signed-in admin.';
comment on column amocrm.oauth_states.used_at is 'When an exchange began with the state, whatever its outcome.';
create index oauth_states_of_link_idx on amocrm.oauth_states (link_id, created_at);
create index oauth_states_by_expiry on amocrm.oauth_states (expires_at);

alter table amocrm.oauth_links enable row level security;
alter table amocrm.oauth_states enable row level security;
revoke all on amocrm.oauth_links, amocrm.oauth_states from public, anon, authenticated, service_role;
revoke all on sequence amocrm.oauth_links_id_seq from public, anon, authenticated, service_role;
grant select on amocrm.oauth_links, amocrm.oauth_states to service_role;

create function amocrm.oauth_states_kept() returns int
language sql immutable set search_path = ''
as $$ select 20 $$;
comment on function amocrm.oauth_states_kept() is
  'How many unused states of one link may wait. Each fetch makes one; a newer one is likelier to be a person''s than an older.';

create function public.amocrm_oauth_make_link(p_link_hash text, p_allows_switch boolean) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_link amocrm.oauth_links;
begin
  insert into amocrm.oauth_links (link_hash, allows_switch, expires_at)
  values (p_link_hash, p_allows_switch, amocrm.clock() + interval '30 minutes')
  returning * into v_link;
  perform amocrm.note_action('make_link', jsonb_build_object('switch', p_allows_switch), jsonb_build_object('link_id', v_link.id));
  return jsonb_build_object('id', v_link.id, 'expires_at', v_link.expires_at);
end
$$;
comment on function public.amocrm_oauth_make_link(text, boolean) is 'Makes a link that lasts for 30 minutes: {id, expires_at}.';

create function public.amocrm_oauth_begin(p_state_hash text, p_link_hash text, p_allows_switch boolean) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_link amocrm.oauth_links;
begin
  if p_link_hash is not null then
    -- Locked, so that the states of one link are counted one after the other.
    select * into v_link from amocrm.oauth_links where oauth_links.link_hash = p_link_hash for update;
    if not found then
      return 'link_unknown';
    elsif v_link.used_at is not null then
      return 'link_used';
    elsif v_link.expires_at <= v_now then
      return 'link_expired';
    end if;
  end if;
  delete from amocrm.oauth_states where oauth_states.used_at is null and oauth_states.state_hash in (
    select waiting.state_hash from amocrm.oauth_states as waiting
    where waiting.link_id is not distinct from v_link.id and waiting.used_at is null
    order by waiting.created_at desc offset amocrm.oauth_states_kept() - 1);
  insert into amocrm.oauth_states (state_hash, link_id, allows_switch, expires_at)
  values (p_state_hash, v_link.id, coalesce(v_link.allows_switch, p_allows_switch), v_now + interval '10 minutes');
  return 'begun';
end
$$;
comment on function public.amocrm_oauth_begin(text, text, boolean) is
  'Creates a state for 10 minutes: begun, link_unknown, link_used or link_expired. Without a link the caller vouches for the admin.';

create function public.amocrm_oauth_use_state(p_state_hash text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_state amocrm.oauth_states;
begin
  -- Whoever comes second waits for the row, and then finds it used: one state, one exchange.
  select * into v_state from amocrm.oauth_states where oauth_states.state_hash = p_state_hash for update;
  if not found then
    return jsonb_build_object('outcome', 'unknown');
  elsif v_state.used_at is not null
    or exists (select from amocrm.oauth_links where oauth_links.id = v_state.link_id and oauth_links.used_at is not null) then
    return jsonb_build_object('outcome', 'used');
  elsif v_state.expires_at <= v_now then
    return jsonb_build_object('outcome', 'expired');
  end if;
  update amocrm.oauth_states set used_at = v_now where oauth_states.state_hash = p_state_hash;
  return jsonb_build_object('outcome', 'granted', 'allows_switch', v_state.allows_switch);
end
$$;
comment on function public.amocrm_oauth_use_state(text) is
  'Uses a state up for one of all callers: {outcome: granted, allows_switch}, or unknown, used or expired.';

create function public.amocrm_oauth_end(p_state_hash text, p_outcome text) returns void
language sql security definer set search_path = ''
as $$
  update amocrm.oauth_links set
    last_outcome = p_outcome,
    used_at = case when p_outcome = 'connected' then amocrm.clock() else oauth_links.used_at end
  from amocrm.oauth_states
  where oauth_states.state_hash = p_state_hash and oauth_links.id = oauth_states.link_id and oauth_links.used_at is null
$$;
comment on function public.amocrm_oauth_end(text, text) is
  'Records how the exchange of a state ended; connected uses its link up, any other outcome leaves it usable.';

create function public.amocrm_oauth_link(p_id bigint) returns jsonb
language sql stable security definer set search_path = ''
as $$
  select jsonb_build_object(
    'state', case when oauth_links.used_at is not null then 'used'
                  when oauth_links.expires_at <= amocrm.clock() then 'expired' else 'open' end,
    'expires_at', oauth_links.expires_at, 'last_outcome', oauth_links.last_outcome)
  from amocrm.oauth_links where oauth_links.id = p_id
$$;
comment on function public.amocrm_oauth_link(bigint) is
  'Returns {state, expires_at, last_outcome} of a link, state open, used or expired; null once the link is deleted.';

create function amocrm.prune_oauth() returns void
language sql set search_path = ''
as $$
  -- Kept for a day, so that an old page still says "expired" and not "unknown". States go first: most have no link.
  delete from amocrm.oauth_states where oauth_states.expires_at < amocrm.clock() - interval '1 day';
  delete from amocrm.oauth_links where oauth_links.expires_at < amocrm.clock() - interval '1 day'
$$;
comment on function amocrm.prune_oauth() is 'Deletes links and states that expired a day ago, for the sweep.';

revoke all on function amocrm.oauth_states_kept(), amocrm.prune_oauth() from public;
revoke all on function public.amocrm_oauth_make_link(text, boolean), public.amocrm_oauth_begin(text, text, boolean),
  public.amocrm_oauth_use_state(text), public.amocrm_oauth_end(text, text), public.amocrm_oauth_link(bigint)
  from public, anon, authenticated;
grant execute on function public.amocrm_oauth_make_link(text, boolean), public.amocrm_oauth_begin(text, text, boolean),
  public.amocrm_oauth_use_state(text), public.amocrm_oauth_end(text, text), public.amocrm_oauth_link(bigint) to service_role;
