-- What Resend tells of a mail after it has taken it: delivered, bounced, complained. Told by webhook, in any order, more
-- than once, and perhaps before the answer to our own request was recorded.

insert into amocrm.inbox_sources (source, keeps_body) values ('resend', false);

create table amocrm.mail_events (
  event_id text primary key,
  message_id bigint not null,
  type text not null,
  happened_at timestamptz not null,
  reason text,
  received_at timestamptz not null default amocrm.clock()
);
comment on table amocrm.mail_events is 'What Resend said of our mails; the inbox sees to it that each call counts once.';
comment on column amocrm.mail_events.event_id is 'Resend''s svix-id: the same when the call is repeated.';
create index mail_events_of_message_idx on amocrm.mail_events (message_id);
create index mail_events_by_time_idx on amocrm.mail_events (received_at);
alter table amocrm.mail_events enable row level security;
revoke all on amocrm.mail_events from public, anon, authenticated, service_role;
grant select on amocrm.mail_events to service_role;

create function amocrm.outcome_rank(p_outcome text) returns int
language sql immutable set search_path = ''
as $$ select coalesce(array_position(array['sent', 'delayed', 'failed', 'delivered', 'bounced', 'complained'], p_outcome), 0) $$;
comment on function amocrm.outcome_rank(text) is
  'Ranks a mail''s outcomes, since events come in any order and the one that says more stays.';

create function public.message_record_event(p_event jsonb) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_event record;
  v_mail amocrm.mails;
begin
  select * into v_event from jsonb_to_record(p_event) as event (event_id text, type text, outcome text, resend_id text,
    message_id bigint, subject_id uuid, happened_at timestamptz, is_permanent boolean, reason text);
  v_event.happened_at := coalesce(v_event.happened_at, amocrm.clock());
  -- By our own tags first: they are there before we know Resend's id. The subject's id tells another project's
  -- message of the same number apart, since one webhook may serve several.
  select * into v_mail from amocrm.mails
  where (mails.message_id = v_event.message_id and mails.subject_id = v_event.subject_id) or mails.resend_id = v_event.resend_id
  order by mails.message_id limit 1 for update;
  if v_mail.message_id is null then
    perform amocrm.inbox_count('resend', 'ignored');
    return 'unknown';
  end if;
  -- Worked off right here, so the inbox needs no more of it than the key.
  if public.inbox_append('resend', v_event.event_id, null, 'worked') = 'duplicate' then
    return 'repeated';
  end if;
  -- Programs tell each opening; the first one says all.
  if v_event.type = 'email.opened' then
    if v_mail.opened_at is not null then
      return 'recorded';
    end if;
    update amocrm.mails set opened_at = v_event.happened_at where mails.message_id = v_mail.message_id;
  end if;
  insert into amocrm.mail_events (event_id, message_id, type, happened_at, reason)
  values (v_event.event_id, v_mail.message_id, v_event.type, v_event.happened_at, left(v_event.reason, 500))
  on conflict (event_id) do nothing;
  update amocrm.mails set
    resend_id = coalesce(mails.resend_id, v_event.resend_id),
    accepted_at = coalesce(mails.accepted_at, v_event.happened_at),
    outcome = case when v_event.outcome is not null then v_event.outcome else mails.outcome end,
    outcome_at = case when v_event.outcome is not null then v_event.happened_at else mails.outcome_at end,
    outcome_reason = case when v_event.outcome is not null then left(v_event.reason, 500) else mails.outcome_reason end
  where mails.message_id = v_mail.message_id
    and amocrm.outcome_rank(v_event.outcome) >= amocrm.outcome_rank(mails.outcome);
  -- The address as it was when the mail went out, for it may have been mended since; as it is, if the message is pruned.
  if v_event.outcome = 'complained' or (v_event.outcome = 'bounced' and v_event.is_permanent) then
    insert into amocrm.suppressed_addresses (email_key, reason, since)
    select address.email_key, v_event.outcome, v_event.happened_at from (
      select coalesce(
        (select outbox.email_key from amocrm.outbox where outbox.queue = 'message' and outbox.id = v_mail.message_id),
        (select amocrm.normalize_email(tripwire_users.email) from public.tripwire_users where tripwire_users.id = v_mail.subject_id)
      ) as email_key) as address
    where address.email_key is not null
    on conflict (email_key) do nothing;
  end if;
  return 'recorded';
end
$$;
comment on function public.message_record_event(jsonb) is
  'Records one webhook call, {event_id, type, outcome, resend_id, message_id, subject_id, happened_at, is_permanent, reason}: recorded, repeated, or unknown if the mail is not ours.';

create function amocrm.mail_state(p_student_id uuid) returns table (state text, reason text, changed_at timestamptz)
language sql stable set search_path = ''
as $$
  select case
      when mails.outcome is not null then mails.outcome
      when outbox.state = 'delivered' then 'sent'
      when outbox.state = 'dead' then 'failed'
      when outbox.state in ('cancelled', 'superseded') then 'cancelled'
      else 'waiting' end,
    case when mails.outcome is not null then mails.outcome_reason else outbox.last_error_message end,
    coalesce(mails.outcome_at, outbox.created_at)
  from (
    -- The message is pruned one day, the mail stays; the latest of either counts.
    select greatest(
      (select max(outbox.id) from amocrm.outbox where outbox.subject_id = p_student_id and outbox.kind = 'student.welcome'),
      (select max(mails.message_id) from amocrm.mails where mails.subject_id = p_student_id and mails.kind = 'student.welcome')) as id
  ) as latest
  left join amocrm.outbox on outbox.queue = 'message' and outbox.id = latest.id
  left join amocrm.mails on mails.message_id = latest.id
  where latest.id is not null
$$;
comment on function amocrm.mail_state(uuid) is
  'Returns a student''s welcome state, waiting, sent, delayed, delivered, bounced, complained, failed or cancelled, with the reason; no row without a mail.';

create function amocrm.prune_mail(p_limit int) returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_count int;
begin
  -- The outcome stays with the mail; Resend repeats a call for two days at most.
  delete from amocrm.mail_events where mail_events.event_id in (
    select old.event_id from amocrm.mail_events as old
    where old.received_at < amocrm.clock() - interval '90 days' order by old.received_at limit p_limit);
  get diagnostics v_count = row_count;
  -- For a while an old link is told that it has expired, and not that nobody knows it.
  delete from amocrm.welcome_links where welcome_links.token_hash in (
    select old.token_hash from amocrm.welcome_links as old
    where old.expires_at < amocrm.clock() - interval '90 days' order by old.expires_at limit p_limit);
  return v_count;
end
$$;
comment on function amocrm.prune_mail(int) is
  'Deletes webhook calls older than 90 days and links that expired so long ago; returns how many calls.';

revoke all on function amocrm.outcome_rank(text), amocrm.mail_state(uuid), amocrm.prune_mail(int) from public;
revoke all on function public.message_record_event(jsonb) from public, anon, authenticated;
grant execute on function public.message_record_event(jsonb) to service_role;
select amocrm.schedule_job('amocrm-mail-prune', '23 * * * *', 'select amocrm.prune_mail(5000)');
