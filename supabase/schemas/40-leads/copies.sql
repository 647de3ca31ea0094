-- From here on visitors' leads come in: who may insert, what the triggers do, and the copy that every submission gets in
-- unified_lead_tracking, in its transaction. A project that adopts this one may have triggers and columns of its own that
-- stand in the way; what would turn every visitor away rolls this file back, so that its forms go on as before.

create table amocrm.uncopied_leads (
  landing_lead_id uuid primary key references public.landing_leads (id) on delete cascade,
  error_code text not null,
  error_place text,
  noted_at timestamptz not null default amocrm.clock()
);
comment on table amocrm.uncopied_leads is
  'Submissions whose copy to unified_lead_tracking an object of the project refused; the sweep tries again.';
comment on column amocrm.uncopied_leads.error_place is 'The column, constraint or table that the error names; never its text, which may hold what a visitor typed.';
alter table amocrm.uncopied_leads enable row level security;
revoke all on amocrm.uncopied_leads from public, anon, authenticated, service_role;
grant select on amocrm.uncopied_leads to service_role;

create function amocrm.copy_landing_leads() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_code text;
  v_column text;
  v_constraint text;
begin
  insert into public.unified_lead_tracking (landing_lead_id, created_at, full_name, email, phone, source,
    utm_source, utm_medium, utm_campaign, utm_content, utm_term, metadata, consent_at)
  select new_rows.id, new_rows.created_at, new_rows.full_name, new_rows.email, new_rows.phone, new_rows.source,
    new_rows.utm_source, new_rows.utm_medium, new_rows.utm_campaign, new_rows.utm_content, new_rows.utm_term,
    new_rows.metadata, new_rows.consent_at
  from new_rows
  -- A trigger of the project itself may have made the copy already: then that row is the lead.
  on conflict (landing_lead_id) do nothing;
  return null;
exception
  when sqlstate 'PGRST' then raise;
  when others then
    -- A visitor's lead is not lost for a column or a trigger that he knows nothing of.
    get stacked diagnostics v_code = returned_sqlstate, v_column = column_name, v_constraint = constraint_name;
    insert into amocrm.uncopied_leads (landing_lead_id, error_code, error_place)
    select new_rows.id, v_code, coalesce(nullif(v_column, ''), nullif(v_constraint, '')) from new_rows
    on conflict (landing_lead_id) do nothing;
    raise warning 'landing_leads saved without a copy in unified_lead_tracking: % (%)', sqlerrm, v_code;
    return null;
end
$$;
comment on function amocrm.copy_landing_leads() is
  'Copies inserted landing_leads to unified_lead_tracking in the same transaction; never fails the insert of a visitor who is let in.';

create function amocrm.copy_left_out() returns int
language plpgsql set search_path = ''
as $$
declare
  v_id uuid;
  v_count int := 0;
begin
  for v_id in select uncopied_leads.landing_lead_id from amocrm.uncopied_leads order by uncopied_leads.noted_at limit 1000 loop
    begin
      insert into public.unified_lead_tracking (landing_lead_id, created_at, full_name, email, phone, source,
        utm_source, utm_medium, utm_campaign, utm_content, utm_term, metadata, consent_at)
      select landing.id, landing.created_at, landing.full_name, landing.email, landing.phone, landing.source,
        landing.utm_source, landing.utm_medium, landing.utm_campaign, landing.utm_content, landing.utm_term,
        landing.metadata, landing.consent_at
      from public.landing_leads as landing where landing.id = v_id
      on conflict (landing_lead_id) do nothing;
      delete from amocrm.uncopied_leads where uncopied_leads.landing_lead_id = v_id;
      v_count := v_count + 1;
    exception when others then
      -- One that is refused again waits; the others go through.
      null;
    end;
  end loop;
  return v_count;
end
$$;
comment on function amocrm.copy_left_out() is
  'Copies the submissions named in amocrm.uncopied_leads one by one, oldest first; returns how many.';

create function amocrm.uncopied_problem(out detail text, out remedy text)
language sql stable set search_path = ''
as $$
  -- A row of nulls if none waits: a plpgsql record cannot hold none.
  select count(*) || case count(*) when 1 then ' submission' when 1000 then ' submissions or more' else ' submissions' end
      || ' of landing_leads could not be copied to unified_lead_tracking since ' || min(held.noted_at) || ': '
      || string_agg(distinct held.error_code || coalesce(' ' || held.error_place, ''), ', '),
    case when count(*) > 0 then 'Give a column of yours that is named a default, or drop the trigger or constraint (docs/start/adopting.md); then select amocrm.sweep()' end
  from (select * from amocrm.uncopied_leads order by uncopied_leads.noted_at limit 1000) as held
$$;
comment on function amocrm.uncopied_problem() is 'Returns which submissions wait for their copy, and why; nulls if none does.';

create function amocrm.keep_one_copy() returns trigger
language plpgsql security definer set search_path = '' set enable_seqscan = off
as $$
begin
  -- Refusing the second copy (23505) would undo the first one, and the submission with it.
  if exists (select from public.unified_lead_tracking as lead where lead.landing_lead_id = new.landing_lead_id) then
    return null;
  end if;
  return new;
end
$$;
comment on function amocrm.keep_one_copy() is 'Leaves out our copy of a submission that another trigger has already copied.';

create function amocrm.foreign_triggers()
returns table (table_name text, trigger_name text, function_name text, copies_leads boolean)
language sql stable set search_path = ''
as $$
  select class.relname::text, trigger.tgname::text, trigger.tgfoid::regproc::text,
    class.relname = 'landing_leads' and (trigger.tgtype & 4) <> 0 and function.prosrc ~* '\munified_lead_tracking\M'
  from pg_catalog.pg_trigger as trigger
  join pg_catalog.pg_class as class on class.oid = trigger.tgrelid
  join pg_catalog.pg_proc as function on function.oid = trigger.tgfoid
  where trigger.tgrelid in (to_regclass('public.landing_leads'), to_regclass('public.unified_lead_tracking'))
    and not trigger.tgisinternal and trigger.tgenabled <> 'D' and function.pronamespace <> 'amocrm'::regnamespace
  order by 1, 2
$$;
comment on function amocrm.foreign_triggers() is
  'Lists the project''s own triggers on the two tables of leads, and whether they seem to copy leads too.';

revoke all on function amocrm.copy_landing_leads(), amocrm.copy_left_out(), amocrm.uncopied_problem(), amocrm.keep_one_copy(), amocrm.foreign_triggers() from public;

-- Triggers fire in the order of their names: 050 counts visits, 100 refuses, 150 and 200 change, 500 copies and enqueues.
create trigger amocrm_100_refuse_bad_lead before insert on public.landing_leads
  for each row execute function amocrm.refuse_bad_lead();
create trigger amocrm_200_shorten before insert on public.landing_leads
  for each row when (length(new.left_empty) > 200) execute function amocrm.shorten_left_empty();
create trigger amocrm_500_copy after insert on public.landing_leads
  referencing new table as new_rows for each statement execute function amocrm.copy_landing_leads();
create trigger amocrm_100_refuse_bad_lead before insert on public.unified_lead_tracking
  for each row execute function amocrm.refuse_bad_lead();
create trigger amocrm_150_keep_one_copy before insert on public.unified_lead_tracking
  for each row when (new.landing_lead_id is not null and pg_trigger_depth() > 0) execute function amocrm.keep_one_copy();
create trigger amocrm_200_normalize before insert or update of email, phone on public.unified_lead_tracking
  for each row execute function amocrm.normalize_lead();

alter table public.landing_leads enable row level security;
alter table public.unified_lead_tracking enable row level security;
revoke all on public.landing_leads, public.unified_lead_tracking from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.landing_leads, public.unified_lead_tracking to service_role;
grant insert (submission_id, full_name, email, phone, source, utm_source, utm_medium, utm_campaign, utm_content,
  utm_term, metadata, consent_at, left_empty) on public.landing_leads to anon, authenticated;
grant insert (full_name, email, phone, source, utm_source, utm_medium, utm_campaign, utm_content, utm_term,
  metadata, consent_at) on public.unified_lead_tracking to anon, authenticated;

-- Kept when this is uninstalled, so that forms go on.
drop policy if exists visitors_leave_their_lead on public.landing_leads;
drop policy if exists visitors_leave_their_lead on public.unified_lead_tracking;
create policy visitors_leave_their_lead on public.landing_leads for insert to anon, authenticated
  with check (email is not null or phone is not null);
create policy visitors_leave_their_lead on public.unified_lead_tracking for insert to anon, authenticated
  with check (landing_lead_id is null and amocrm_contact_id is null and amocrm_deal_id is null and amocrm_synced_at is null);

-- The trial: a visitor's lead that is taken back again. Only what comes of adopting the tables is refused here; a rule of the
-- project's own that a trial lead breaks is its business.
do $$
declare
  v_code text;
  v_message text;
  v_triggers text := (select string_agg(format('%s on %s', foreign_triggers.trigger_name, foreign_triggers.table_name), ', ') from amocrm.foreign_triggers());
begin
  if v_triggers is not null then
    raise warning 'triggers of this project fire beside ours: %. One that copies landing_leads to unified_lead_tracking has to go (docs/start/adopting.md)', v_triggers;
  end if;
  begin
    perform set_config('role', 'anon', true);
    insert into public.landing_leads (full_name, email, phone, source) values ('Trial', 'trial@example.com', '+77010000000', 'trial');
    -- Those that fire at the end of a transaction as well.
    set constraints all immediate;
    raise exception using errcode = 'AM000', message = 'the trial went well';
  exception when others then
    get stacked diagnostics v_code = returned_sqlstate, v_message = message_text;
  end;
  if v_code in ('42501', '23502', '23505') then
    raise exception 'with these tables every visitor''s lead would be refused: % (%). Nobody''s rights were changed and no trigger was made. %docs/start/adopting.md tells what to look for', v_message, v_code,
      coalesce('Of yours there fire: ' || v_triggers || '. ', '') using errcode = '55000';
  elsif v_code <> 'AM000' then
    raise warning 'a trial lead was refused: % (%). Is that what your own triggers and constraints are to do?', v_message, v_code;
  end if;
end
$$;
