-- Two submissions are of one person if their e-mail or phone is the same after normalising.
-- The TypeScript twin, used to verify amoCRM's search hits, is _shared/amocrm/contact-keys.ts;
-- tests/database/contact-keys.test.ts runs one table of cases through both.

create function amocrm.without_invisibles(p_text text) returns text
language sql immutable parallel safe set search_path = ''
as $$
  -- Soft hyphen, zero-width and direction marks, word joiner, byte order mark: people paste them without seeing them.
  select regexp_replace(p_text, '[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]', '', 'g')
$$;
comment on function amocrm.without_invisibles(text) is 'The text without characters that have no width.';

create function amocrm.trimmed(p_text text) returns text
language sql immutable parallel safe set search_path = ''
as $$
  -- No-break and typographic spaces are no whitespace to btrim(), so they are listed.
  select nullif(
    btrim(amocrm.without_invisibles(p_text), E' \t\n\r\f\v\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'),
    '')
$$;
comment on function amocrm.trimmed(text) is 'The text without invisible characters and outer spaces of any kind; null if nothing is left.';

create function amocrm.normalize_email(p_email text) returns text
language plpgsql immutable parallel safe set search_path = ''
as $$
declare
  v_email text := amocrm.trimmed(p_email);
begin
  v_email := lower(amocrm.trimmed(regexp_replace(v_email, '^(mailto:)?<?(.*?)>?$', '\2', 'i')));
  -- The domain may be non-ASCII (почта.example); a dot is needed, because an address without one cannot get mail from outside.
  -- Control characters are named, because which of them count as \s depends on the database's locale.
  if length(v_email) <= 254 and v_email ~ '^[^\s\x01-\x1f\x7f-\x9f@<>()",;:\\\[\]]{1,64}@([^\s\x01-\x1f\x7f-\x9f@<>()",;:\\\[\]./]+\.)+[^\s\x01-\x1f\x7f-\x9f@<>()",;:\\\[\]./]{2,}$' then
    return v_email;
  end if;
  return null;
end
$$;
comment on function amocrm.normalize_email(text) is
  'The address in lower case without spaces, invisible characters and <>; null if it is none. The key by which people are recognised.';

create function amocrm.normalize_phone(p_phone text) returns text
language plpgsql immutable parallel safe set search_path = ''
as $$
declare
  v_phone text := amocrm.trimmed(p_phone);
  v_digits text := regexp_replace(v_phone, '[^0-9]', '', 'g');
  v_has_plus boolean := v_phone like '+%' or v_phone like '(+%';
begin
  if v_phone ~ '[[:alpha:]]' then
    return null;
  end if;
  if not v_has_plus and v_digits like '00%' then
    v_digits := substr(v_digits, 3);
    v_has_plus := true;
  end if;
  if v_has_plus then
    return case when length(v_digits) between 7 and 15 then '+' || v_digits end;
  end if;
  -- Only these two shapes are Russian or Kazakh without saying so; everything else keeps its own country code.
  return case
    when length(v_digits) = 11 and v_digits like '8%' then '+7' || substr(v_digits, 2)
    when length(v_digits) = 10 then '+7' || v_digits
    when length(v_digits) between 11 and 15 then '+' || v_digits
  end;
end
$$;
comment on function amocrm.normalize_phone(text) is
  'The number in E.164; only 8 + 10 digits and bare 10 digits become +7. Null if it is no phone number.';

revoke all on function amocrm.without_invisibles(text), amocrm.trimmed(text),
  amocrm.normalize_email(text), amocrm.normalize_phone(text) from public;
grant execute on function amocrm.without_invisibles(text), amocrm.trimmed(text),
  amocrm.normalize_email(text), amocrm.normalize_phone(text) to service_role;
