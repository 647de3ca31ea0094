-- Which messages would contradict themselves: none is left so by a change, nor inserted by hand. Not as a constraint, which each statement reads anew
-- from the catalogue and prepares, a tenth of an insert's cost, but asked once at a statement's end, by a plan that a session keeps.

create function amocrm.refuse_unsound_messages() returns trigger
language plpgsql set search_path = ''
as $$
declare
  v_unsound record;
begin
  select judged.id, judged.fact into v_unsound from (
    select new_rows.id, case
      when new_rows.state not in ('pending', 'leased', 'uncertain', 'delivered', 'dead', 'superseded', 'cancelled') then 'state_is_known'
      when new_rows.lane not in ('live', 'backfill') then 'lane_is_known'
      when new_rows.priority not between 0 and 9 then 'priority_has_one_digit'
      when (new_rows.state = 'leased') <> (new_rows.lease_token is not null) or (new_rows.lease_token is null) <> (new_rows.leased_at is null)
        then 'leased_has_token_and_time'
      when new_rows.state = 'leased' and not new_rows.is_head then 'leased_is_head'
      when new_rows.state = 'uncertain' and (new_rows.step is null or new_rows.sent_at is null) then 'uncertain_names_its_step'
      when (new_rows.state = 'delivered') <> (new_rows.delivered_at is not null) then 'delivered_has_its_time'
      when new_rows.is_head and new_rows.state in ('delivered', 'superseded', 'cancelled') then 'head_is_unfinished'
      when new_rows.is_fresh and (new_rows.person_id is not null or new_rows.is_head) then 'fresh_is_not_placed'
      when new_rows.attempt_count < 0 then 'attempt_count_is_not_negative'
      when jsonb_typeof(new_rows.warnings) <> 'array' then 'warnings_are_a_list' end as fact
    from new_rows) as judged
  where judged.fact is not null limit 1;
  if found then
    raise exception 'message % would contradict itself: %', v_unsound.id, replace(v_unsound.fact, '_', ' ') using errcode = '23514',
      constraint = v_unsound.fact, schema = tg_table_schema, table = tg_table_name;
  end if;
  return null;
end
$$;
comment on function amocrm.refuse_unsound_messages() is 'Refuses a change after which a message would contradict itself, and names the fact it is against.';
revoke all on function amocrm.refuse_unsound_messages() from public;

-- The engine changes messages by this parent; what it inserts is sound by its lists of columns, the checks of amocrm.kinds and that of
-- amocrm.append. By hand the tables themselves are named, which have guards of their own (message-tables).
-- A claim gives a token and a time to heads that were due, no more, and says so: asked again it would take a tenth longer.
create trigger amocrm_900_is_sound_update after update on amocrm.outbox
  referencing new table as new_rows for each statement when (current_setting('amocrm.is_claiming', true) is distinct from 'true')
  execute function amocrm.refuse_unsound_messages();
