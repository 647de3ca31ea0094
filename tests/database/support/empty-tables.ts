import type { Session } from "./database.ts";

/** Everything that a test may fill; partitions count with their table. */
const TABLES = `
  public.landing_leads amocrm.uncopied_leads public.unified_lead_tracking public.tripwire_users public.tripwire_lesson_progress
  public.tripwire_lessons public.tripwire_modules public.tripwire_achievements
  public.tripwire_certificates public.tripwire_certificate_settings amocrm.admissions public.amocrm_deals public.amocrm_deal_events
  public.amocrm_alerts public.amocrm_routes public.amocrm_stages public.amocrm_fields
  public.amocrm_settings auth.users amocrm.outbox amocrm.people amocrm.known_keys amocrm.linked_rows
  amocrm.clock_watch amocrm.contacts amocrm.card_keys amocrm.set_aside amocrm.cursors amocrm.pulls amocrm.pull_control amocrm.missing_deals amocrm.own_writes amocrm.deal_events_from amocrm.hints amocrm.hint_notes amocrm.change_counts amocrm.webhook_control
  amocrm.duplicates amocrm.operations amocrm.pipelines amocrm.queue_control amocrm.marker_search amocrm.field_types amocrm.custom_fields amocrm.tells amocrm.requests
  amocrm.attempts amocrm.actions amocrm.forgettings amocrm.forgotten amocrm.consents amocrm.accounts
  amocrm.residence amocrm.doors amocrm.oauth_links amocrm.oauth_states amocrm.inbox amocrm.inbox_counts public.form_sources amocrm.form_keys public.link_targets public.short_links public.link_clicks amocrm.link_changes amocrm.link_sums amocrm.link_first_buckets amocrm.mails amocrm.mail_events amocrm.suppressed_addresses amocrm.sms amocrm.sms_account
  amocrm.welcome_links public.message_settings amocrm.alert_scores amocrm.watch_control amocrm.heartbeats
  amocrm.loyalty_audience public.loyalty_campaigns amocrm.unisender_account amocrm.unisender_contacts amocrm.unisender_changes
  public.loyalty_members public.loyalty_orders public.loyalty_rates amocrm.loyalty_allocations amocrm.loyalty_tier_times amocrm.loyalty_deals_waiting
  public.loyalty_award_rules amocrm.loyalty_activities amocrm.loyalty_codes amocrm.loyalty_code_tries amocrm.loyalty_told
  public.followup_templates public.followup_steps public.message_consents amocrm.followup_sequences amocrm.followup_events
  amocrm.funnel_people amocrm.funnel_buckets amocrm.funnel_move_buckets amocrm.funnel_dirty amocrm.funnel_progress amocrm.followup_sums amocrm.followup_days
  amocrm.followup_entries amocrm.withdrawn_hashes amocrm.unsubscribe_tokens amocrm.unsubscribe_counts
  public.amocrm_form_limits amocrm.arrivals amocrm.quarantined_leads amocrm.flow_counts amocrm.flow_buckets amocrm.flow_control amocrm.bulk_jobs amocrm.bulk_messages net.http_request_queue
  net._http_response cron.job_run_details`
  .trim()
  .split(/\s+/);

/** Sequences that no column owns; those that one owns count with their table. */
const SEQUENCES =
  "amocrm.outbox_id_seq amocrm.bulk_rows_seq amocrm.quarantined_kb_seq amocrm.certificate_number_seq".split(
    " ",
  );

/**
 * From here on a table is truncated: rows that were deleted still have to be read over. Below it a delete is ten times
 * as fast, since a truncate makes new files for the table and each of its indexes.
 */
const TRUNCATED_FROM_BYTES = 512 * 1024;

export interface EmptyOptions {
  /**
   * True: always truncate. Files are then as in a new database, which counts for whoever measures them, or repeats a history
   * to the letter: what a delete leaves behind is room for new rows, and bends the order of rows that no statement orders.
   */
  truncates?: boolean;
}

/** What there is to empty, which no test changes; asked once a session. */
interface Contents {
  tables: string[];
  sequences: string[];
}
const contentsOf = new WeakMap<Session, Contents>();

/** As `truncate … restart identity cascade` sees it: partitions, and what refers to a table, go with it. */
async function readContents(superuser: Session): Promise<Contents> {
  const [contents] = await superuser<Contents[]>`
    with recursive emptied as (
      select name::regclass::oid as relation from unnest(${TABLES}::text[]) as listed (name)
      union
      select further.relation
      from emptied
      cross join lateral (
        select inhrelid from pg_inherits where inhparent = emptied.relation
        union all select conrelid from pg_constraint where confrelid = emptied.relation and contype = 'f'
      ) as further (relation)
    )
    select
      (select array_agg(relation::regclass::text) from emptied) as tables,
      (select array_agg(seqrelid::regclass::text) from pg_sequence
        where seqrelid::regclass::text = any (${SEQUENCES}) or seqrelid in (
          select objid from pg_depend join emptied on refobjid = relation
          where classid = 'pg_class'::regclass and refclassid = 'pg_class'::regclass and deptype in ('a', 'i')
        )) as sequences`;
  if (contents === undefined) throw new Error("A select without a table answers one row");
  return contents;
}

/** Brings a migrated database back to the state right after the migrations and the first pull, in some 5 ms. */
export async function emptyTables(
  superuser: Session,
  { truncates = false }: EmptyOptions = {},
): Promise<void> {
  const contents = contentsOf.get(superuser) ?? (await readContents(superuser));
  contentsOf.set(superuser, contents);
  // A test that left a transaction open is told so, instead of holding up the file for ever.
  await superuser.unsafe(`set lock_timeout = '5s';
    do $$
    declare
      v_filled regclass[];
      v_large text;
      v_small regclass;
    begin
      -- A test may have dropped a day of the logs meanwhile, which is a table of its own.
      select array_agg(to_regclass(name)) into v_filled
      from unnest('{${contents.tables.join()}}'::text[]) as name where pg_relation_size(to_regclass(name)) > 0;

      -- Neither triggers nor foreign keys: all that would follow is emptied here anyway.
      perform set_config('session_replication_role', 'replica', true);

      select string_agg(name::text, ',') into v_large
      from unnest(v_filled) as name where pg_relation_size(name) > ${truncates ? 0 : TRUNCATED_FROM_BYTES};
      if v_large is not null then
        execute 'truncate ' || v_large || ' cascade';
      end if;

      for v_small in select name from unnest(v_filled) as name where pg_relation_size(name) > 0 loop
        -- Waits for whoever has rows in it that are not committed yet.
        execute format('lock table only %1$s in exclusive mode; delete from only %1$s', v_small);
      end loop;
      perform set_config('session_replication_role', 'origin', true);

      perform setval(name, seqstart, false)
      from unnest('{${contents.sequences.join()}}'::regclass[]) as name join pg_sequence on seqrelid = name
      where pg_sequence_last_value(name) is not null;
    end
    $$;
    delete from vault.secrets;
    insert into public.amocrm_settings default values;
    insert into public.message_settings default values;
    insert into public.tripwire_certificate_settings default values;
    insert into public.amocrm_form_limits default values;
    select amocrm.draw_address_key();
    insert into amocrm.queue_control (queue) values ('amocrm'), ('message'), ('sms'), ('unisender');
    insert into amocrm.sms_account default values;
    insert into amocrm.unisender_account default values;
    insert into amocrm.funnel_progress default values;
    -- With a complete mirror a claim may be as large as the batch size; without it, see claim-limit.test.ts.
    insert into amocrm.cursors (entity, is_complete, changed_until) values ('contact', true, clock_timestamp()), ('deal', false, null);
    insert into amocrm.pull_control default values;
    insert into amocrm.deal_events_from (since) values (clock_timestamp() - interval '1 hour');
    insert into amocrm.clock_watch default values;
    insert into amocrm.watch_control default values;
    insert into amocrm.flow_control default values;
    insert into public.tripwire_modules (id, title, position) values (1, 'Tripwire', 1);
    insert into public.tripwire_lessons (id, module_id, title, position) values (67, 1, 'One', 1), (68, 1, 'Two', 2), (69, 1, 'Three', 3);
    insert into amocrm.heartbeats (component) values ('amocrm-drain'), ('message-drain'), ('sms-drain'), ('unisender-drain');
    update amocrm.kinds set has_handler = true where kind = 'student.created' and not has_handler;
    update amocrm.installation set installed_at = clock_timestamp() - interval '1 hour';
  `);
}
