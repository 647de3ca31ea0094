-- Who takes part: one member for each person, found by e-mail, phone and accounts. Two members that are found to be one stay two
-- rows under one root, so that joining them can be undone.

create table public.loyalty_members (
  id uuid primary key default gen_random_uuid(),
  user_id uuid unique references auth.users (id) on delete set null,
  joined_into uuid references public.loyalty_members (id),
  root_id uuid not null default gen_random_uuid() references public.loyalty_members (id),
  mailing boolean not null default true,
  tier text not null default 'bronze' references public.loyalty_tiers (code),
  tier_review_at timestamptz,
  tier_warned_at timestamptz,
  forgotten_at timestamptz,
  created_at timestamptz not null default amocrm.clock(),
  constraint member_is_not_joined_into_itself check (joined_into <> id)
);
comment on table public.loyalty_members is 'Members of the loyalty programme. A row of defaults is a member, and states that the person joined.';
comment on column public.loyalty_members.user_id is 'The account (auth.users) of the person, or null.';
comment on column public.loyalty_members.joined_into is 'The member that is the same person, by loyalty_join; null for a member that stands for itself.';
comment on column public.loyalty_members.root_id is 'The member at the end of joined_into: its own id, or that of the person all these rows are.';
comment on column public.loyalty_members.mailing is 'Whether the person agreed to mails by joining; false for members who came by buying only.';
comment on column public.loyalty_members.tier is 'The tier that was reached; a tier that an admin has set stands in loyalty_manual_tiers.';
comment on column public.loyalty_members.tier_review_at is 'When the tier may fall by a step at most; null in the lowest tier.';
comment on column public.loyalty_members.tier_warned_at is 'When the person was warned of the coming review; null if not since the last one.';
comment on column public.loyalty_members.forgotten_at is 'When the person was forgotten; orders and points stay with a nameless member.';
create index loyalty_members_newest_idx on public.loyalty_members (created_at desc, id desc) where root_id = id;
create index loyalty_members_by_root_idx on public.loyalty_members (root_id);
create index loyalty_members_by_tier_idx on public.loyalty_members (tier);
create index loyalty_members_joined_idx on public.loyalty_members (joined_into) where joined_into is not null;
create index loyalty_members_by_review_idx on public.loyalty_members (tier_review_at) where tier_review_at is not null;

create function amocrm.complete_loyalty_member() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if new.joined_into is not null then
    raise exception 'joined_into is set by loyalty_join' using errcode = '22023';
  end if;
  new.root_id := new.id;
  new.tier := coalesce(new.tier, (select loyalty_tiers.code from public.loyalty_tiers order by loyalty_tiers.threshold limit 1));
  if new.tier <> (select loyalty_tiers.code from public.loyalty_tiers order by loyalty_tiers.threshold limit 1) then
    new.tier_review_at := coalesce(new.tier_review_at,
      amocrm.clock() + make_interval(days => (select loyalty_settings.tier_window_days from public.loyalty_settings)));
  end if;
  return new;
end
$$;
comment on function amocrm.complete_loyalty_member() is 'Makes a new member its own root, in the lowest tier unless another is given.';
create trigger complete_loyalty_member before insert on public.loyalty_members
  for each row execute function amocrm.complete_loyalty_member();

create function amocrm.guard_loyalty_root() returns trigger
language plpgsql set search_path = ''
as $$
begin
  if coalesce(current_setting('amocrm.joins_members', true), '') <> 'yes' then
    raise exception 'joined_into is set by loyalty_join' using errcode = '22023';
  end if;
  return new;
end
$$;
comment on function amocrm.guard_loyalty_root() is 'Refuses to join members by an update, which would leave their roots behind.';
create trigger guard_loyalty_root before update on public.loyalty_members
  for each row when ((old.id, old.joined_into, old.root_id) is distinct from (new.id, new.joined_into, new.root_id))
  execute function amocrm.guard_loyalty_root();

create table public.loyalty_identities (
  id bigint generated always as identity primary key,
  member_id uuid not null references public.loyalty_members (id) on delete cascade,
  provider text not null,
  external_id text not null,
  created_at timestamptz not null default amocrm.clock(),
  constraint provider_is_known check (provider in ('email', 'phone', 'vk', 'telegram', 'instagram', 'qtickets')),
  constraint external_id_has_a_length check (length(external_id) between 1 and 320),
  constraint one_owner_per_identity unique (provider, external_id)
);
comment on table public.loyalty_identities is 'By what a member is recognised: e-mail, phone, and accounts elsewhere. Each has one owner.';
comment on column public.loyalty_identities.external_id is 'The address or number in its normal form, or the id that the provider gave.';
comment on column public.loyalty_identities.created_at is 'Since when it is known; what an account did before earns nothing.';
create index loyalty_identities_of_member_idx on public.loyalty_identities (member_id);

create function amocrm.normalize_loyalty_identity() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  new.external_id := case new.provider
    when 'email' then amocrm.normalize_email(new.external_id)
    when 'phone' then amocrm.normalize_phone(new.external_id)
    else amocrm.trimmed(new.external_id) end;
  if new.external_id is null then
    -- Without the value: it ends up in logs.
    raise exception 'external_id is no % that can be read', new.provider using errcode = '22023';
  end if;
  return new;
end
$$;
comment on function amocrm.normalize_loyalty_identity() is 'Brings an identity into its normal form at writing; raises 22023 for none.';
create trigger normalize_loyalty_identity before insert or update of provider, external_id on public.loyalty_identities
  for each row execute function amocrm.normalize_loyalty_identity();

create table public.loyalty_join_suggestions (
  member_id uuid not null references public.loyalty_members (id) on delete cascade,
  other_id uuid not null references public.loyalty_members (id) on delete cascade,
  reason text not null,
  created_at timestamptz not null default amocrm.clock(),
  primary key (member_id, other_id),
  constraint two_members check (member_id < other_id),
  constraint reason_is_known check (reason in ('phone', 'email'))
);
comment on table public.loyalty_join_suggestions is 'Pairs of members that may be one person, since one gave an address that is the other''s.';
create index loyalty_join_suggestions_of_other_idx on public.loyalty_join_suggestions (other_id);

alter table public.loyalty_members enable row level security;
alter table public.loyalty_identities enable row level security;
alter table public.loyalty_join_suggestions enable row level security;
revoke all on public.loyalty_members, public.loyalty_identities, public.loyalty_join_suggestions from public, anon, authenticated, service_role;
revoke all on sequence public.loyalty_identities_id_seq from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.loyalty_members, public.loyalty_identities, public.loyalty_join_suggestions to service_role;
grant select on public.loyalty_members, public.loyalty_identities, public.loyalty_join_suggestions to authenticated;
create policy own_member_and_all_for_admins_and_viewers on public.loyalty_members for select to authenticated
  using (user_id = (select auth.uid()) or (select auth.jwt()) -> 'app_metadata' ->> 'role' in ('admin', 'viewer'));
-- A viewer sees no address: amocrm.loyalty_masked makes what he is shown.
create policy admins_see_identities on public.loyalty_identities for select to authenticated
  using ((select auth.jwt()) -> 'app_metadata' ->> 'role' = 'admin');
create policy admins_see_suggestions on public.loyalty_join_suggestions for select to authenticated
  using ((select auth.jwt()) -> 'app_metadata' ->> 'role' in ('admin', 'viewer'));

create function amocrm.loyalty_root(p_member uuid) returns uuid
language plpgsql stable set search_path = ''
as $$
begin return (select loyalty_members.root_id from public.loyalty_members where loyalty_members.id = p_member); end
$$;
comment on function amocrm.loyalty_root(uuid) is 'Returns the member that stands for a person; null for an unknown one.';

create function amocrm.lock_loyalty_member(p_member uuid) returns uuid
language plpgsql set search_path = ''
as $$
declare
  v_root uuid := amocrm.loyalty_root(p_member);
  v_locked uuid;
begin
  -- Joined or parted while we waited: then the lock is another row's.
  loop
    if v_root is null then
      raise exception 'there is no member %', p_member using errcode = '22023';
    end if;
    perform from public.loyalty_members where loyalty_members.id = v_root for no key update;
    v_locked := v_root;
    v_root := amocrm.loyalty_root(p_member);
    exit when v_root = v_locked;
  end loop;
  return v_root;
end
$$;
comment on function amocrm.lock_loyalty_member(uuid) is
  'Locks a person''s ledger until the end of the transaction and returns its root; raises 22023 for an unknown member.';

create function amocrm.add_loyalty_identity(p_member uuid, p_provider text, p_external_id text) returns uuid
language plpgsql set search_path = ''
as $$
declare
  v_owner uuid;
begin
  if p_external_id is null then
    return null;
  end if;
  insert into public.loyalty_identities (member_id, provider, external_id) values (p_member, p_provider, p_external_id)
  on conflict (provider, external_id) do nothing;
  select loyalty_identities.member_id into v_owner from public.loyalty_identities
  where loyalty_identities.provider = p_provider and loyalty_identities.external_id = p_external_id;
  if amocrm.loyalty_root(v_owner) <> amocrm.loyalty_root(p_member) then
    insert into public.loyalty_join_suggestions (member_id, other_id, reason)
    select least(v_owner, p_member), greatest(v_owner, p_member), p_provider where p_provider in ('phone', 'email')
    on conflict (member_id, other_id) do nothing;
  end if;
  return v_owner;
end
$$;
comment on function amocrm.add_loyalty_identity(uuid, text, text) is
  'Gives a member an identity in its normal form, or suggests to join if it is another''s; returns the owner.';

create function amocrm.loyalty_member_of(p_email text, p_phone text, p_provider text, p_external_id text) returns uuid
language plpgsql set search_path = ''
as $$
declare
  v_email text := amocrm.normalize_email(p_email);
  v_phone text := amocrm.normalize_phone(p_phone);
  v_member uuid;
begin
  select loyalty_identities.member_id into v_member from public.loyalty_identities
  where (loyalty_identities.provider, loyalty_identities.external_id) = ('email', v_email);
  -- A phone is shared by families, so it decides only where no e-mail does.
  if v_member is null and v_email is null then
    select loyalty_identities.member_id into v_member from public.loyalty_identities
    where (loyalty_identities.provider, loyalty_identities.external_id) = ('phone', v_phone);
    if v_member is null and v_phone is null then
      select loyalty_identities.member_id into v_member from public.loyalty_identities
      where (loyalty_identities.provider, loyalty_identities.external_id) = (p_provider, p_external_id);
    end if;
  end if;
  if v_member is null then
    -- Buying is no consent to mails.
    insert into public.loyalty_members (mailing) values (false) returning loyalty_members.id into v_member;
    if v_email is not null then
      -- Of two at the same moment the first one has the address, and both orders.
      insert into public.loyalty_identities (member_id, provider, external_id) values (v_member, 'email', v_email)
      on conflict (provider, external_id) do nothing;
      if not found then
        delete from public.loyalty_members where loyalty_members.id = v_member;
        select loyalty_identities.member_id into v_member from public.loyalty_identities
        where (loyalty_identities.provider, loyalty_identities.external_id) = ('email', v_email);
      end if;
    end if;
  end if;
  perform amocrm.add_loyalty_identity(v_member, 'phone', v_phone);
  perform amocrm.add_loyalty_identity(v_member, p_provider, p_external_id) where p_provider = 'qtickets';
  return v_member;
end
$$;
comment on function amocrm.loyalty_member_of(text, text, text, text) is
  'Returns the member to whom a paid order belongs: by e-mail, without one by phone, else by the provider''s id or a new one.';

revoke all on function amocrm.complete_loyalty_member(), amocrm.guard_loyalty_root(), amocrm.normalize_loyalty_identity(), amocrm.loyalty_root(uuid),
  amocrm.lock_loyalty_member(uuid), amocrm.add_loyalty_identity(uuid, text, text), amocrm.loyalty_member_of(text, text, text, text) from public;
