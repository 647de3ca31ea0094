-- Mailings through Unisender: a queue of its own. Order, leases, pace and breaker are the engine's; here is whom Unisender is to
-- know, in one list with tags. A change of a member leaves a mark; marks two seconds old become messages, one per changed contact.

create table public.unisender_outbox partition of amocrm.outbox for values in ('unisender');
alter table public.unisender_outbox alter column queue set default 'unisender';
comment on table public.unisender_outbox is 'Messages to Unisender: contacts that changed, and campaigns.';
select amocrm.prepare_messages('public', 'unisender_outbox');
grant select on public.unisender_outbox to service_role;

insert into amocrm.heartbeats (component) values ('unisender-drain');
insert into amocrm.queues (queue, drain, min_interval_ms, max_attempts) values ('unisender', 'unisender-drain', 500, 12);

insert into amocrm.error_policies
  (error_code, action, opens_breaker_after, breaker_first_seconds, breaker_longest_seconds, explanation) values
  ('unisender_unauthorized', 'open_breaker', 1, 60, 300, 'Unisender refuses the key, or the account lacks a right. Check UNISENDER_API_KEY, then message_resume(''unisender'').'),
  ('unisender_wrong_address', 'open_breaker', 1, 60, 300, 'What answered is not Unisender''s API. Check UNISENDER_BASE_URL, or leave it out.'),
  ('unisender_no_money', 'open_breaker', 1, 300, 3600, 'The plan or the balance at Unisender is used up. Sending goes on by itself once it is topped up.');
insert into amocrm.error_policies (error_code, action, spends_attempt, explanation) values
  ('unisender_refused', 'dead', true, 'Unisender refuses the content; the message says what. Mend it, then amocrm_requeue(id); for a campaign check MAIL_FROM, which must be confirmed there.'),
  ('unisender_contact_refused', 'dead', true, 'Unisender does not take this contact: a wrong address, one of a role, or a trap. The others of its call were taken. Nothing needs doing.');
insert into amocrm.error_policies
  (error_code, action, first_wait_ms, wait_growth, longest_wait_ms, jitter, explanation) values
  ('unisender_importing', 'retry', 5000, 1, 5000, 0, 'The contacts of the campaign are imported first. Nothing needs doing.'),
  ('unisender_one_an_hour', 'retry', 60000, 1, 3600000, 0, 'One campaign an hour at most is created, since accounts that made many at once were blocked. Nothing needs doing.');

insert into amocrm.kinds (kind, queue, has_handler, purpose) values
  ('contact.upsert', 'unisender', true, 'A member whom Unisender is to know, with tags.'),
  ('contact.remove', 'unisender', true, 'A contact that gets no more mailings.');
insert into amocrm.queue_subjects (queue, subject_table) values ('unisender', 'loyalty_members');

create table amocrm.unisender_account (
  is_the_only_row boolean primary key default true,
  list_id text,
  unsubscribed_read_at timestamptz,
  constraint account_has_one_row check (is_the_only_row)
);
comment on table amocrm.unisender_account is 'One row with the list at Unisender that holds all members.';
insert into amocrm.unisender_account default values;

create table amocrm.unisender_contacts (
  email_key text primary key,
  member_id uuid not null,
  tags text[] not null default '{}',
  state text not null,
  told_at timestamptz not null,
  constraint state_is_known check (state in ('accepted', 'refused', 'removed'))
);
comment on table amocrm.unisender_contacts is 'What Unisender received about each address last, and whether it accepted it.';
create index unisender_contacts_of_member_idx on amocrm.unisender_contacts (member_id);

create table amocrm.unisender_changes (
  member_id uuid primary key,
  changed_at timestamptz not null
);
comment on table amocrm.unisender_changes is 'Members of whom something changed that Unisender may have to know.';
create index unisender_changes_by_time_idx on amocrm.unisender_changes (changed_at, member_id);

alter table amocrm.unisender_account enable row level security;
alter table amocrm.unisender_contacts enable row level security;
alter table amocrm.unisender_changes enable row level security;
revoke all on amocrm.unisender_account, amocrm.unisender_contacts, amocrm.unisender_changes from public, anon, authenticated, service_role;
grant select on amocrm.unisender_account, amocrm.unisender_contacts, amocrm.unisender_changes to service_role;

create function amocrm.mark_for_unisender(p_members uuid[]) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  -- In the order of their ids, so that two imports of the same people do not wait for each other in a circle.
  insert into amocrm.unisender_changes as known (member_id, changed_at)
  select changed.id, amocrm.clock() from (
    select distinct coalesce(member.root_id, marked.id) as id
    from unnest(p_members) as marked (id) left join public.loyalty_members as member on member.id = marked.id
    where marked.id is not null) as changed
  order by changed.id
  on conflict (member_id) do update set changed_at = excluded.changed_at;
end
$$;
comment on function amocrm.mark_for_unisender(uuid[]) is 'Notes that members changed in what Unisender knows of them.';

create function amocrm.mark_member_for_unisender() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform amocrm.mark_for_unisender(array[new.id, old.root_id, new.root_id]);
  return null;
end
$$;
comment on function amocrm.mark_member_for_unisender() is 'Notes a member that was joined, parted, forgotten, lifted, or agreed to mails or no more.';
create trigger mark_member_for_unisender after update on public.loyalty_members
  for each row when ((old.mailing, old.tier, old.forgotten_at, old.root_id) is distinct from (new.mailing, new.tier, new.forgotten_at, new.root_id))
  execute function amocrm.mark_member_for_unisender();

-- By statement: whoever imports twenty thousand people at once shall not wait for twenty thousand marks.
create function amocrm.mark_identities_for_unisender() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform amocrm.mark_for_unisender(array(select changed.member_id from changed where changed.provider = 'email'));
  return null;
end
$$;
comment on function amocrm.mark_identities_for_unisender() is 'Notes members who got, lost or changed an e-mail.';
create trigger mark_added_for_unisender after insert on public.loyalty_identities
  referencing new table as changed for each statement execute function amocrm.mark_identities_for_unisender();
create trigger mark_removed_for_unisender after delete on public.loyalty_identities
  referencing old table as changed for each statement execute function amocrm.mark_identities_for_unisender();

create function amocrm.mark_moved_identities_for_unisender() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform amocrm.mark_for_unisender(array(select changed.member_id from changed where changed.provider = 'email'
    union select was.member_id from was where was.provider = 'email'));
  return null;
end
$$;
comment on function amocrm.mark_moved_identities_for_unisender() is 'Notes members whose e-mail was changed or given to another.';
create trigger mark_changed_for_unisender after update on public.loyalty_identities
  referencing old table as was new table as changed for each statement execute function amocrm.mark_moved_identities_for_unisender();

create function amocrm.mark_addresses_for_unisender() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform amocrm.mark_for_unisender(array(select identity.member_id from changed
    join public.loyalty_identities as identity on identity.provider = 'email' and identity.external_id = changed.email_key));
  return null;
end
$$;
comment on function amocrm.mark_addresses_for_unisender() is 'Notes members whose address consented, withdrew, bounced, complained, or may be used again.';
create trigger mark_given_for_unisender after insert on public.message_consents
  referencing new table as changed for each statement execute function amocrm.mark_addresses_for_unisender();
create trigger mark_changed_for_unisender after update on public.message_consents
  referencing new table as changed for each statement execute function amocrm.mark_addresses_for_unisender();
create trigger mark_suppressed_for_unisender after insert on amocrm.suppressed_addresses
  referencing new table as changed for each statement execute function amocrm.mark_addresses_for_unisender();
create trigger mark_allowed_for_unisender after delete on amocrm.suppressed_addresses
  referencing old table as changed for each statement execute function amocrm.mark_addresses_for_unisender();

create function amocrm.mailable_members(p_roots uuid[])
returns table (member_id uuid, email_key text)
language plpgsql stable set search_path = ''
-- By probes, however many people and however old the statistics are: an import of twenty thousand is followed by claims at once.
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
#variable_conflict use_column
begin
  return query
  with address as materialized (
    select root.id as root_id, identity.external_id as email, identity.member_id <> root.id as is_others, identity.id,
      exists (select from public.message_consents as consent where consent.channel = 'mail' and consent.recipient = identity.external_id
        and consent.topic in ('news', '*') and consent.state = 'confirmed') as has_consented,
      amocrm.has_withdrawn('mail', identity.external_id, 'news')
        or exists (select from amocrm.suppressed_addresses where suppressed_addresses.email_key = identity.external_id) as is_out
    from unnest(p_roots) as asked (id)
    join public.loyalty_members as root on root.id = asked.id and root.root_id = root.id and root.forgotten_at is null
    join public.loyalty_members as member on member.root_id = root.id
    join public.loyalty_identities as identity on identity.member_id = member.id and identity.provider = 'email'
  )
  select (array_agg(address.root_id))[1], (array_agg(address.email order by address.is_others, address.id))[1] from address
  group by address.root_id
  -- A withdrawal wins over everything, also one of another address of the person.
  having not bool_or(address.is_out) and (bool_or(address.has_consented)
    or exists (select from public.loyalty_members as relative where relative.root_id = address.root_id and relative.mailing));
end
$$;
comment on function amocrm.mailable_members(uuid[]) is 'Returns those people who may get mailings, each with one address.';

create function amocrm.has_unisender_changes(p_queue text) returns boolean
language plpgsql stable set search_path = ''
as $$
begin return (
  -- Where nobody has a key for Unisender, the function is asked now and then only.
  not exists (select from amocrm.heartbeats where heartbeats.component = 'unisender-drain' and heartbeats.state = 'unconfigured'
    and heartbeats.last_seen_at > amocrm.clock() - interval '10 minutes')
  and exists (select from amocrm.unisender_changes as change where change.changed_at <= amocrm.clock() - interval '2 seconds'
    and not amocrm.is_with_unisender(change.member_id) limit 1));
end
$$;
comment on function amocrm.has_unisender_changes(text) is 'True if a member changed two seconds ago or earlier and no message about the member is on its way.';

create function amocrm.is_with_unisender(p_member uuid) returns boolean
language plpgsql stable set search_path = ''
as $$
begin return exists (select from amocrm.outbox where outbox.subject_id = p_member and outbox.queue = 'unisender'
  and outbox.state in ('pending', 'leased', 'uncertain'));
end
$$;
comment on function amocrm.is_with_unisender(uuid) is 'True if a message about a member waits or is being sent.';

create function amocrm.fill_unisender(p_queue text, p_limit int) returns int
language plpgsql set search_path = ''
as $$
declare
  v_members uuid[];
  v_wanted jsonb;
  v_count int;
begin
  -- What somebody marks at this moment waits for the next time, and nobody waits for it.
  v_members := array(select change.member_id from amocrm.unisender_changes as change
    where change.changed_at <= amocrm.clock() - interval '2 seconds' and not amocrm.is_with_unisender(change.member_id)
    order by change.changed_at, change.member_id limit p_limit for update skip locked);
  delete from amocrm.unisender_changes where unisender_changes.member_id = any (v_members);
  select coalesce(jsonb_agg(to_jsonb(person)), '[]') into v_wanted from amocrm.unisender_wanted(v_members) as person;
  v_count := amocrm.append('contact.upsert', 'loyalty_members', (
    select coalesce(jsonb_agg(jsonb_build_object('id', wanted.member_id, 'email', wanted.email_key) order by wanted.member_id), '[]')
    from jsonb_to_recordset(v_wanted) as wanted (member_id uuid, email_key text, tags text[])
    left join amocrm.unisender_contacts as contact on contact.email_key = wanted.email_key
    where contact.state is null or contact.state = 'removed' or contact.tags <> wanted.tags));
  return v_count + amocrm.append('contact.remove', 'loyalty_members', (
    select coalesce(jsonb_agg(jsonb_build_object('id', contact.member_id, 'email', contact.email_key) order by contact.member_id), '[]')
    from amocrm.unisender_contacts as contact
    where contact.member_id = any (v_members) and contact.state = 'accepted'
      and contact.email_key not in (select wanted.email_key from jsonb_to_recordset(v_wanted) as wanted (email_key text))));
end
$$;
comment on function amocrm.fill_unisender(text, int) is 'Turns marks into messages: contacts that are new or whose tags changed, and those to be taken out.';
insert into amocrm.queue_fillers (queue, fills, has_due) values ('unisender', 'amocrm.fill_unisender', 'amocrm.has_unisender_changes');

create function public.unisender_list_store(p_list_id text) returns void
language sql security definer set search_path = ''
as $$ update amocrm.unisender_account set list_id = left(p_list_id, 40) where unisender_account.is_the_only_row $$;
comment on function public.unisender_list_store(text) is 'Keeps the id of the list at Unisender, so that no second one is made.';

revoke all on function amocrm.mark_for_unisender(uuid[]), amocrm.mark_member_for_unisender(), amocrm.mark_identities_for_unisender(),
  amocrm.mark_moved_identities_for_unisender(), amocrm.mark_addresses_for_unisender(), amocrm.mailable_members(uuid[]), amocrm.has_unisender_changes(text), amocrm.is_with_unisender(uuid),
  amocrm.fill_unisender(text, int) from public;
revoke all on function public.unisender_list_store(text) from public, anon, authenticated;
grant execute on function public.unisender_list_store(text) to service_role;
