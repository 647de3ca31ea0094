-- Keys that open one door. The database calls the functions, and the headers of calls that wait in pg_net can be read by more
-- roles than our tables: a project's secret key there would give the whole project to each of them. So the calls carry a token
-- that opens nothing but the functions of cron, and an outside monitor has another that opens its own page. Kept are hashes.

create table amocrm.doors (
  door text primary key,
  token_hash bytea not null,
  made_at timestamptz not null default amocrm.clock(),
  constraint door_is_known check (door in ('call', 'monitor')),
  constraint token_hash_is_a_sha256 check (length(token_hash) = 32)
);
comment on table amocrm.doors is 'One row per token that opens functions: call for cron, monitor for amocrm-health.';
comment on column amocrm.doors.token_hash is
  'SHA-256 of the token; Vault holds cron''s token (amocrm_call_token), nothing holds the monitor''s.';
alter table amocrm.doors enable row level security;
revoke all on amocrm.doors from public, anon, authenticated, service_role;

create function amocrm.make_token(p_door text) returns text
language plpgsql volatile set search_path = ''
as $$
declare
  -- Two UUIDs of version 4 are 244 bits of the server's strong randomness.
  v_token text := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
begin
  insert into amocrm.doors (door, token_hash) values (p_door, sha256(convert_to(v_token, 'utf8')))
  on conflict (door) do update set token_hash = excluded.token_hash, made_at = amocrm.clock();
  return v_token;
end
$$;
comment on function amocrm.make_token(text) is 'Creates a new token for a door and voids the previous one. Owner only.';

create function amocrm.keep_call_token() returns boolean
language plpgsql volatile set search_path = ''
as $$
begin
  -- Also where Vault has it and cannot decrypt it, or its hash is that of another one, as after a restore.
  if exists (select from amocrm.doors where doors.door = 'call'
    and doors.token_hash = sha256(convert_to(amocrm.vault_secret('amocrm_call_token'), 'utf8'))) then
    return false;
  end if;
  perform amocrm.put_secret('amocrm_call_token', amocrm.make_token('call'), 'Opens the functions that the database calls, and nothing else');
  return true;
end
$$;
comment on function amocrm.keep_call_token() is 'Ensures that cron''s calls have a token; true if one was created.';

create function amocrm.call_headers() returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_token text := amocrm.vault_secret('amocrm_call_token');
  v_key text;
begin
  if v_token is not null then
    return jsonb_build_object('Content-Type', 'application/json', 'x-amocrm-call', v_token);
  end if;
  -- An older way in, until setup has been run.
  v_key := amocrm.vault_secret('amocrm_cron_key');
  return case when v_key is not null then jsonb_build_object('Content-Type', 'application/json', 'apikey', v_key) end;
end
$$;
comment on function amocrm.call_headers() is
  'Returns the headers of the database''s calls: x-amocrm-call, never a secret key; null if Vault holds neither. Owner only.';

create function amocrm.call_problem() returns text
language sql stable set search_path = ''
as $$
  select case when amocrm.call_headers() is null
    then coalesce(case when exists (select from amocrm.doors where doors.door = 'call') then amocrm.vault_problem('amocrm_call_token') end,
      amocrm.vault_problem('amocrm_cron_key')) end
$$;
comment on function amocrm.call_problem() is 'Returns why the database has no token for the functions; null if it has one.';

create function public.amocrm_door_opens(p_door text, p_token text) returns boolean
language sql stable security definer set search_path = ''
as $$
  -- Hashes are compared: how long that takes tells nothing of the token, since nobody can choose a hash.
  select exists (select from amocrm.doors where doors.door = p_door and doors.token_hash = sha256(convert_to(p_token, 'utf8')))
$$;
comment on function public.amocrm_door_opens(text, text) is 'True if a token opens the door call or monitor.';

create function public.amocrm_make_monitor_token() returns text
language plpgsql security definer set search_path = ''
as $$
begin
  perform amocrm.note_action('make_monitor_token', '{}');
  return amocrm.make_token('monitor');
end
$$;
comment on function public.amocrm_make_monitor_token() is
  'Returns a new token for outside monitors, once; it opens amocrm-health only and voids the previous one.';

revoke all on function amocrm.make_token(text), amocrm.keep_call_token(), amocrm.call_headers(), amocrm.call_problem() from public;
revoke all on function public.amocrm_door_opens(text, text), public.amocrm_make_monitor_token() from public, anon, authenticated;
grant execute on function public.amocrm_door_opens(text, text), public.amocrm_make_monitor_token() to service_role;
