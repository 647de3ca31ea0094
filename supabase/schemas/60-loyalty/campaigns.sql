-- Campaigns: a mailing to a segment, or to everybody who may get one. Nothing goes before an admin confirms; then the audience is
-- frozen, imported under a tag of the campaign, and the campaign is created once, whatever becomes of answers.

create table public.loyalty_campaigns (
  id uuid primary key default gen_random_uuid(),
  segment text,
  subject text not null,
  body text not null,
  state text not null default 'draft',
  problem text,
  expected_count int,
  counted int,
  unisender_message_id text,
  unisender_campaign_id text,
  created_at timestamptz not null default amocrm.clock(),
  confirmed_at timestamptz,
  sent_at timestamptz,
  start_at timestamptz,
  state_at timestamptz not null default amocrm.clock(),
  next_look_at timestamptz,
  cancels boolean not null default false,
  constraint subject_has_a_length check (length(subject) between 1 and 500),
  constraint body_has_a_length check (length(body) between 1 and 1000000),
  constraint state_has_a_length check (length(state) between 1 and 60)
);
comment on table public.loyalty_campaigns is 'Mailings to a segment, what state each is in, and whom Unisender counted.';
comment on column public.loyalty_campaigns.segment is 'A code of loyalty_segments; null for everybody who may get mailings.';
comment on column public.loyalty_campaigns.body is 'HTML; Unisender puts a way to unsubscribe below it unless it has {{UnsubscribeUrl}}.';
comment on column public.loyalty_campaigns.state is
  'One of draft, confirmed, uncertain, canceled_count_differs, or Unisender''s own word, such as waits_censor, declined or completed.';
comment on column public.loyalty_campaigns.problem is 'What is wrong with it, for a person; null for nothing.';
comment on column public.loyalty_campaigns.expected_count is 'Contacts of the audience that Unisender had accepted when the campaign was created.';
comment on column public.loyalty_campaigns.counted is 'How many recipients Unisender counted; null while it has not said.';
comment on column public.loyalty_campaigns.sent_at is 'When the request left that creates the campaign.';
comment on column public.loyalty_campaigns.start_at is 'When Unisender is to begin: some minutes later, so that a wrong count can still be canceled.';
comment on column public.loyalty_campaigns.next_look_at is 'When Unisender is asked next what became of it; null while there is nothing to ask.';
comment on column public.loyalty_campaigns.cancels is 'True while it is to be canceled: its count differs, or an admin wants it.';
create index loyalty_campaigns_to_look_at_idx on public.loyalty_campaigns (next_look_at) where next_look_at is not null;
create index loyalty_campaigns_by_sending_idx on public.loyalty_campaigns (sent_at) where sent_at is not null;

create table amocrm.loyalty_audience (
  campaign_id uuid not null,
  member_id uuid not null,
  primary key (campaign_id, member_id)
);
comment on table amocrm.loyalty_audience is 'Who was to get a campaign when it was confirmed.';
create index loyalty_audience_of_member_idx on amocrm.loyalty_audience (member_id);

insert into amocrm.kinds (kind, queue, has_handler, gate, purpose) values
  ('campaign.send', 'unisender', true, 'amocrm.gate_campaigns', 'A campaign that an admin confirmed.');
insert into amocrm.queue_subjects (queue, subject_table) values ('unisender', 'loyalty_campaigns');

alter table public.loyalty_campaigns enable row level security;
alter table amocrm.loyalty_audience enable row level security;
revoke all on public.loyalty_campaigns, amocrm.loyalty_audience from public, anon, authenticated, service_role;
grant select on public.loyalty_campaigns to service_role, authenticated;
grant select on amocrm.loyalty_audience to service_role;
create policy admins_and_viewers_see_campaigns on public.loyalty_campaigns for select to authenticated
  using ((select auth.jwt()) -> 'app_metadata' ->> 'role' in ('admin', 'viewer'));

create function amocrm.campaign_tag(p_id uuid) returns text
language sql immutable set search_path = ''
as $$ select 'campaign_' || left(translate(p_id::text, '-', ''), 16) $$;
comment on function amocrm.campaign_tag(uuid) is 'Returns the tag by which a campaign''s audience is found at Unisender.';

create function amocrm.unisender_wanted(p_roots uuid[]) returns table (member_id uuid, email_key text, tags text[])
language plpgsql stable set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  select mailable.member_id, mailable.email_key, array(
    select tag.name from (
      select loyalty_rfm.segment from public.loyalty_rfm where loyalty_rfm.member_id = mailable.member_id
      union
      select 'tier_' || amocrm.current_tier(mailable.member_id)
      union
      select amocrm.campaign_tag(campaign.id) from amocrm.loyalty_audience as audience
      join public.loyalty_campaigns as campaign on campaign.id = audience.campaign_id
      where audience.member_id = mailable.member_id
        and campaign.state not in ('completed', 'canceled', 'canceled_count_differs', 'declined', 'stopped')) as tag (name)
    where tag.name is not null order by tag.name)
  from amocrm.mailable_members(p_roots) as mailable;
end
$$;
comment on function amocrm.unisender_wanted(uuid[]) is 'Returns what Unisender is to know of people: address and tags, of segment, tier and campaigns.';

create function amocrm.audience_of(p_segment text) returns table (member_id uuid, email_key text)
language plpgsql stable set search_path = ''
as $$
begin
  if p_segment is not null and not exists (select from public.loyalty_segments where loyalty_segments.code = p_segment) then
    raise exception 'p_segment is no segment' using errcode = '22023', hint = 'select code from loyalty_segments; null is everybody.';
  end if;
  return query
  select mailable.member_id, mailable.email_key
  from amocrm.mailable_members(array(select root.id from public.loyalty_members as root
    where root.root_id = root.id and (p_segment is null
      or exists (select from public.loyalty_rfm where loyalty_rfm.member_id = root.id and loyalty_rfm.segment = p_segment)))) as mailable;
end
$$;
comment on function amocrm.audience_of(text) is 'Returns who would get a campaign to a segment now, null for all; raises 22023 for an unknown segment.';

create function amocrm.loyalty_campaign_create(p_segment text, p_subject text, p_body text) returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
  v_id uuid;
begin
  perform amocrm.require_admin();
  if p_segment is not null and not exists (select from public.loyalty_segments where loyalty_segments.code = p_segment) then
    raise exception 'p_segment is no segment' using errcode = '22023', hint = 'select code from loyalty_segments; null is everybody.';
  elsif length(coalesce(amocrm.trimmed(p_subject), '')) not between 1 and 500 or p_subject ~ '[[:cntrl:]]' then
    raise exception 'p_subject must be one line with from 1 to 500 characters' using errcode = '22023';
  elsif length(coalesce(amocrm.trimmed(p_body), '')) not between 1 and 1000000 then
    raise exception 'p_body must have from 1 to 1000000 characters' using errcode = '22023';
  end if;
  insert into public.loyalty_campaigns (segment, subject, body) values (p_segment, amocrm.trimmed(p_subject), p_body) returning loyalty_campaigns.id into v_id;
  perform amocrm.note_action('loyalty_campaign_create', jsonb_build_object('segment', p_segment), jsonb_build_object('campaign', v_id));
  return v_id;
end
$$;
comment on function amocrm.loyalty_campaign_create(text, text, text) is 'Makes a draft; returns its id.';

create function amocrm.loyalty_campaign_preview(p_id uuid)
returns table (recipient_count bigint, left_out_count bigint, subject text, body text, state text, sample text[])
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_campaign public.loyalty_campaigns;
begin
  perform amocrm.require_reader();
  select * into v_campaign from public.loyalty_campaigns where loyalty_campaigns.id = p_id;
  if v_campaign.id is null then
    raise exception 'p_id is no campaign' using errcode = '22023';
  end if;
  return query
  with audience as materialized (select found.email_key from amocrm.audience_of(v_campaign.segment) as found)
  select (select count(*) from audience),
    (select count(*) from public.loyalty_members as root where root.root_id = root.id and root.forgotten_at is null and (v_campaign.segment is null
      or exists (select from public.loyalty_rfm where loyalty_rfm.member_id = root.id and loyalty_rfm.segment = v_campaign.segment)))
      - (select count(*) from audience),
    v_campaign.subject, v_campaign.body, v_campaign.state,
    array(select amocrm.loyalty_masked('email', audience.email_key) from audience order by audience.email_key limit 5);
end
$$;
comment on function amocrm.loyalty_campaign_preview(uuid) is 'Returns what would go to how many now.';

create function amocrm.loyalty_campaign_confirm(p_id uuid) returns bigint
language plpgsql security definer set search_path = ''
as $$
declare
  v_campaign public.loyalty_campaigns;
  v_count bigint;
begin
  perform amocrm.require_admin();
  select * into v_campaign from public.loyalty_campaigns where loyalty_campaigns.id = p_id for update;
  if v_campaign.id is null then
    raise exception 'p_id is no campaign' using errcode = '22023';
  elsif v_campaign.state <> 'draft' then
    -- Asked twice, as after a lost answer: it is confirmed once.
    return (select count(*) from amocrm.loyalty_audience where loyalty_audience.campaign_id = p_id);
  elsif (select count(*) from public.loyalty_campaigns where loyalty_campaigns.state = 'confirmed') >= 6 then
    -- Unisender takes ten tags for a contact, and one campaign goes in an hour.
    raise exception 'six confirmed campaigns wait already: one an hour is sent' using errcode = '55000';
  end if;
  insert into amocrm.loyalty_audience (campaign_id, member_id) select p_id, found.member_id from amocrm.audience_of(v_campaign.segment) as found;
  get diagnostics v_count = row_count;
  if v_count = 0 then
    raise exception 'nobody would get this campaign' using errcode = '22023', hint = 'select * from loyalty_campaign_preview(id)';
  end if;
  update public.loyalty_campaigns set state = 'confirmed', confirmed_at = amocrm.clock(), state_at = amocrm.clock() where loyalty_campaigns.id = p_id;
  perform amocrm.mark_for_unisender(array(select audience.member_id from amocrm.loyalty_audience as audience where audience.campaign_id = p_id));
  perform amocrm.append('campaign.send', 'loyalty_campaigns', jsonb_build_array(jsonb_build_object('id', p_id)));
  perform amocrm.note_action('loyalty_campaign_confirm', jsonb_build_object('campaign', p_id), jsonb_build_object('recipients', v_count));
  perform amocrm.ring('unisender');
  return v_count;
end
$$;
comment on function amocrm.loyalty_campaign_confirm(uuid) is 'Freezes the audience of a draft and lets it go; returns how many people.';

create function amocrm.loyalty_campaign_cancel(p_id uuid) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_campaign public.loyalty_campaigns;
begin
  perform amocrm.require_admin();
  -- The queue first, as its drain does.
  perform amocrm.lock_queue('unisender');
  select * into v_campaign from public.loyalty_campaigns where loyalty_campaigns.id = p_id for update;
  if v_campaign.id is null then
    raise exception 'p_id is no campaign' using errcode = '22023';
  elsif v_campaign.state in ('draft', 'confirmed') and not exists (select from amocrm.outbox where outbox.subject_id = p_id and outbox.queue = 'unisender'
    and (outbox.step is not null or outbox.state = 'leased')) then
    update public.loyalty_campaigns set state = 'canceled', state_at = amocrm.clock() where loyalty_campaigns.id = p_id;
    perform amocrm.cancel(waiting.id) from (select outbox.id from amocrm.outbox where outbox.subject_id = p_id and outbox.queue = 'unisender'
      and outbox.state in ('pending', 'dead')) as waiting;
  else
    update public.loyalty_campaigns set cancels = true, next_look_at = case when loyalty_campaigns.unisender_campaign_id is not null then amocrm.clock() end
    where loyalty_campaigns.id = p_id;
  end if;
  perform amocrm.note_action('loyalty_campaign_cancel', jsonb_build_object('campaign', p_id), jsonb_build_object('was', v_campaign.state));
  perform amocrm.ring('unisender');
  return (select loyalty_campaigns.state from public.loyalty_campaigns where loyalty_campaigns.id = p_id);
end
$$;
comment on function amocrm.loyalty_campaign_cancel(uuid) is 'Cancels a campaign here, or has it canceled at Unisender while that is possible; returns its state now.';

create function public.loyalty_campaign_create(p_segment text, p_subject text, p_body text) returns uuid
language sql set search_path = ''
begin atomic select amocrm.loyalty_campaign_create(p_segment, p_subject, p_body); end;
comment on function public.loyalty_campaign_create(text, text, text) is
  'Makes a draft of a mailing to a segment, null for everybody who may get one, and returns its id. The body is HTML.';

create function public.loyalty_campaign_preview(p_id uuid)
returns table (recipient_count bigint, left_out_count bigint, subject text, body text, state text, sample text[])
language sql stable set search_path = ''
begin atomic select preview.recipient_count, preview.left_out_count, preview.subject, preview.body, preview.state, preview.sample
  from amocrm.loyalty_campaign_preview(p_id) as preview; end;
comment on function public.loyalty_campaign_preview(uuid) is
  'Shows a campaign before it is confirmed: text, recipients, those left out for want of consent or address, and five masked addresses.';

create function public.loyalty_campaign_confirm(p_id uuid) returns bigint
language sql set search_path = ''
begin atomic select amocrm.loyalty_campaign_confirm(p_id); end;
comment on function public.loyalty_campaign_confirm(uuid) is
  'Lets a draft go: freezes its audience, which is imported first, and returns how many people that are. Once, however often it is called.';

create function public.loyalty_campaign_cancel(p_id uuid) returns text
language sql set search_path = ''
begin atomic select amocrm.loyalty_campaign_cancel(p_id); end;
comment on function public.loyalty_campaign_cancel(uuid) is
  'Cancels a campaign that has not begun, here or at Unisender, and returns its state; that of Unisender follows within a minute.';

revoke all on function amocrm.campaign_tag(uuid), amocrm.unisender_wanted(uuid[]), amocrm.audience_of(text) from public;
revoke all on function amocrm.loyalty_campaign_create(text, text, text), amocrm.loyalty_campaign_preview(uuid), amocrm.loyalty_campaign_confirm(uuid),
  amocrm.loyalty_campaign_cancel(uuid), public.loyalty_campaign_create(text, text, text), public.loyalty_campaign_preview(uuid),
  public.loyalty_campaign_confirm(uuid), public.loyalty_campaign_cancel(uuid) from public, anon, authenticated;
grant execute on function amocrm.loyalty_campaign_create(text, text, text), amocrm.loyalty_campaign_preview(uuid), amocrm.loyalty_campaign_confirm(uuid),
  amocrm.loyalty_campaign_cancel(uuid), public.loyalty_campaign_create(text, text, text), public.loyalty_campaign_preview(uuid),
  public.loyalty_campaign_confirm(uuid), public.loyalty_campaign_cancel(uuid) to authenticated, service_role;
