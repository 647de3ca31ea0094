-- Short links: one for each person, message and target. The code is all that the address shows, and it is drawn from the
-- server's strong randomness: 31 to the power of ten, so trying codes finds none.

create function amocrm.draw_code() returns text
language plpgsql volatile set search_path = ''
as $$
declare
  -- Without letters and digits that are mistaken for one another.
  v_letters constant text := '23456789abcdefghjkmnpqrstuvwxyz';
  v_code text := '';
  v_bytes bytea;
  v_byte int;
begin
  while length(v_code) < 10 loop
    v_bytes := extensions.gen_random_bytes(16);
    for v_place in 0 .. 15 loop
      v_byte := get_byte(v_bytes, v_place);
      -- 248 is 8 times 31: beyond it some letters would come more often.
      if v_byte < 248 and length(v_code) < 10 then
        v_code := v_code || substr(v_letters, v_byte % 31 + 1, 1);
      end if;
    end loop;
  end loop;
  return v_code;
end
$$;
comment on function amocrm.draw_code() is 'Draws ten letters out of 31, each as likely as the others.';

create table public.short_links (
  code text primary key default amocrm.draw_code(),
  target_url text not null,
  target_name text,
  lead_id uuid,
  student_id uuid,
  message_id bigint,
  channel text,
  is_trap boolean not null default false,
  created_at timestamptz not null default amocrm.clock(),
  expires_at timestamptz,
  constraint code_fits_an_address check (code ~ '^[A-Za-z0-9_-]{1,64}$'),
  constraint target_is_http check (amocrm.is_target(target_url)),
  constraint channel_is_known check (channel in ('mail', 'sms'))
);
comment on table public.short_links is 'Short links and whom they were made for; the function go answers them.';
comment on column public.short_links.target_url is 'The whole address that go leads to, with its parameters.';
comment on column public.short_links.target_name is 'The row of link_targets that it was made of.';
comment on column public.short_links.lead_id is 'A row of unified_lead_tracking, without a foreign key, since sending must not wait for a lead''s lock.';
comment on column public.short_links.message_id is 'The message that the link stands in; clicks on several links of one are judged together.';
comment on column public.short_links.channel is 'How it was sent. No gateway opens the links of an SMS, so there a single link is judged more kindly.';
comment on column public.short_links.is_trap is 'True for a link that no person sees: whoever opens it opened the others of its mail as a machine.';
comment on column public.short_links.expires_at is 'From then on go leads to LINK_FALLBACK_URL, or answers 410; null for never.';
create index short_links_of_message_idx on public.short_links (message_id) where message_id is not null;
create index short_links_of_lead_idx on public.short_links (lead_id) where lead_id is not null;
create index short_links_of_student_idx on public.short_links (student_id) where student_id is not null;
create index short_links_by_end_idx on public.short_links (expires_at) where expires_at is not null;
alter table public.short_links enable row level security;
revoke all on public.short_links from public, anon, authenticated, service_role;
grant select, insert on public.short_links to service_role;

create function public.short_link_make(
  p_target text, p_lead_id uuid default null, p_student_id uuid default null, p_message_id bigint default null,
  p_parameters jsonb default '{}', p_days int default 365, p_channel text default null, p_is_trap boolean default false
) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_target_url text := (select link_targets.target_url from public.link_targets where link_targets.name = p_target);
  v_code text;
begin
  if v_target_url is null then
    raise exception 'link_targets has no row %', coalesce(p_target, 'null') using errcode = '22023',
      hint = 'Links lead only to addresses that stand there: insert into link_targets (name, target_url) values (…).';
  elsif p_days is not null and p_days not between 1 and 3650 then
    raise exception 'p_days must be between 1 and 3650' using errcode = '22023', hint = 'null is for a link that never ends.';
  elsif p_channel is not null and p_channel not in ('mail', 'sms') then
    raise exception 'p_channel must be mail or sms' using errcode = '22023';
  elsif jsonb_typeof(p_parameters) is distinct from 'object'
    or exists (select from jsonb_object_keys(p_parameters) as name where name !~ '^[a-z][a-z0-9_]{0,39}$') then
    raise exception 'p_parameters is not an object of parameters' using errcode = '22023', hint = 'Such as {"utm_source": "mail", "utm_campaign": "spring"}.';
  end if;
  loop
    v_code := amocrm.draw_code();
    insert into public.short_links (code, target_url, target_name, lead_id, student_id, message_id, channel, is_trap, expires_at)
    values (v_code, amocrm.with_parameters(v_target_url, p_parameters || jsonb_build_object('click_id', v_code)), p_target, p_lead_id, p_student_id,
      p_message_id, p_channel, p_is_trap, amocrm.clock() + make_interval(days => p_days))
    on conflict (code) do nothing;
    exit when found;
  end loop;
  return v_code;
end
$$;
comment on function public.short_link_make(text, uuid, uuid, bigint, jsonb, int, text, boolean) is
  'Makes a link for a lead or student, message and target; returns its code. Parameters and click_id are appended unless the target has them.';

create function public.link_open(p_code text) returns jsonb
language sql stable security definer set search_path = ''
as $$
  select jsonb_build_object('target_url', short_links.target_url, 'is_expired', coalesce(short_links.expires_at <= amocrm.clock(), false))
  from public.short_links where short_links.code = p_code
$$;
comment on function public.link_open(text) is
  'Returns where a code leads and whether it has expired, or null. It writes nothing, so that nothing can hold up an answer.';

revoke all on function amocrm.draw_code() from public;
grant execute on function amocrm.draw_code() to service_role;
revoke all on function public.short_link_make(text, uuid, uuid, bigint, jsonb, int, text, boolean), public.link_open(text) from public, anon, authenticated;
grant execute on function public.short_link_make(text, uuid, uuid, bigint, jsonb, int, text, boolean), public.link_open(text) to service_role;
