-- What sequences say: a text for each code, channel and language. A placeholder that nobody could fill is refused when the
-- text is written, and not found out by the first person who gets it.

create function amocrm.placeholders_of(p_text text) returns setof text
language sql immutable set search_path = ''
as $$ select distinct found.parts[1] from regexp_matches(coalesce(p_text, ''), '\{([^{}]*)\}', 'g') as found (parts) $$;
comment on function amocrm.placeholders_of(text) is 'Lists what stands in braces in a text.';

create table public.followup_templates (
  code text not null,
  channel text not null,
  language text not null,
  subject text,
  body text not null,
  created_at timestamptz not null default amocrm.clock(),
  updated_at timestamptz not null default amocrm.clock(),
  primary key (code, channel, language),
  constraint code_is_a_word check (code ~ '^[A-Za-z][A-Za-z0-9_.-]{0,59}$'),
  constraint channel_is_known check (channel in ('mail', 'sms')),
  constraint language_is_known check (language in ('ru', 'kk', 'en')),
  constraint mail_has_a_subject check ((channel = 'mail') = (amocrm.trimmed(subject) is not null)),
  constraint subject_is_one_line check (subject !~ '[[:cntrl:]]' and length(subject) <= 200),
  constraint body_is_not_empty check (amocrm.trimmed(body) is not null and length(body) <= 20000)
);
comment on table public.followup_templates is
  'Texts of sequences. Placeholders: {name}, {link:NAME}, {metadata.a.b}, and for metadata |money:KZT, |date, |plural:one,few,many.';
comment on column public.followup_templates.language is 'A person without a text in the own language gets that of message_settings.language, else any.';
alter table public.followup_templates enable row level security;
revoke all on public.followup_templates from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.followup_templates to service_role;
create trigger touch_updated_at before update on public.followup_templates for each row execute function amocrm.touch_updated_at();

create function amocrm.refuse_bad_template() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_placeholder text;
  v_link text;
begin
  for v_placeholder in select amocrm.placeholders_of(new.subject) union select amocrm.placeholders_of(new.body) loop
    v_link := substring(v_placeholder from '^link:(.+)$');
    if v_link is not null and not exists (select from public.link_targets where link_targets.name = v_link) then
      raise exception 'link_targets has no row %', v_link using errcode = '22023',
        hint = 'Links lead only to addresses that stand there: insert into link_targets (name, target_url) values (…).';
    elsif v_link is null
      and v_placeholder !~ '^(name|metadata(\.[A-Za-z0-9_-]{1,60}){1,8}(\|(money:[A-Z]{3}|date|plural:[^,|]{1,40}(,[^,|]{1,40}){0,2}))?)$' then
      raise exception 'the placeholder "%" is unknown', v_placeholder using errcode = '22023',
        hint = 'docs/areas/follow-ups.md lists the placeholders.';
    end if;
  end loop;
  return new;
end
$$;
comment on function amocrm.refuse_bad_template() is 'Refuses, with 22023, a template with a placeholder that nothing fills or a link without a target.';
revoke all on function amocrm.placeholders_of(text), amocrm.refuse_bad_template() from public;
create trigger refuse_bad_template before insert or update of subject, body on public.followup_templates
  for each row execute function amocrm.refuse_bad_template();

create function amocrm.template_for(p_code text, p_channel text, p_language text) returns public.followup_templates
language sql stable set search_path = ''
as $$
  select followup_templates.* from public.followup_templates
  where followup_templates.code = p_code and followup_templates.channel = p_channel
  order by followup_templates.language = p_language desc nulls last,
    followup_templates.language = (select message_settings.language from public.message_settings) desc, followup_templates.language
  limit 1
$$;
comment on function amocrm.template_for(text, text, text) is 'Returns the text for a person: in the own language, else the school''s, else any; no row if there is none.';
revoke all on function amocrm.template_for(text, text, text) from public;
