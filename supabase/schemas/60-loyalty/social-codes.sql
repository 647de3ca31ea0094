-- How an account of a social network becomes a member's: by a one-time code that the card shows and that the person writes to the
-- community or bot. Only the hash is kept, and of wrong tries a few an hour are looked at.

create table amocrm.loyalty_codes (
  code_hash text primary key,
  member_id uuid not null,
  made_at timestamptz not null default amocrm.clock(),
  expires_at timestamptz not null,
  used_at timestamptz
);
comment on table amocrm.loyalty_codes is 'One-time codes by which members name their accounts elsewhere, as SHA-256.';
create index loyalty_codes_of_member_idx on amocrm.loyalty_codes (member_id, made_at);

create table amocrm.loyalty_code_tries (
  id bigint generated always as identity primary key,
  provider text not null,
  actor text not null,
  tried_at timestamptz not null
);
comment on table amocrm.loyalty_code_tries is 'Codes of no worth that an account wrote: after five in an hour nothing it writes is looked at.';
create index loyalty_code_tries_of_account_idx on amocrm.loyalty_code_tries (provider, actor, tried_at);

alter table amocrm.loyalty_codes enable row level security;
alter table amocrm.loyalty_code_tries enable row level security;
revoke all on amocrm.loyalty_codes, amocrm.loyalty_code_tries from public, anon, authenticated, service_role;

create function amocrm.code_letters(p_bytes bytea) returns text
language sql immutable set search_path = ''
as $$
  -- Letters and digits that nobody takes for one another.
  select string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 1 + substring(bits.all_bits from 1 + 5 * place for 5)::int, 1), '' order by place)
  from (select ('x' || encode(p_bytes, 'hex'))::bit(80) as all_bits) as bits cross join generate_series(0, 15) as place
$$;
comment on function amocrm.code_letters(bytea) is 'Writes ten bytes as sixteen letters and digits.';

create function amocrm.loyalty_code() returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_member uuid := amocrm.loyalty_my_member();
  v_code text := amocrm.code_letters(extensions.gen_random_bytes(10));
  v_now timestamptz := amocrm.clock();
begin
  -- A page that is opened again and again leaves four codes at most.
  delete from amocrm.loyalty_codes where loyalty_codes.member_id = v_member and (loyalty_codes.expires_at <= v_now or loyalty_codes.code_hash not in (
    select newest.code_hash from amocrm.loyalty_codes as newest where newest.member_id = v_member order by newest.made_at desc, newest.code_hash limit 3));
  insert into amocrm.loyalty_codes (code_hash, member_id, expires_at)
  values (encode(sha256(convert_to(v_code, 'utf8')), 'hex'), v_member, v_now + interval '15 minutes');
  return regexp_replace(v_code, '(....)(?=.)', '\1-', 'g');
end
$$;
comment on function amocrm.loyalty_code() is 'Makes a code for the signed-in person.';

create function public.loyalty_code() returns text
language sql set search_path = ''
begin atomic select amocrm.loyalty_code(); end;
comment on function public.loyalty_code() is
  'Returns a one-time code, good for 15 minutes, which the signed-in member writes to the community or bot from an account of their own.';

create function amocrm.take_code(p_provider text, p_account text, p_code_hash text, p_at timestamptz) returns text
language plpgsql set search_path = ''
as $$
declare
  v_member uuid;
begin
  if (select count(*) from amocrm.loyalty_code_tries as tries
    where tries.provider = p_provider and tries.actor = p_account and tries.tried_at > p_at - interval '1 hour') >= 5 then
    return 'too_many';
  end if;
  update amocrm.loyalty_codes set used_at = p_at
  where loyalty_codes.code_hash = p_code_hash and loyalty_codes.used_at is null and loyalty_codes.expires_at > p_at
    and exists (select from public.loyalty_members where loyalty_members.id = loyalty_codes.member_id)
  returning loyalty_codes.member_id into v_member;
  if v_member is null then
    insert into amocrm.loyalty_code_tries (provider, actor, tried_at) values (p_provider, p_account, p_at);
    return 'wrong';
  end if;
  -- Known from the message on: what the account did before earns nothing. An account that is another member's stays theirs.
  insert into public.loyalty_identities (member_id, provider, external_id, created_at) values (v_member, p_provider, p_account, p_at)
  on conflict (provider, external_id) do nothing;
  return case when found then 'linked' else 'taken' end;
end
$$;
comment on function amocrm.take_code(text, text, text, timestamptz) is
  'Gives an account to the member whose code it wrote; returns linked, taken, wrong, or too_many.';

create function amocrm.prune_loyalty_codes(p_limit int) returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_count int;
begin
  delete from amocrm.loyalty_codes where loyalty_codes.code_hash in (
    select old.code_hash from amocrm.loyalty_codes as old where old.expires_at < amocrm.clock() - interval '1 day' limit p_limit);
  get diagnostics v_count = row_count;
  delete from amocrm.loyalty_code_tries where loyalty_code_tries.id in (
    select old.id from amocrm.loyalty_code_tries as old where old.tried_at < amocrm.clock() - interval '1 day' order by old.id limit p_limit);
  return v_count;
end
$$;
comment on function amocrm.prune_loyalty_codes(int) is 'Deletes up to p_limit codes, and tries, that ended more than a day ago; returns how many codes.';
insert into amocrm.upkeep (step, rank, row_factor, function) values ('codes of members', 58, 1, 'amocrm.prune_loyalty_codes');

revoke all on function amocrm.code_letters(bytea), amocrm.take_code(text, text, text, timestamptz), amocrm.prune_loyalty_codes(int) from public;
revoke all on function amocrm.loyalty_code(), public.loyalty_code() from public, anon, authenticated, service_role;
grant execute on function amocrm.loyalty_code(), public.loyalty_code() to authenticated;
