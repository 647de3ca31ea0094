-- How a drain matches its people by the mirror: what changed of late is stored, and a look that comes to nothing is remembered.

create function public.amocrm_drain_match(p_ids bigint[]) returns jsonb
language sql stable security definer set search_path = ''
as $$ select coalesce(jsonb_agg(amocrm.match_message(wanted.id)), '[]') from unnest(p_ids) as wanted (id) $$;
comment on function public.amocrm_drain_match(bigint[]) is
  'Returns the contacts of messages from a complete and fresh mirror, [{id, by, contact, otherIds, linkedIsDeleted}].';

create function public.amocrm_drain_look(p_contacts jsonb, p_changed_until timestamptz) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform amocrm.store_contacts(amocrm.without_forgotten('contact', p_contacts));
  update amocrm.cursors set changed_until = greatest(cursors.changed_until, p_changed_until), updated_at = amocrm.clock()
  where cursors.entity = 'contact' and cursors.account = amocrm.account() and cursors.is_complete and p_changed_until is not null;
end
$$;
comment on function public.amocrm_drain_look(jsonb, timestamptz) is
  'Stores recently changed contacts; a given time means that all changes up to it are now in the mirror.';

create function public.amocrm_drain_void_look(p_token uuid, p_ids bigint[]) returns bigint[]
language plpgsql security definer set search_path = ''
as $$
declare
  v_known bigint[];
  v_kept bigint[];
begin
  perform amocrm.lock_queue_as_drain(amocrm.account(), p_token);
  update amocrm.cursors set look_voided_at = amocrm.clock() where cursors.entity = 'contact' and cursors.account = amocrm.account();
  update amocrm.pull_control set first_since = coalesce(pull_control.first_since, amocrm.clock()) where pull_control.account = amocrm.account();
  -- Whose contact is known is read in one request with the others; everybody else would have to be searched for.
  v_known := array(select outbox.id from amocrm.outbox left join amocrm.people on people.person_id = outbox.person_id
    where outbox.queue = amocrm.account() and outbox.id = any (p_ids)
      and (people.amocrm_contact_id is not null or outbox.amocrm_contact_id is not null));
  -- Of those a few are, unless reading the pages that are left is cheaper for all that wait.
  v_kept := v_known || array(select wanted.id from unnest(p_ids) with ordinality as wanted (id, rank)
    where wanted.id <> all (v_known) order by wanted.rank
    limit case when amocrm.lane_in_turn(amocrm.account(), cardinality(p_ids) - cardinality(v_known)) = 'pull' then 0 else amocrm.search_limit() end);
  perform amocrm.release(amocrm.account(), p_token, array(select wanted.id from unnest(p_ids) as wanted (id) where wanted.id <> all (v_kept)));
  return v_kept;
end
$$;
comment on function public.amocrm_drain_void_look(uuid, bigint[]) is
  'Records that a refresh of the mirror failed, gives back messages that need many searches, and returns those that stay.';

create function public.amocrm_mirror_set_aside(p_entity text, p_id bigint, p_reason text) returns void
language sql security definer set search_path = ''
as $$ select amocrm.set_aside_row(p_entity, p_id, p_reason) $$;
comment on function public.amocrm_mirror_set_aside(text, bigint, text) is
  'Records a contact or deal that the mirror could not store, and why; amocrm_health reports it.';

create function public.amocrm_note_clock(p_offset_ms int) returns void
language sql security definer set search_path = ''
as $$ update amocrm.queue_control set clock_offset_ms = p_offset_ms where queue_control.queue = amocrm.account() $$;
comment on function public.amocrm_note_clock(int) is 'Records how far amoCRM''s clock is ahead of ours, as its answers show.';

revoke all on function public.amocrm_drain_match(bigint[]), public.amocrm_drain_look(jsonb, timestamptz), public.amocrm_drain_void_look(uuid, bigint[]),
  public.amocrm_mirror_set_aside(text, bigint, text), public.amocrm_note_clock(int)
  from public, anon, authenticated;
grant execute on function public.amocrm_drain_match(bigint[]), public.amocrm_drain_look(jsonb, timestamptz), public.amocrm_drain_void_look(uuid, bigint[]),
  public.amocrm_mirror_set_aside(text, bigint, text), public.amocrm_note_clock(int)
  to service_role;
