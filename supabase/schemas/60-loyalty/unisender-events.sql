-- What Unisender reports: who unsubscribed, bounced or complained there. And what it is to forget with a person.

insert into amocrm.inbox_sources (source, keeps_body, keep_worked) values ('unisender', false, '3 days');

create function public.unisender_record_unsubscribed(p_emails text[]) returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_count int;
begin
  select count(*) filter (where amocrm.withdraw_address('mail', gone.email, 'news', 'unisender') > 0) into v_count
  from (select distinct amocrm.normalize_email(told.email) as email from unnest(p_emails) as told (email)) as gone
  where not amocrm.has_withdrawn('mail', gone.email, 'news')
    and (exists (select from amocrm.unisender_contacts where unisender_contacts.email_key = gone.email)
      or exists (select from public.loyalty_identities where loyalty_identities.provider = 'email' and loyalty_identities.external_id = gone.email));
  return v_count;
end
$$;
comment on function public.unisender_record_unsubscribed(text[]) is
  'Withdraws addresses from news that unsubscribed at Unisender, if they are members''; returns how many had not withdrawn before.';

create function public.unisender_unsubscribed_read() returns void
language sql security definer set search_path = ''
as $$ update amocrm.unisender_account set unsubscribed_read_at = amocrm.clock() where unisender_account.is_the_only_row $$;
comment on function public.unisender_unsubscribed_read() is 'Notes that the unsubscribed contacts of the list were asked for today.';

create function public.unisender_record_events(p_key text, p_events jsonb) returns text
language plpgsql security definer set search_path = ''
as $$
begin
  if public.inbox_append('unisender', p_key, null, 'worked') = 'duplicate' then
    return 'repeated';
  end if;
  -- Believed at once, since to stop is the safe side; what is said of campaigns is read at Unisender.
  perform public.unisender_record_unsubscribed(array(select event.value ->> 'email' from jsonb_array_elements(p_events) as event
    where event.value ->> 'type' = 'unsubscribed'));
  perform amocrm.suppress_address(told.email, told.type)
  from (select distinct amocrm.normalize_email(event.value ->> 'email') as email, event.value ->> 'type' as type
    from jsonb_array_elements(p_events) as event where event.value ->> 'type' in ('bounced', 'complained')) as told
  join amocrm.unisender_contacts as contact on contact.email_key = told.email;
  update public.loyalty_campaigns set next_look_at = amocrm.clock()
  where loyalty_campaigns.next_look_at is not null and loyalty_campaigns.unisender_campaign_id in (
    select event.value ->> 'campaign_id' from jsonb_array_elements(p_events) as event where event.value ->> 'type' = 'campaign');
  if found then
    perform amocrm.ring('unisender');
  end if;
  return 'recorded';
end
$$;
comment on function public.unisender_record_events(text, jsonb) is
  'Records what a signed call of Unisender''s webhook says, [{type, email, campaign_id}], type unsubscribed, bounced, complained or campaign.';

create function amocrm.members_to_forget(p_emails text[], p_phones text[]) returns uuid[]
language sql stable set search_path = ''
as $$
  -- A phone beside a foreign e-mail is somebody else's.
  select array(select relative.id from public.loyalty_members as relative where relative.root_id in (
    select member.root_id from public.loyalty_identities as identity join public.loyalty_members as member on member.id = identity.member_id
    where identity.provider = 'email' and identity.external_id = any (p_emails)
      or identity.provider = 'phone' and identity.external_id = any (p_phones) and not exists (
        select from public.loyalty_members as own join public.loyalty_identities as other on other.member_id = own.id and other.provider = 'email'
        where own.root_id = member.root_id and other.external_id <> all (p_emails))))
$$;
comment on function amocrm.members_to_forget(text[], text[]) is 'Returns all members that are the person with these keys.';

create function amocrm.forget_unisender(p_members uuid[], p_emails text[]) returns void
language plpgsql set search_path = ''
as $$
begin
  -- The contact is deleted there; the message keeps the address until that is done.
  perform amocrm.append('contact.remove', 'loyalty_members', (
    select coalesce(jsonb_agg(jsonb_build_object('id', contact.member_id, 'email', contact.email_key, 'payload', '{"delete": true}'::jsonb)
      order by contact.email_key), '[]')
    from amocrm.unisender_contacts as contact
    where (contact.member_id = any (p_members) or contact.email_key = any (p_emails)) and contact.state <> 'refused'));
  delete from amocrm.unisender_contacts where unisender_contacts.member_id = any (p_members) or unisender_contacts.email_key = any (p_emails);
  delete from amocrm.loyalty_audience where loyalty_audience.member_id = any (p_members);
  perform amocrm.ring('unisender');
end
$$;
comment on function amocrm.forget_unisender(uuid[], text[]) is 'Has forgotten people deleted at Unisender, and takes them out of audiences.';

revoke all on function amocrm.members_to_forget(text[], text[]), amocrm.forget_unisender(uuid[], text[]) from public;
revoke all on function public.unisender_record_unsubscribed(text[]), public.unisender_unsubscribed_read(), public.unisender_record_events(text, jsonb)
  from public, anon, authenticated;
grant execute on function public.unisender_record_unsubscribed(text[]), public.unisender_unsubscribed_read(), public.unisender_record_events(text, jsonb)
  to service_role;
