-- The account of everything: each lead, each student and each deal of ours stands in exactly one bucket, so that the
-- buckets add up to the totals. This view reads all leads, and so costs about a second per million of them.

create function amocrm.bucket_of_message(p_state text, p_kind text, p_error_code text) returns text
language sql stable set search_path = ''
as $$
  select case
    when p_state = 'delivered' then 'delivered, ids not written back'
    when p_state in ('dead', 'uncertain', 'cancelled', 'superseded') then p_state
    when p_error_code in ('no_route', 'no_main_pipeline') then 'waiting for a route'
    when not (select kinds.has_handler from amocrm.kinds where kinds.kind = p_kind) then 'waiting for a handler'
    else 'waiting' end
$$;
comment on function amocrm.bucket_of_message(text, text, text) is 'Returns the bucket of an undelivered row by its message.';

create function amocrm.reconciliation_rows()
returns table (subject text, bucket text, row_count bigint, oldest_at timestamptz, needs_attention boolean, meaning text)
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_now timestamptz := amocrm.clock();
  v_installed_at timestamptz := (select installation.installed_at from amocrm.installation);
  -- A deal made this shortly before the mirror was read may not have been in the list yet.
  v_mirrored_until timestamptz := (select cursors.changed_until - interval '10 minutes' from amocrm.cursors
    where cursors.entity = 'deal' and cursors.account = amocrm.account() and cursors.is_complete);
begin
  perform amocrm.require_reader();
  return query
  with rows as (
    select 'lead' as subject, 'lead.created' as kind, 'unified_lead_tracking' as subject_table, lead.id, lead.created_at, lead.amocrm_deal_id, lead.amocrm_synced_at
    from public.unified_lead_tracking as lead
    union all
    select 'student', 'student.created', 'tripwire_users', student.id, student.created_at, student.amocrm_deal_id, student.amocrm_synced_at
    from public.tripwire_users as student
  ), sorted as (
    select rows.subject, rows.created_at,
      case
        when rows.amocrm_synced_at is not null and rows.amocrm_deal_id is null then 'delivered without a deal'
        when rows.amocrm_synced_at is not null and deal.is_deleted then 'deal deleted in amoCRM'
        when rows.amocrm_synced_at < v_mirrored_until and deal.amocrm_deal_id is null then 'deal missing in amoCRM'
        when rows.amocrm_synced_at is not null then 'delivered'
        when message.bucket is not null then message.bucket
        when exists (select from amocrm.quarantined_leads where quarantined_leads.lead_id = rows.id) then 'quarantined'
        when rows.created_at < v_installed_at then 'history'
        when rows.created_at > v_now - interval '10 minutes' then 'without a message, swept soon'
        else 'without a message' end as bucket
    from rows
    left join amocrm.deals as deal on deal.amocrm_deal_id = rows.amocrm_deal_id and deal.account = amocrm.account()
    -- Only what was not delivered needs its message, which keeps this from reading the outbox for all of history.
    left join lateral (select amocrm.bucket_of_message(outbox.state, outbox.kind, outbox.last_error_code) as bucket from amocrm.outbox
      where rows.amocrm_synced_at is null and outbox.subject_id = rows.id and outbox.kind = rows.kind
      order by outbox.id desc limit 1) as message on true
    union all
    select 'submission', landing.created_at, 'typed, not copied'
    from public.landing_leads as landing
    where landing.created_at >= v_installed_at
      and not exists (select from public.unified_lead_tracking as lead where lead.landing_lead_id = landing.id)
    union all
    select 'deal', made.linked_at, case
      when deal.is_deleted then 'deal deleted in amoCRM'
      when deal.amocrm_deal_id is not null then 'in amoCRM'
      when made.linked_at < v_mirrored_until then 'deal missing in amoCRM'
      else 'not mirrored yet' end
    from (select links.amocrm_id, min(links.created_at) as linked_at from amocrm.links
      where links.object = 'deal' and links.account = amocrm.account() group by 1) as made
    left join amocrm.deals as deal on deal.amocrm_deal_id = made.amocrm_id and deal.account = amocrm.account()
  ), counted as (
    select sorted.subject, coalesce(sorted.bucket, 'total') as bucket, count(*) as row_count, min(sorted.created_at) as oldest_at
    from sorted group by grouping sets ((sorted.subject, sorted.bucket), (sorted.subject))
  )
  select counted.subject, counted.bucket, counted.row_count, counted.oldest_at, coalesce(known.needs_attention, false), known.meaning
  from counted
  left join (values
    ('total', false, 'The sum of the buckets above'),
    ('typed, not copied', true, 'In landing_leads and not in unified_lead_tracking: our trigger was off, the copy was refused, or the lead was deleted. To copy: select amocrm_copy_missing_leads()'),
    ('delivered', false, 'In amoCRM with a deal'),
    ('delivered without a deal', false, 'In amoCRM as a note on a deal that was there, or with a contact only'),
    ('delivered, ids not written back', false, 'In amoCRM; the sweep writes its ids to the row within five minutes'),
    ('deal deleted in amoCRM', true, 'Somebody deleted the deal there'),
    ('deal missing in amoCRM', true, 'The mirror is complete and has no such deal: deleted for good, or not visible to the token''s user'),
    ('in amoCRM', false, 'The mirror has it'),
    ('not mirrored yet', false, 'Younger than the last pull of deals, or the mirror is not complete yet'),
    ('waiting', false, 'On its way: select * from amocrm_outbox_status'),
    ('waiting for a route', true, 'Add a row to amocrm_routes, or one with source *'),
    ('waiting for a handler', false, 'This version does not send this kind yet'),
    ('uncertain', false, 'Sent without an answer; it is looked for by itself'),
    ('dead', true, 'select * from amocrm_dead_letters'),
    ('cancelled', false, 'Taken out by hand; select amocrm_requeue(id) brings it back'),
    ('superseded', false, 'There was nothing left to send'),
    ('quarantined', true, 'select * from amocrm_quarantine shows why; amocrm_release_quarantine() sends them, amocrm_discard_quarantine() deletes them'),
    ('history', false, 'From before the installation; select amocrm_backfill(…) sends it'),
    ('without a message, swept soon', false, 'The sweep of the next minutes enqueues it'),
    ('without a message', true, 'It should have one: select amocrm_backfill(…) makes it up, for older than a day')
  ) as known (bucket, needs_attention, meaning) on known.bucket = counted.bucket
  order by counted.subject, counted.bucket = 'total', counted.bucket;
end
$$;
comment on function amocrm.reconciliation_rows() is 'Returns the rows of amocrm_reconciliation.';

create view public.amocrm_reconciliation with (security_invoker = true) as
select subject, bucket, row_count, oldest_at, needs_attention, meaning from amocrm.reconciliation_rows();
comment on view public.amocrm_reconciliation is
  'Where is every lead, student and deal? Each is in exactly one bucket, and the buckets add up to the total.';

revoke all on function amocrm.bucket_of_message(text, text, text) from public;
revoke all on function amocrm.reconciliation_rows() from public, anon;
grant execute on function amocrm.reconciliation_rows() to authenticated, service_role;
revoke all on public.amocrm_reconciliation from public, anon, authenticated, service_role;
grant select on public.amocrm_reconciliation to authenticated, service_role;
