-- Who may be written to: consents by channel, address and topic, with their proof; and withdrawals, which win over whatever
-- is imported later. A withdrawal of a forgotten person is kept as a hash, so that an import cannot bring him back.

create table public.message_consents (
  id bigint generated always as identity primary key,
  email_key text,
  phone_key text,
  channel text not null,
  topic text not null default 'news',
  state text not null default 'confirmed',
  given_at timestamptz,
  withdrawn_at timestamptz,
  source text,
  lead_id uuid,
  text text,
  recipient text generated always as (case channel when 'mail' then email_key else phone_key end) stored,
  created_at timestamptz not null default amocrm.clock(),
  constraint channel_is_known check (channel in ('mail', 'sms')),
  constraint topic_is_a_word check (topic ~ '^([a-z][a-z0-9_.-]{0,59}|\*)$'),
  constraint state_is_known check (state in ('pending', 'confirmed', 'withdrawn')),
  constraint consent_names_its_address check (recipient is not null),
  constraint withdrawal_has_its_time check ((state = 'withdrawn') = (withdrawn_at is not null)),
  constraint text_is_not_too_long check (length(text) <= 2000),
  constraint one_consent_per_address_and_topic unique (channel, recipient, topic)
);
comment on table public.message_consents is 'Consents and withdrawals by channel, address and topic; the topic * stands for all.';
comment on column public.message_consents.state is 'The states are pending, confirmed and withdrawn; only a confirmed one lets a message go.';
comment on column public.message_consents.lead_id is 'The lead that proves the consent.';
comment on column public.message_consents.text is 'What the person agreed to, as it was shown.';
comment on column public.message_consents.recipient is 'The normalised address of the channel.';
create index message_consents_of_lead_idx on public.message_consents (lead_id) where lead_id is not null;
alter table public.message_consents enable row level security;
revoke all on public.message_consents from public, anon, authenticated, service_role;
revoke all on sequence public.message_consents_id_seq from public, anon, authenticated, service_role;
grant select, insert on public.message_consents to service_role;

create table amocrm.withdrawn_hashes (
  channel text not null,
  key_hash text not null,
  topic text not null,
  withdrawn_at timestamptz not null,
  primary key (channel, key_hash, topic)
);
comment on table amocrm.withdrawn_hashes is 'Withdrawals of forgotten people, by the keyed hash of their address.';
alter table amocrm.withdrawn_hashes enable row level security;
revoke all on amocrm.withdrawn_hashes from public, anon, authenticated, service_role;
grant select on amocrm.withdrawn_hashes to service_role;

create function amocrm.has_withdrawn(p_channel text, p_recipient text, p_topic text) returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  return exists (select from public.message_consents where message_consents.channel = p_channel and message_consents.recipient = p_recipient
      and message_consents.topic in (p_topic, '*') and message_consents.state = 'withdrawn')
    or exists (select from amocrm.withdrawn_hashes) and exists (select from amocrm.withdrawn_hashes where withdrawn_hashes.channel = p_channel
      and withdrawn_hashes.key_hash = amocrm.key_hash(p_recipient) and withdrawn_hashes.topic in (p_topic, '*'));
end
$$;
comment on function amocrm.has_withdrawn(text, text, text) is 'True if the owner of an address withdrew from the topic or from all, also before being forgotten.';

create function amocrm.keep_withdrawals() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  new.email_key := amocrm.normalize_email(new.email_key);
  new.phone_key := amocrm.normalize_phone(new.phone_key);
  -- Generated columns are made after this trigger. Left out and not refused: a list of thousands must not fail for one.
  if new.state <> 'withdrawn'
    and amocrm.has_withdrawn(new.channel, case new.channel when 'mail' then new.email_key else new.phone_key end, new.topic) then
    return null;
  end if;
  new.given_at := case when new.state = 'confirmed' then coalesce(new.given_at, amocrm.clock()) else new.given_at end;
  new.withdrawn_at := case when new.state = 'withdrawn' then coalesce(new.withdrawn_at, amocrm.clock()) end;
  return new;
end
$$;
comment on function amocrm.keep_withdrawals() is 'Normalises addresses of consents, and leaves out a consent to what was withdrawn before.';
create trigger keep_withdrawals before insert on public.message_consents for each row execute function amocrm.keep_withdrawals();

create function amocrm.has_consented(p_channel text, p_recipient text, p_topic text) returns boolean
language plpgsql set search_path = ''
as $$
declare
  v_lead public.unified_lead_tracking;
begin
  if exists (select from public.message_consents where message_consents.channel = p_channel and message_consents.recipient = p_recipient
    and message_consents.topic in (p_topic, '*') and message_consents.state = 'confirmed') then
    return true;
  elsif p_topic <> 'news' then
    return false;
  end if;
  -- The box that was ticked in a form is consent to news; it becomes a row of its own with the lead as its proof.
  select * into v_lead from public.unified_lead_tracking as lead
  where case p_channel when 'mail' then lead.email = p_recipient else lead.phone = p_recipient end and lead.consent_at is not null
    and not exists (select from amocrm.quarantined_leads where quarantined_leads.lead_id = lead.id)
  order by lead.consent_at desc limit 1;
  if v_lead.id is null then
    return false;
  end if;
  insert into public.message_consents (email_key, phone_key, channel, topic, state, given_at, source, lead_id, text)
  values (case when p_channel = 'mail' then p_recipient end, case when p_channel = 'sms' then p_recipient end, p_channel, 'news', 'confirmed',
    v_lead.consent_at, v_lead.source, v_lead.id, v_lead.metadata ->> 'consent_text')
  on conflict (channel, recipient, topic) do nothing;
  return true;
end
$$;
comment on function amocrm.has_consented(text, text, text) is
  'True if the owner of an address consented to a topic; a lead''s consent to news is written down with the lead as proof.';

create function amocrm.withdraw_address(p_channel text, p_recipient text, p_topic text, p_source text) returns int
language plpgsql set search_path = ''
as $$
declare
  v_count int;
begin
  update public.message_consents set state = 'withdrawn', withdrawn_at = amocrm.clock()
  where message_consents.channel = p_channel and message_consents.recipient = p_recipient and message_consents.state <> 'withdrawn'
    and (p_topic is null or message_consents.topic = p_topic);
  get diagnostics v_count = row_count;
  insert into public.message_consents (email_key, phone_key, channel, topic, state, source)
  values (case when p_channel = 'mail' then p_recipient end, case when p_channel = 'sms' then p_recipient end, p_channel, coalesce(p_topic, '*'), 'withdrawn', p_source)
  on conflict (channel, recipient, topic) do nothing;
  return greatest(v_count, found::int);
end
$$;
comment on function amocrm.withdraw_address(text, text, text, text) is
  'Withdraws an address from a topic of a channel, null for all; returns how many consents changed, 0 if it was withdrawn before.';

create function amocrm.withdraw(p_email text, p_phone text, p_channel text, p_topic text) returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_email text := amocrm.normalize_email(p_email);
  v_phone text := amocrm.normalize_phone(p_phone);
  v_count int := 0;
begin
  perform amocrm.require_admin();
  if amocrm.trimmed(p_email) is not null and v_email is null then
    raise exception 'p_email is not an e-mail address' using errcode = '22023';
  elsif amocrm.trimmed(p_phone) is not null and v_phone is null then
    raise exception 'p_phone is not a phone number' using errcode = '22023', hint = 'It has 10 digits, or + and the country code.';
  elsif v_email is null and v_phone is null then
    raise exception 'neither p_email nor p_phone was given' using errcode = '22023', hint = 'message_withdraw(''somebody@example.com'')';
  elsif p_channel not in ('mail', 'sms') then
    raise exception 'p_channel must be mail or sms' using errcode = '22023';
  end if;
  if v_email is not null and coalesce(p_channel, 'mail') = 'mail' then
    v_count := amocrm.withdraw_address('mail', v_email, p_topic, 'message_withdraw');
  end if;
  if v_phone is not null and coalesce(p_channel, 'sms') = 'sms' then
    v_count := v_count + amocrm.withdraw_address('sms', v_phone, p_topic, 'message_withdraw');
  end if;
  perform amocrm.note_action('message_withdraw', jsonb_build_object('channel', p_channel, 'topic', p_topic), jsonb_build_object('consent_count', v_count));
  return v_count;
end
$$;
comment on function amocrm.withdraw(text, text, text, text) is 'Withdraws a person from a channel and topic by hand; null means all of them. Returns how many consents changed.';

create function public.message_withdraw(p_email text default null, p_phone text default null, p_channel text default null, p_topic text default null) returns int
language sql set search_path = ''
begin atomic select amocrm.withdraw(p_email, p_phone, p_channel, p_topic); end;
comment on function public.message_withdraw(text, text, text, text) is
  'Withdraws a person from mail, SMS or both, and from one topic or all; nothing more is sent. Returns how many consents changed.';

revoke all on function amocrm.has_withdrawn(text, text, text), amocrm.keep_withdrawals(), amocrm.has_consented(text, text, text),
  amocrm.withdraw_address(text, text, text, text) from public;
revoke all on function amocrm.withdraw(text, text, text, text), public.message_withdraw(text, text, text, text) from public, anon, authenticated;
grant execute on function amocrm.withdraw(text, text, text, text), public.message_withdraw(text, text, text, text) to authenticated, service_role;
