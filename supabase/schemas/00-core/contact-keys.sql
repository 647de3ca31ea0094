-- Two submissions are of one person if their e-mail or phone is the same after normalising.
-- The TypeScript twin, used to verify amoCRM's search hits, is _shared/platform/contact-keys.ts;
-- tests/database/people/contact-keys.test.ts runs one table of cases through both. In plpgsql and without select, since each
-- is asked several times for a lead: a session keeps such an expression ready, where SQL is planned anew.

create function amocrm.without_invisibles(p_text text) returns text
language plpgsql immutable parallel safe set search_path = ''
as $$
begin return (
  -- Soft hyphen, zero-width and direction marks, word joiner, byte order mark: people paste them without seeing them.
  regexp_replace(p_text, '[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]', '', 'g'));
end $$;
comment on function amocrm.without_invisibles(text) is 'Returns the text without characters that have no width.';

create function amocrm.trimmed(p_text text) returns text
language plpgsql immutable parallel safe set search_path = ''
as $$
begin return (
  -- No-break and typographic spaces are no whitespace to btrim(), so they are listed.
  nullif(
    btrim(amocrm.without_invisibles(p_text), E' \t\n\r\f\u000b\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'),
    ''));
end $$;
comment on function amocrm.trimmed(text) is 'Returns the text without invisible characters and outer spaces; null if nothing is left.';

create function amocrm.usual_email() returns text
language sql immutable parallel safe set search_path = ''
as $$
  -- No two hyphens in a row, since a domain in its second spelling (xn--) is not its own key. Nothing is counted: {1,64} alone
  -- would take ten times as long as all the rest.
  select '^[a-z0-9._+-]+@([a-z0-9]+(-[a-z0-9]+)*\.)+[a-z][a-z]+$'
$$;
comment on function amocrm.usual_email() is 'Returns the pattern of an address that is its own key if it has no more than 64 characters.';

create function amocrm.normalize_email(p_email text) returns text
language plpgsql immutable parallel safe set search_path = ''
as $$
declare
  v_email text;
begin
  if length(p_email) <= 64 and p_email ~ amocrm.usual_email() then
    return p_email;
  end if;
  v_email := amocrm.trimmed(p_email);
  v_email := normalize(lower(amocrm.trimmed(regexp_replace(v_email, '^(mailto:)?<?(.*?)>?$', '\2', 'i'))), nfc);
  v_email := coalesce(substring(v_email from '^.*@'), '') || amocrm.readable_domain(substring(v_email from '[^@]*$'));
  -- The domain may be non-ASCII (почта.example); a dot is needed, because an address without one cannot get mail from outside.
  -- Control characters are named, because which of them count as \s depends on the database's locale.
  if length(v_email) <= 254 and v_email ~ '^[^\s\x01-\x1f\x7f-\x9f@<>()",;:\\\[\]]{1,64}@([^\s\x01-\x1f\x7f-\x9f@<>()",;:\\\[\]./]+\.)+[^\s\x01-\x1f\x7f-\x9f@<>()",;:\\\[\]./]{2,}$' then
    return v_email;
  end if;
  return null;
end
$$;
comment on function amocrm.normalize_email(text) is
  'Returns the e-mail by which people are recognised: lower case, no spaces or invisible characters, readable domain; null if it is none.';

create function amocrm.number_characters() returns text
language sql immutable parallel safe set search_path = ''
as $$
  -- ASCII but for letters, comma, semicolon and slash; spaces and dashes of all kinds. Named one by one, because which
  -- other letters there are depends on the database's locale.
  select '\x01-\x2b\x2d\x2e\x30-\x3a\x3c-\x40\x5b-\x60\x7b-\x7f\u0085\u00a0\u00b7\u1680\u2000-\u2015\u2028\u2029\u202f\u205f\u2212\u3000'
$$;
comment on function amocrm.number_characters() is
  'Returns the characters that belong to a typed phone number, as the inside of a bracket expression.';

create function amocrm.number_in(p_text text) returns text
language plpgsql immutable parallel safe set search_path = ''
as $$
declare
  v_text text := amocrm.trimmed(p_text);
  v_before text := substring(v_text from '^[^0-9]*');
  v_number text := substring(substr(v_text, length(v_before) + 1) from '^[' || amocrm.number_characters() || ']*');
begin
  -- A plus belongs to the number if no word stands between.
  v_before := regexp_replace(v_before, '^.*[^' || amocrm.number_characters() || ']', '');
  return case when v_number ~ '[0-9]' then
    case when strpos(v_before, '+') > 0 then '+' else '' end || regexp_replace(v_number, '[^0-9]', '', 'g') end;
end
$$;
comment on function amocrm.number_in(text) is
  'Returns the digits of the first number in a text, with a leading + if there is one; null without a number.';

create function amocrm.international_digits(p_number text) returns text
language plpgsql immutable parallel safe set search_path = ''
as $$
declare
  v_digits text := ltrim(p_number, '+');
begin
  if p_number not like '+%' then
    -- Only these shapes are Russian or Kazakh without saying so; everything else keeps its own country code.
    v_digits := case
      when v_digits like '00%' then substr(v_digits, 3)
      when v_digits like '810%' then substr(v_digits, 4)
      when v_digits ~ '^[34789][0-9]{9}$' then '7' || v_digits
      when v_digits ~ '^8[34789][0-9]{9}$' then '7' || substr(v_digits, 2)
      when length(v_digits) > 10 then v_digits end;
  end if;
  -- No country has +89, so it was meant as 8; and a field with a fixed +7 was given 8 or 7 once more.
  return case
    when v_digits like '89%' then '7' || substr(v_digits, 2)
    when v_digits ~ '^7[78][0-9]{10}$' then '7' || substr(v_digits, 3)
    else v_digits end;
end
$$;
comment on function amocrm.international_digits(text) is
  'Returns a number''s digits from the country code on, unchecked; null if the number does not name its country.';

create function amocrm.usual_phone() returns text
language sql immutable parallel safe set search_path = ''
as $$
  -- The made-up ones are left out, ten times the same digit or ten in a row, and with the latter all that begin with 9876.
  select '^\+7(3+[0-24-9]|4+[0-35-9]|7+[0-689]|8+[0-79]|9+([0-7]|8[0-689]|87[0-57-9]))[0-9]*$'
$$;
comment on function amocrm.usual_phone() is
  'Returns the pattern of a usual Russian or Kazakh number, which is its own key if it has 12 characters.';

create function amocrm.read_phone(p_text text, out phone_key text, out is_dummy boolean, out has_number boolean)
language plpgsql stable parallel safe set search_path = ''
as $$
declare
  v_is_plain boolean;
  v_number text;
  v_digits text;
  v_international text;
  v_code amocrm.calling_codes;
  v_national text;
begin
  -- Most are Russian or Kazakh and were read before: one look tells, as for the usual address.
  if length(p_text) = 12 and p_text ~ amocrm.usual_phone() then
    phone_key := p_text;
    is_dummy := false;
    has_number := true;
    return;
  end if;
  -- A number that was read before, as each is three times on its way into the outbox, is plain.
  v_is_plain := coalesce(p_text ~ '^\+[0-9]{7,15}$', false);
  v_number := case when v_is_plain then p_text else amocrm.number_in(p_text) end;
  v_digits := ltrim(v_number, '+');
  v_international := amocrm.international_digits(v_number);
  -- No calling code begins another one, so at most one is found.
  select * into v_code from amocrm.calling_codes
  where calling_codes.calling_code in (left(v_international, 1), left(v_international, 2), left(v_international, 3));
  v_national := substr(v_international, length(v_code.calling_code) + 1);
  -- Seven digits are the shortest whole number that somebody could dial; fewer are no try to give one.
  has_number := v_is_plain or coalesce(length(regexp_replace(p_text, '[^0-9]', '', 'g')) >= 7, false);
  -- Behind a foreign code nine digits in a row may be somebody's (+60 12-345 6789), ten are nobody's.
  is_dummy := exists (
    select from (values (v_digits, 7), (substring(v_digits from '^[78]([0-9]{10})$'), 7), (v_national, 10)) as typed (digits, row_length)
    where length(typed.digits) >= 7 and typed.digits ~ '^([0-9])\1+$'
      or length(typed.digits) >= typed.row_length
        and (strpos('01234567890', typed.digits) > 0 or strpos('09876543210', typed.digits) > 0));
  if not is_dummy and length(v_international) <= 15 and v_national ~ ('^(?:' || v_code.national_pattern || ')$') then
    phone_key := '+' || v_international;
  end if;
end
$$;
comment on function amocrm.read_phone(text) is
  'Reads a typed phone: its key if valid, whether it is a made-up number, and whether it holds a number at all.';

create function amocrm.normalize_phone(p_phone text) returns text
language plpgsql stable parallel safe set search_path = ''
as $$
begin
  return case
    -- Many give an e-mail only: none is none, without a look into the list of countries.
    when p_phone is null then null
    when length(p_phone) = 12 and p_phone ~ amocrm.usual_phone() then p_phone
    else (amocrm.read_phone(p_phone)).phone_key end;
end
$$;
comment on function amocrm.normalize_phone(text) is
  'Returns the E.164 number by which people are recognised; null if the country has no such number or it is a dummy.';

create function amocrm.phone_as_typed(p_phone text) returns text
language plpgsql immutable parallel safe set search_path = ''
as $$
begin return (
  select case when regexp_replace(typed.phone, '^tel:', '', 'i') ~ ('[^' || amocrm.number_characters() || ']')
    then typed.phone end
  from (select amocrm.trimmed(p_phone) as phone) as typed);
end $$;
comment on function amocrm.phone_as_typed(text) is 'Returns what was typed if it holds more than the number, such as a remark; else null.';

revoke all on function amocrm.without_invisibles(text), amocrm.trimmed(text), amocrm.usual_email(), amocrm.normalize_email(text),
  amocrm.number_characters(), amocrm.number_in(text), amocrm.international_digits(text), amocrm.usual_phone(), amocrm.read_phone(text), amocrm.normalize_phone(text),
  amocrm.phone_as_typed(text) from public;
grant execute on function amocrm.without_invisibles(text), amocrm.trimmed(text), amocrm.usual_email(), amocrm.normalize_email(text),
  amocrm.number_characters(), amocrm.number_in(text), amocrm.international_digits(text), amocrm.usual_phone(), amocrm.read_phone(text), amocrm.normalize_phone(text),
  amocrm.phone_as_typed(text) to service_role;
