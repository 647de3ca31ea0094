-- The database says things in English, and keeps them so. Who reads Russian gets them by a table that has each sentence's
-- pattern beside its translation: for posts of alerts, which the functions cannot translate when they are what is broken.
-- The command and the mails do the same in TypeScript (watch/words), from which the rows are made.

create table amocrm.sentences (
  pattern text primary key,
  needle text not null,
  weight int not null,
  russian text not null,
  constraint weight_is_not_negative check (weight >= 0)
);
comment on table amocrm.sentences is 'Sentences that the database says, as patterns with a group for each fact, and their Russian.';
comment on column amocrm.sentences.needle is 'The longest fixed part of the sentence, looked for before the pattern is tried.';
comment on column amocrm.sentences.weight is 'How many letters of the sentence are fixed; of patterns that fit, the heaviest is taken.';
comment on column amocrm.sentences.russian is
  'The translation; {1} is the first fact, {1|word|words|of words} the form that goes with it as a number.';
alter table amocrm.sentences enable row level security;
revoke all on amocrm.sentences from public, anon, authenticated, service_role;

create function amocrm.russian_form(p_count text, p_forms text) returns text
language sql immutable set search_path = ''
as $$
  select case when p_count !~ '^[0-9]{1,18}$' then ''
    else (string_to_array(p_forms, '|'))[case
      when p_count::bigint % 10 = 1 and p_count::bigint % 100 <> 11 then 2
      when p_count::bigint % 10 between 2 and 4 and p_count::bigint % 100 not between 12 and 14 then 3
      else 4 end] end
$$;
comment on function amocrm.russian_form(text, text) is 'Returns the one of |заявка|заявки|заявок that goes with a number.';

create function amocrm.in_russian(p_sentence text, p_depth int default 0) returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_known record;
  v_facts text[];
begin
  if p_sentence is null or p_depth > 4 or p_sentence ~ '^\d+$' then
    return p_sentence;
  end if;
  for v_known in
    select sentences.pattern, sentences.russian from amocrm.sentences
    where strpos(p_sentence, sentences.needle) > 0
    order by sentences.weight desc, sentences.pattern
  loop
    v_facts := regexp_match(p_sentence, v_known.pattern);
    continue when v_facts is null;
    -- By parts, so that a fact that looks like a place is none.
    return (select string_agg(parts[1] || case when parts[2] is null then ''
        when parts[3] = '' then amocrm.in_russian(v_facts[parts[2]::int], p_depth + 1)
        else amocrm.russian_form(v_facts[parts[2]::int], parts[3]) end, '' order by ordinality)
      from regexp_matches(v_known.russian, '([^{]*)(?:\{(\d+)((?:\|[^{}|]*)*)\})?', 'g') with ordinality as places (parts, ordinality));
  end loop;
  if strpos(p_sentence, '; ') = 0 then
    return p_sentence;
  end if;
  return (select string_agg(amocrm.in_russian(part, p_depth + 1), '; ' order by ordinality)
    from unnest(string_to_array(p_sentence, '; ')) with ordinality as list (part, ordinality));
end
$$;
comment on function amocrm.in_russian(text, int) is
  'Returns a sentence of ours in Russian, with its facts, which may be sentences themselves; what it does not know stays.';

create function amocrm.by_the_clock(p_text text) returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_zone text := (select message_settings.time_zone from public.message_settings);
  v_text text := p_text;
  v_time text;
begin
  for v_time in
    select distinct times.matched[1] from regexp_matches(p_text, '(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d(?::\d\d)?))', 'g') as times (matched)
  loop
    begin
      v_text := replace(v_text, v_time, to_char(v_time::timestamptz at time zone v_zone, 'YYYY-MM-DD HH24:MI') || ', ' || v_zone);
    exception when datetime_field_overflow or invalid_datetime_format then
      -- What is no time after all stays as it is.
      null;
    end;
  end loop;
  return v_text;
end
$$;
comment on function amocrm.by_the_clock(text) is 'Returns a text with its times to the minute, by the clock of message_settings.time_zone.';

create function amocrm.asked_in_russian(p_sentence text) returns text
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform amocrm.require_reader();
  -- Notices are a line each.
  return amocrm.by_the_clock((select string_agg(amocrm.in_russian(line), E'\n' order by ordinality)
    from unnest(string_to_array(p_sentence, E'\n')) with ordinality as list (line, ordinality)));
end
$$;
comment on function amocrm.asked_in_russian(text) is 'Returns what amocrm_in_russian returns, to an admin who asks.';

create function public.amocrm_in_russian(p_sentence text) returns text
language sql stable set search_path = ''
begin atomic select amocrm.asked_in_russian(p_sentence); end;
comment on function public.amocrm_in_russian(text) is
  'Returns in Russian what a view, an alert or a refusal says in English, times to the minute; what it does not know stays.';

create function amocrm.in_the_admins_languages(p_english text, p_russian text) returns text
language sql stable set search_path = ''
as $$
  select case message_settings.alert_language when 'en' then p_english when 'ru' then p_russian
    else concat_ws(E'\n', p_english, p_russian) end
  from public.message_settings
$$;
comment on function amocrm.in_the_admins_languages(text, text) is
  'Returns the text in message_settings.alert_language; in both, one a line, where none is set.';

revoke all on function amocrm.russian_form(text, text), amocrm.in_russian(text, int), amocrm.by_the_clock(text),
  amocrm.in_the_admins_languages(text, text) from public;
revoke all on function amocrm.asked_in_russian(text), public.amocrm_in_russian(text) from public, anon;
grant execute on function amocrm.asked_in_russian(text), public.amocrm_in_russian(text) to authenticated, service_role;
