-- Which rows are a person's, whatever spelling they keep e-mail and phone in: those from before the installation, and what
-- visitors typed, are not in the normal form. A row with a shared phone and another e-mail is somebody else's (rule 2).

create function amocrm.may_hold(p_typed_email text, p_typed_phone text, p_emails text[], p_phones text[]) returns boolean
language sql immutable set search_path = ''
as $$
  -- Cheap, since normalising a million rows takes long: only where the letters or the last digits are there at all.
  select exists (select from unnest(p_emails) as email (key)
      where strpos(lower(p_typed_email), split_part(email.key, '@', 1)) > 0 or p_typed_email ~ '[^\x01-\x7f]')
    or exists (select from unnest(p_phones) as phone (key)
      where strpos(regexp_replace(p_typed_phone, '[^0-9]', '', 'g'), right(phone.key, 7)) > 0)
$$;
comment on function amocrm.may_hold(text, text, text[], text[]) is 'False only for a row that has none of the keys in any spelling.';

create function amocrm.is_row_of(p_typed_email text, p_typed_phone text, p_emails text[], p_phones text[]) returns boolean
language plpgsql stable set search_path = ''
as $$
declare
  v_email text;
begin
  if not amocrm.may_hold(p_typed_email, p_typed_phone, p_emails, p_phones) then
    return false;
  end if;
  v_email := amocrm.normalize_email(p_typed_email);
  return coalesce(v_email = any (p_emails), false)
    or coalesce(amocrm.normalize_phone(p_typed_phone) = any (p_phones), false)
      and (v_email is null or cardinality(p_emails) = 0 and amocrm.person_of_key('email', v_email) is null);
end
$$;
comment on function amocrm.is_row_of(text, text, text[], text[]) is
  'True if a row with this typed e-mail and phone belongs to the keys'' person; a phone beside a foreign e-mail does not count.';

create function amocrm.leads_of_keys(p_emails text[], p_phones text[]) returns setof uuid
language sql stable set search_path = ''
as $$
  -- By index what the trigger has normalised, and one by one what was there before it.
  select lead.id from public.unified_lead_tracking as lead
  where (lead.email = any (p_emails) or lead.phone = any (p_phones)) and amocrm.is_row_of(lead.email, lead.phone, p_emails, p_phones)
  union
  select lead.id from public.unified_lead_tracking as lead
  where lead.created_at < (select installation.installed_at from amocrm.installation)
    and amocrm.may_hold(lead.email, lead.phone, p_emails, p_phones) and amocrm.is_row_of(lead.email, lead.phone, p_emails, p_phones)
$$;
comment on function amocrm.leads_of_keys(text[], text[]) is 'Lists the leads of the person with these keys, in whatever spelling.';

create function amocrm.students_of_keys(p_emails text[], p_phones text[]) returns setof uuid
language sql stable set search_path = ''
as $$
  select student.id from public.tripwire_users as student
  where student.email_key = any (p_emails) or amocrm.is_row_of(student.email, student.phone, p_emails, p_phones)
$$;
comment on function amocrm.students_of_keys(text[], text[]) is 'Lists the students of the person with these keys, in whatever spelling.';

revoke all on function amocrm.may_hold(text, text, text[], text[]), amocrm.is_row_of(text, text, text[], text[]),
  amocrm.leads_of_keys(text[], text[]), amocrm.students_of_keys(text[], text[]) from public;
