-- The way out that stands in every mail of a sequence: a token for one recipient and topic, of which only the hash is kept. It
-- does not expire and works as often as it is used, since people unsubscribe from last year's mail, and mailboxes ask twice.

create table amocrm.unsubscribe_tokens (
  token_hash bytea primary key,
  channel text not null,
  recipient text not null,
  topic text not null,
  message_id bigint,
  created_at timestamptz not null default amocrm.clock(),
  used_at timestamptz
);
comment on table amocrm.unsubscribe_tokens is 'Whom each token for unsubscribing stands for, by its hash.';
create index unsubscribe_tokens_of_recipient_idx on amocrm.unsubscribe_tokens (recipient);
alter table amocrm.unsubscribe_tokens enable row level security;
revoke all on amocrm.unsubscribe_tokens from public, anon, authenticated, service_role;

create table amocrm.unsubscribe_counts (
  day date not null,
  outcome text not null,
  count bigint not null default 1,
  primary key (day, outcome),
  constraint outcome_is_known check (outcome in ('withdrawn', 'again', 'unknown'))
);
comment on table amocrm.unsubscribe_counts is 'How often the way out was used by day, and with what outcome.';
alter table amocrm.unsubscribe_counts enable row level security;
revoke all on amocrm.unsubscribe_counts from public, anon, authenticated, service_role;
grant select on amocrm.unsubscribe_counts to service_role;

create function amocrm.unsubscribe_token(p_message_id bigint) returns text
language plpgsql volatile set search_path = ''
as $$
declare
  v_step record;
  v_token text;
begin
  select followup_entry_steps.channel, followup_entry_steps.recipient, followup_entry_steps.topic into v_step
  from amocrm.followup_entry_steps where followup_entry_steps.message_id = p_message_id;
  if v_step.recipient is null then
    return null;
  end if;
  -- Of this very message, and the same at each try: a mail that is repeated has to be the same to the byte. 128 bits.
  select translate(encode(substr(extensions.hmac('unsubscribe/' || outbox.id || '/' || outbox.subject_id || '/' || extract(epoch from outbox.created_at),
    amocrm.link_key(), 'sha256'), 1, 16), 'base64'), '+/=', '-_') into v_token
  from amocrm.outbox where outbox.queue = case v_step.channel when 'mail' then 'message' else v_step.channel end and outbox.id = p_message_id;
  insert into amocrm.unsubscribe_tokens (token_hash, channel, recipient, topic, message_id)
  values (sha256(convert_to(v_token, 'utf8')), v_step.channel, v_step.recipient, v_step.topic, p_message_id)
  on conflict (token_hash) do nothing;
  return v_token;
end
$$;
comment on function amocrm.unsubscribe_token(bigint) is 'Returns the token of a message for unsubscribing: 22 characters, equal at each try.';

create function public.message_unsubscribe(p_token text) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_token amocrm.unsubscribe_tokens;
  v_outcome text := 'unknown';
begin
  -- Found by its hash: comparing takes the same time however much of a guess is right.
  select * into v_token from amocrm.unsubscribe_tokens where unsubscribe_tokens.token_hash = sha256(convert_to(coalesce(p_token, ''), 'utf8'));
  if v_token.token_hash is not null then
    v_outcome := case when amocrm.withdraw_address(v_token.channel, v_token.recipient, v_token.topic, 'unsubscribe') > 0 then 'withdrawn' else 'again' end;
    update amocrm.unsubscribe_tokens set used_at = coalesce(unsubscribe_tokens.used_at, amocrm.clock())
    where unsubscribe_tokens.token_hash = v_token.token_hash;
  end if;
  insert into amocrm.unsubscribe_counts as known (day, outcome) values ((amocrm.clock() at time zone 'utc')::date, v_outcome)
  on conflict (day, outcome) do update set count = known.count + 1;
  return v_outcome;
end
$$;
comment on function public.message_unsubscribe(text) is
  'Withdraws whom a token stands for from its topic: withdrawn, again, or unknown for a token that nobody got. Repeatable.';

revoke all on function amocrm.unsubscribe_token(bigint) from public;
revoke all on function public.message_unsubscribe(text) from public, anon, authenticated;
grant execute on function public.message_unsubscribe(text) to service_role;
