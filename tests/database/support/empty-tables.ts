import type { Session } from "./database.ts";

/** Everything that a test may fill; partitions count with their table. */
const TABLES = `
  public.landing_leads public.unified_lead_tracking public.tripwire_users public.tripwire_lesson_progress
  public.tripwire_lessons public.tripwire_modules public.tripwire_achievements
  public.tripwire_certificates public.tripwire_certificate_settings amocrm.admissions public.amocrm_deals
  public.amocrm_alerts public.amocrm_routes public.amocrm_stages public.amocrm_fields
  public.amocrm_settings auth.users amocrm.outbox amocrm.people amocrm.person_keys amocrm.links
  amocrm.contacts amocrm.contact_keys amocrm.cursors amocrm.pulls amocrm.pull_control amocrm.missing_deals
  amocrm.duplicates amocrm.pipelines amocrm.queue_control amocrm.marker_search amocrm.requests
  amocrm.attempts amocrm.actions amocrm.forgettings amocrm.forgotten amocrm.consents amocrm.accounts
  amocrm.oauth_links amocrm.oauth_states amocrm.mails amocrm.mail_events amocrm.suppressed_addresses
  amocrm.welcome_links public.message_settings amocrm.alert_scores amocrm.watch_control amocrm.heartbeats
  public.amocrm_form_limits amocrm.arrivals amocrm.quarantined_leads net.http_request_queue
  net._http_response cron.job_run_details`
  .trim()
  .split(/\s+/);

/** Brings a migrated database back to the state right after the migrations and the first pull, in some 10 ms. */
export async function emptyTables(superuser: Session): Promise<void> {
  // A test that left a transaction open is told so, instead of holding up the file for ever.
  await superuser.unsafe(`set lock_timeout = '5s';
    do $$
    declare
      v_filled text;
    begin
      -- Only what holds anything: to truncate a table makes new files for it and each of its indexes.
      with listed as (
        select name::regclass as relation from string_to_table('${TABLES.join()}', ',') as listed (name)
      ), part as (
        select relation from listed union all select inhrelid::regclass from listed join pg_inherits on inhparent = relation
      )
      select string_agg(relation::text, ',') into v_filled from part where pg_relation_size(relation) > 0;
      execute 'truncate ' || v_filled || ' restart identity cascade';
    end
    $$;
    delete from vault.secrets;
    alter sequence amocrm.outbox_id_seq restart;
    alter sequence amocrm.certificate_number_seq restart;
    insert into public.amocrm_settings default values;
    insert into public.message_settings default values;
    insert into public.tripwire_certificate_settings default values;
    insert into public.amocrm_form_limits default values;
    select amocrm.draw_address_key();
    insert into amocrm.queue_control (queue) values ('amocrm'), ('message');
    -- With a complete mirror a claim may be as large as the batch size; without it, see claim-limit.test.ts.
    insert into amocrm.cursors (entity, is_complete, changed_until) values ('contact', true, clock_timestamp()), ('deal', false, null);
    insert into amocrm.pull_control default values;
    insert into amocrm.watch_control default values;
    insert into public.tripwire_modules (id, title, position) values (1, 'Tripwire', 1);
    insert into public.tripwire_lessons (id, module_id, title, position) values (67, 1, 'One', 1), (68, 1, 'Two', 2), (69, 1, 'Three', 3);
    insert into amocrm.heartbeats (component) values ('amocrm-drain'), ('message-drain');
    update amocrm.kinds set has_handler = true where kind = 'student.created' and not has_handler;
    update amocrm.installation set installed_at = clock_timestamp() - interval '1 hour';
  `);
}
