-- The link of a welcome mail. Its token is an HMAC of the message, so each try renders the same link without any
-- token being stored: the table has its hash only. It opens nothing by itself: whoever presses the button on the page
-- gets a recovery link from Supabase, made at that moment. A scanner that opens the page spoils nothing.

create extension if not exists pgcrypto with schema extensions;

create table amocrm.welcome_links (
  token_hash bytea primary key,
  message_id bigint not null,
  student_id uuid not null,
  expires_at timestamptz not null,
  password_mark bytea not null,
  press_count int not null default 0,
  first_press_at timestamptz,
  recent_press_count int not null default 0,
  recent_since timestamptz,
  created_at timestamptz not null default amocrm.clock(),
  constraint presses_are_counted_from_zero check (press_count >= 0 and recent_press_count >= 0)
);
comment on table amocrm.welcome_links is 'One row per link that was mailed, by the hash of its token.';
comment on column amocrm.welcome_links.student_id is
  'A row of tripwire_users without a foreign key, whose check would make the queue wait for the row''s lock.';
comment on column amocrm.welcome_links.password_mark is
  'A hash of the student''s password hash at the link''s creation; a different one now means a password was set.';
comment on column amocrm.welcome_links.recent_since is 'The start of the window in which presses are counted against the limit.';
create index welcome_links_expiry_idx on amocrm.welcome_links (expires_at);
alter table amocrm.welcome_links enable row level security;
revoke all on amocrm.welcome_links from public, anon, authenticated, service_role;
grant select (message_id, student_id, expires_at, press_count, first_press_at) on amocrm.welcome_links to service_role;

create function amocrm.link_key() returns text
language plpgsql volatile set search_path = ''
as $$
begin
  -- Made on first use; the caller holds the queue's lock, so two drains do not make two.
  if amocrm.vault_secret('amocrm_link_key') is null then
    perform amocrm.put_secret('amocrm_link_key', encode(extensions.gen_random_bytes(32), 'hex'),
      'Signs the links of welcome mails. Deleting it voids the links of mails that are on their way.');
  end if;
  return amocrm.vault_secret('amocrm_link_key');
end
$$;
comment on function amocrm.link_key() is 'Returns the key of the links from Vault. Owner only.';

create function amocrm.link_token(p_message_id bigint) returns text
language sql volatile set search_path = ''
as $$
  -- Of this very message: after a restore its number is given to another one.
  select translate(encode(extensions.hmac('student.welcome/' || outbox.id || '/' || outbox.subject_id || '/' || extract(epoch from outbox.created_at),
    amocrm.link_key(), 'sha256'), 'base64'), '+/=', '-_')
  from amocrm.outbox where outbox.queue = 'message' and outbox.id = p_message_id
$$;
comment on function amocrm.link_token(bigint) is
  'Returns a message''s link token: 43 characters, equal at each try, unique for ever, also after a restore.';

create function amocrm.password_mark(p_user_id uuid) returns bytea
language sql stable set search_path = ''
as $$ select sha256(convert_to(coalesce((select users.encrypted_password from auth.users where users.id = p_user_id), ''), 'utf8')) $$;
comment on function amocrm.password_mark(uuid) is 'Returns a mark that changes with the user''s password and reveals nothing about it.';

create function amocrm.open_link(p_message_id bigint, p_student_id uuid) returns text
language plpgsql set search_path = ''
as $$
declare
  v_token text := amocrm.link_token(p_message_id);
begin
  insert into amocrm.welcome_links (token_hash, message_id, student_id, expires_at, password_mark)
  select sha256(convert_to(v_token, 'utf8')), p_message_id, tripwire_users.id,
    amocrm.clock() + make_interval(days => (select message_settings.link_days from public.message_settings)),
    amocrm.password_mark(tripwire_users.user_id)
  from public.tripwire_users where tripwire_users.id = p_student_id
  on conflict (token_hash) do update set expires_at = excluded.expires_at;
  return v_token;
end
$$;
comment on function amocrm.open_link(bigint, uuid) is
  'Returns the link token of a mail about to be sent; its days count from the last try.';

create function public.message_press_link(p_token text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := amocrm.clock();
  v_link amocrm.welcome_links;
  v_user record;
begin
  -- Found by its hash: comparing takes the same time however much of a guess is right.
  select * into v_link from amocrm.welcome_links
  where welcome_links.token_hash = sha256(convert_to(coalesce(p_token, ''), 'utf8')) for update;
  select users.id, users.email into v_user from public.tripwire_users
  join auth.users on users.id = tripwire_users.user_id
  where tripwire_users.id = v_link.student_id and tripwire_users.status = 'active';
  if v_user.id is null then
    return jsonb_build_object('outcome', 'unknown');
  elsif v_link.expires_at <= v_now then
    return jsonb_build_object('outcome', 'expired');
  elsif v_link.password_mark <> amocrm.password_mark(v_user.id) then
    return jsonb_build_object('outcome', 'password_set');
  end if;
  if v_link.recent_since > v_now - interval '10 minutes' then
    v_link.recent_press_count := v_link.recent_press_count + 1;
  else
    v_link.recent_press_count := 1;
    v_link.recent_since := v_now;
  end if;
  -- Five in ten minutes are plenty for one who closed the page again and again.
  if v_link.recent_press_count > 5 then
    return jsonb_build_object('outcome', 'too_many');
  end if;
  update amocrm.welcome_links set press_count = welcome_links.press_count + 1,
    first_press_at = coalesce(welcome_links.first_press_at, v_now),
    recent_press_count = v_link.recent_press_count, recent_since = v_link.recent_since
  where welcome_links.token_hash = v_link.token_hash;
  return jsonb_build_object('outcome', 'granted', 'email', v_user.email);
end
$$;
comment on function public.message_press_link(text) is
  'Handles a press of the welcome''s button: {outcome: granted, email}, or unknown, expired, password_set, too_many. Repeatable until then.';

revoke all on function amocrm.link_key(), amocrm.link_token(bigint), amocrm.password_mark(uuid), amocrm.open_link(bigint, uuid) from public;
revoke all on function public.message_press_link(text) from public, anon, authenticated;
grant execute on function public.message_press_link(text) to service_role;
