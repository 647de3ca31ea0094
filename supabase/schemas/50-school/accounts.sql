-- Whose a student's account is. Whoever signs up first with an address owns a password for it, proven or not; and the account
-- lives by its own address, whatever the student's row says. So an account whose address nobody has proven is emptied
-- before it becomes a student's, and the two addresses are changed together.

create function amocrm.is_address_proven(p_user_id uuid) returns boolean
language sql stable set search_path = ''
as $$
  select coalesce(users.raw_app_meta_data ->> 'role', '') <> ''
    -- Confirmed by a mail of Supabase's own and used. Where sign-ups are confirmed by themselves, no such mail was sent.
    or users.email_confirmed_at is not null and users.last_sign_in_at is not null
      and (users.confirmation_sent_at is not null or users.invited_at is not null)
    or exists (select from auth.identities where identities.user_id = users.id and identities.provider not in ('email', 'phone')
      and lower(identities.identity_data ->> 'email') = users.email and identities.identity_data ->> 'email_verified' = 'true')
  from auth.users where users.id = p_user_id
$$;
comment on function amocrm.is_address_proven(uuid) is
  'True if a mail of Supabase''s or a sign-in provider has proven the account''s address, or an admin gave the account a role.';

create function amocrm.close_account(p_user_id uuid) returns void
language plpgsql set search_path = ''
as $$
begin
  update auth.users set encrypted_password = null, confirmation_token = '', recovery_token = '', reauthentication_token = '',
    email_change = '', email_change_token_new = '', email_change_token_current = '', phone = null, phone_confirmed_at = null
  where users.id = p_user_id;
  delete from auth.sessions where sessions.user_id = p_user_id;
  delete from auth.identities where identities.user_id = p_user_id and identities.provider <> 'email';
  -- Tables that came with later versions of Supabase Auth.
  if to_regclass('auth.mfa_factors') is not null then
    execute 'delete from auth.mfa_factors where user_id = $1' using p_user_id;
  end if;
  if to_regclass('auth.one_time_tokens') is not null then
    execute 'delete from auth.one_time_tokens where user_id = $1' using p_user_id;
  end if;
end
$$;
comment on function amocrm.close_account(uuid) is
  'Closes every way into an account except its mailbox: password, sessions, other sign-ins, second factors and pending changes.';

create function amocrm.secure_account(p_user_id uuid) returns boolean
language plpgsql set search_path = ''
as $$
begin
  if amocrm.is_address_proven(p_user_id) or not exists (select from auth.users where users.id = p_user_id
    and (coalesce(users.encrypted_password, '') <> '' or users.last_sign_in_at is not null or users.phone is not null
      or users.email_change <> '' or exists (select from auth.identities where identities.user_id = p_user_id and identities.provider <> 'email'))) then
    return false;
  end if;
  perform amocrm.close_account(p_user_id);
  return true;
end
$$;
comment on function amocrm.secure_account(uuid) is
  'Closes an account whose address nobody has proven, before it becomes a student''s; true if there was a way in.';

create function amocrm.correct_email(p_student_id uuid, p_email text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_email text := amocrm.normalize_email(p_email);
  v_student public.tripwire_users;
  v_is_moved boolean := false;
begin
  perform amocrm.require_manager();
  if v_email is null then
    raise exception 'p_email is not an e-mail address' using errcode = '22023';
  end if;
  perform amocrm.lock_queue('message');
  select * into v_student from public.tripwire_users where tripwire_users.id = p_student_id for update;
  if v_student.id is null then
    raise exception 'no student % in tripwire_users', p_student_id using errcode = '22023';
  elsif exists (select from public.tripwire_users as other where other.email_key = v_email and other.id <> p_student_id) then
    raise exception 'another student has this address' using errcode = '23505', hint = 'Two rows of one person: take the access from one.';
  elsif exists (select from auth.users where users.email = v_email and not users.is_sso_user and users.id is distinct from v_student.user_id) then
    raise exception 'another account has this address' using errcode = '23505',
      hint = 'Its owner is somebody else to Supabase Auth: delete that account, or make the student anew with this address.';
  end if;
  if exists (select from auth.users where users.id = v_student.user_id and users.email is distinct from v_email) then
    -- Whoever reads the mailbox of before may have set a password by the link.
    perform amocrm.close_account(v_student.user_id);
    update auth.users set email = v_email, email_confirmed_at = coalesce(users.email_confirmed_at, amocrm.clock()), updated_at = amocrm.clock()
    where users.id = v_student.user_id;
    update auth.identities set identity_data = identities.identity_data || jsonb_build_object('email', v_email)
    where identities.user_id = v_student.user_id and identities.provider = 'email';
    delete from amocrm.welcome_links where welcome_links.student_id = p_student_id;
    v_is_moved := true;
  end if;
  update public.tripwire_users set email = v_email,
    tokens_from = case when v_is_moved then amocrm.clock() else tripwire_users.tokens_from end
  where tripwire_users.id = p_student_id;
  -- One that waits goes to the new address by itself.
  if v_is_moved and not exists (select from amocrm.outbox where outbox.subject_id = p_student_id and outbox.kind = 'student.welcome'
      and outbox.state in ('pending', 'leased', 'uncertain')) then
    perform amocrm.append('student.welcome', 'tripwire_users', jsonb_build_array(jsonb_build_object('id', p_student_id, 'email', v_email)));
    perform amocrm.ring('message');
  end if;
  perform amocrm.note_action('correct_email', jsonb_build_object('student_id', p_student_id), jsonb_build_object('account_moved', v_is_moved));
  return jsonb_build_object('id', p_student_id, 'email', v_email, 'account_moved', v_is_moved);
end
$$;
comment on function amocrm.correct_email(uuid, text) is 'Corrects a student''s address for tripwire_correct_email.';

create function public.tripwire_correct_email(p_id uuid, p_email text) returns jsonb
language sql set search_path = ''
begin atomic select amocrm.correct_email(p_id, p_email); end;
comment on function public.tripwire_correct_email(uuid, text) is
  'Changes the address of student and account for a manager, voids password and links, sends a new welcome; 23505 if taken.';

create function amocrm.logins_that_differ() returns bigint
language sql stable security definer set search_path = ''
as $$
  select count(*) from public.tripwire_users
  join auth.users on users.id = tripwire_users.user_id
  where tripwire_users.status = 'active' and amocrm.normalize_email(users.email) is distinct from amocrm.normalize_email(tripwire_users.email)
$$;
comment on function amocrm.logins_that_differ() is
  'Counts active students whose address in tripwire_users differs from that of their account, so that mails name a wrong login.';

revoke all on function amocrm.is_address_proven(uuid), amocrm.close_account(uuid), amocrm.secure_account(uuid),
  amocrm.correct_email(uuid, text), amocrm.logins_that_differ() from public;
revoke all on function public.tripwire_correct_email(uuid, text) from public, anon;
grant execute on function amocrm.correct_email(uuid, text), public.tripwire_correct_email(uuid, text) to authenticated, service_role;
