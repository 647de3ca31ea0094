-- A manager makes somebody a student: an account of Supabase Auth and a row of tripwire_users, both or neither, and one
-- student per address however often and however simultaneously the same one is asked for.
--
-- The account lives behind an API, so no transaction spans the two. Hence an admission: what was asked for, written down
-- before the account is made and deleted together with the row's insert. Whatever dies in between leaves an admission,
-- and a later call for the same address, or the sweep, finishes it.

-- A project that adopts us may have an address twice already. Its rows stay; the one with an account, else the oldest,
-- is the student from now on.
update public.tripwire_users set email_key = keyed.email_key
from (
  select tripwire_users.id, amocrm.normalize_email(tripwire_users.email) as email_key,
    row_number() over (partition by amocrm.normalize_email(tripwire_users.email)
      order by tripwire_users.user_id is null, tripwire_users.created_at, tripwire_users.id) as place
  from public.tripwire_users
) as keyed
where keyed.id = tripwire_users.id and keyed.place = 1 and keyed.email_key is not null;

create unique index tripwire_users_one_per_email on public.tripwire_users (email_key);

create function amocrm.set_student_email_key() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- An old double keeps its null as long as its address is not really changed.
  if tg_op = 'INSERT' or amocrm.normalize_email(new.email) is distinct from amocrm.normalize_email(old.email) then
    new.email_key := amocrm.normalize_email(new.email);
  else
    new.email_key := old.email_key;
  end if;
  return new;
end
$$;
comment on function amocrm.set_student_email_key() is 'Keeps email_key equal to the normalised e-mail; nothing else writes that column.';
revoke all on function amocrm.set_student_email_key() from public;
create trigger amocrm_200_email_key before insert or update of email, email_key on public.tripwire_users
  for each row execute function amocrm.set_student_email_key();

create table amocrm.admissions (
  email_key text primary key,
  full_name text not null,
  phone text,
  granted_by uuid not null,
  begun_at timestamptz not null default amocrm.clock()
);
comment on table amocrm.admissions is
  'Students whom a manager requested and who are not complete yet: usually a tenth of a second, longer after a dead call.';
alter table amocrm.admissions enable row level security;
revoke all on amocrm.admissions from public, anon, authenticated;
grant select on amocrm.admissions to service_role;

create function amocrm.student_answer(p_student public.tripwire_users) returns jsonb
language sql stable set search_path = ''
as $$
  select jsonb_build_object('id', p_student.id, 'user_id', p_student.user_id, 'full_name', p_student.full_name,
    'email', p_student.email, 'phone', p_student.phone, 'status', p_student.status, 'granted_by', p_student.granted_by,
    'created_at', p_student.created_at)
$$;
comment on function amocrm.student_answer(public.tripwire_users) is 'Returns the student as the manager''s request is answered with.';

create function amocrm.complete_student(p_id uuid, p_full_name text, p_phone text) returns public.tripwire_users
language plpgsql set search_path = ''
as $$
declare
  v_student public.tripwire_users;
begin
  -- What is there stays, since somebody may have corrected it; what is missing is filled in.
  update public.tripwire_users set full_name = coalesce(tripwire_users.full_name, p_full_name),
    phone = coalesce(tripwire_users.phone, p_phone)
  where tripwire_users.id = p_id
    and (tripwire_users.full_name is null and p_full_name is not null or tripwire_users.phone is null and p_phone is not null);
  select * into v_student from public.tripwire_users where tripwire_users.id = p_id;
  return v_student;
end
$$;
comment on function amocrm.complete_student(uuid, text, text) is 'Fills a student''s empty name and phone only; returns the student.';

create function amocrm.account_of(p_email_key text) returns uuid
language sql stable set search_path = ''
as $$
  -- Supabase Auth stores addresses in lower case, and one account per address beside those of single sign-on.
  select users.id from auth.users where users.email = p_email_key and users.is_sso_user = false
$$;
comment on function amocrm.account_of(text) is 'Returns the account of Supabase Auth that has an address, or null.';

create function public.tripwire_begin_admission(p_email text, p_full_name text, p_phone text, p_granted_by uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_email_key text := amocrm.normalize_email(p_email);
  v_student public.tripwire_users;
begin
  if v_email_key is null then
    raise exception 'p_email is not an e-mail address' using errcode = '22023';
  end if;
  select * into v_student from public.tripwire_users where tripwire_users.email_key = v_email_key;
  -- A student whose account was deleted gets a new one.
  if v_student.user_id is not null then
    v_student := amocrm.complete_student(v_student.id, p_full_name, p_phone);
    return jsonb_build_object('state', 'there', 'student', amocrm.student_answer(v_student));
  end if;
  insert into amocrm.admissions (email_key, full_name, phone, granted_by) values (v_email_key, p_full_name, p_phone, p_granted_by)
  on conflict (email_key) do update set full_name = excluded.full_name, phone = excluded.phone,
    granted_by = excluded.granted_by, begun_at = excluded.begun_at;
  return jsonb_build_object('state', 'begun', 'userId', amocrm.account_of(v_email_key));
end
$$;
comment on function public.tripwire_begin_admission(text, text, text, uuid) is
  'Returns the student with this address; otherwise notes the admission and returns the account that has the address, if any.';

create function amocrm.admit(p_user_id uuid, p_email text, p_full_name text, p_phone text, p_granted_by uuid) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  v_email_key text := amocrm.normalize_email(p_email);
  v_student public.tripwire_users;
  v_is_new boolean;
  v_is_joined boolean;
begin
  insert into public.tripwire_users (user_id, full_name, email, phone, granted_by)
  values (p_user_id, p_full_name, p_email, p_phone, p_granted_by)
  on conflict do nothing
  returning * into v_student;
  v_is_new := found;
  v_is_joined := found;
  if not v_is_new then
    update public.tripwire_users set user_id = p_user_id
    where tripwire_users.email_key = v_email_key and tripwire_users.user_id is null
      and not exists (select from public.tripwire_users as other where other.user_id = p_user_id);
    v_is_joined := found;
    -- An account whose address was changed in Auth is still the same student's.
    select * into v_student from public.tripwire_users
    where tripwire_users.user_id = p_user_id or tripwire_users.email_key = v_email_key
    order by tripwire_users.user_id = p_user_id desc nulls last limit 1;
    v_student := amocrm.complete_student(v_student.id, p_full_name, p_phone);
  end if;
  -- A stranger may have signed up with the address before: then the account is nobody's until its mailbox was read.
  if v_is_joined and amocrm.secure_account(p_user_id) then
    update public.tripwire_users set tokens_from = amocrm.clock() where tripwire_users.id = v_student.id;
  end if;
  delete from amocrm.admissions where admissions.email_key = v_email_key;
  return jsonb_build_object('state', 'admitted', 'isNew', v_is_new, 'student', amocrm.student_answer(v_student));
exception when foreign_key_violation then
  -- The account was deleted a moment ago. The constraint is looked at, because a table may have others.
  if exists (select from auth.users where users.id = p_user_id) then
    raise;
  end if;
  return jsonb_build_object('state', 'account_gone');
end
$$;
comment on function amocrm.admit(uuid, text, text, text, uuid) is
  'Makes an account a student and ends the admission in one transaction; a repeated call returns the same student.';

create function public.tripwire_admit(p_user_id uuid, p_email text, p_full_name text, p_phone text, p_granted_by uuid) returns jsonb
language sql security definer set search_path = ''
as $$ select amocrm.admit(p_user_id, p_email, p_full_name, p_phone, p_granted_by) $$;
comment on function public.tripwire_admit(uuid, text, text, text, uuid) is
  'Makes an account a student; returns {state: admitted, isNew, student}, or {state: account_gone} if the account no longer exists.';

create function public.tripwire_withdraw_admission(p_email text, p_created_user_id uuid) returns boolean
language plpgsql security definer set search_path = ''
as $$
begin
  delete from amocrm.admissions where admissions.email_key = amocrm.normalize_email(p_email);
  -- Waits for a call that is making this account a student, and then sees its row.
  perform from auth.users where users.id = p_created_user_id for update;
  -- Young and never used: a wrong id must not cost anybody an account.
  delete from auth.users
  where users.id = p_created_user_id and users.created_at > amocrm.clock() - interval '10 minutes' and users.last_sign_in_at is null
    and not exists (select from public.tripwire_users where tripwire_users.user_id = p_created_user_id);
  return found;
end
$$;
comment on function public.tripwire_withdraw_admission(text, uuid) is
  'Cancels an admission and deletes the account made for it unless a student has it; true if an account was deleted.';

create function amocrm.finish_admissions() returns int
language plpgsql security definer set search_path = ''
as $$
declare
  v_admission amocrm.admissions;
  v_user_id uuid;
  v_count int := 0;
begin
  for v_admission in
    select * from amocrm.admissions where admissions.begun_at < amocrm.clock() - interval '2 minutes'
    order by admissions.begun_at limit 100 for update skip locked
  loop
    begin
      v_user_id := amocrm.account_of(v_admission.email_key);
      if v_user_id is null then
        delete from amocrm.admissions where admissions.email_key = v_admission.email_key;
      else
        perform amocrm.admit(v_user_id, v_admission.email_key, v_admission.full_name, v_admission.phone, v_admission.granted_by);
        v_count := v_count + 1;
      end if;
    exception when others then
      raise warning 'an admission cannot be finished: % (%)', sqlerrm, sqlstate;
      delete from amocrm.admissions
      where admissions.email_key = v_admission.email_key and admissions.begun_at < amocrm.clock() - interval '1 day';
    end;
  end loop;
  return v_count;
end
$$;
comment on function amocrm.finish_admissions() is
  'Completes admissions of calls that died: makes a student where there is an account, else deletes them; returns how many students.';

revoke all on function amocrm.student_answer(public.tripwire_users), amocrm.complete_student(uuid, text, text), amocrm.account_of(text),
  amocrm.admit(uuid, text, text, text, uuid), amocrm.finish_admissions() from public;
revoke all on function public.tripwire_begin_admission(text, text, text, uuid), public.tripwire_admit(uuid, text, text, text, uuid),
  public.tripwire_withdraw_admission(text, uuid) from public, anon, authenticated;
grant execute on function public.tripwire_begin_admission(text, text, text, uuid), public.tripwire_admit(uuid, text, text, text, uuid),
  public.tripwire_withdraw_admission(text, uuid) to service_role;

select amocrm.schedule_job('amocrm-finish-admissions', '* * * * *', 'select amocrm.finish_admissions()');
