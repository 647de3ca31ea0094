/** Who may do what in `public`, by design 3.1 and rule 9. A new object without a line here fails the tests. */
export type CallerName = "anon" | "student" | "manager" | "admin" | "service_role";

export interface Rights {
  select?: true;
  /** The columns that may be given in an insert; `all` for every column that can be given at all. */
  insert?: readonly string[] | "all";
  update?: true;
  delete?: true;
}

const SUBMITTED = [
  "full_name",
  "email",
  "phone",
  "source",
  "utm_source",
  "utm_medium",
  "utm_campaign",
  "utm_content",
  "utm_term",
  "metadata",
  "consent_at",
] as const;

const ALL: Rights = { select: true, insert: "all", update: true, delete: true };
const READ: Rights = { select: true };
const NOTHING: Rights = {};

const everybody = (rights: Rights): Record<Exclude<CallerName, "service_role">, Rights> => ({
  anon: rights,
  student: rights,
  manager: rights,
  admin: rights,
});
const signedIn = (rights: Rights): Record<Exclude<CallerName, "service_role">, Rights> => ({
  ...everybody(rights),
  anon: NOTHING,
});
const SERVICE_ONLY = everybody(NOTHING);
/** Reading the rows is refused to those who are no admin, not answered with an empty list. */
const ADMIN_VIEW = { ...SERVICE_ONLY, admin: READ, service_role: READ };

export const RELATIONS: Record<string, Record<CallerName, Rights>> = {
  landing_leads: {
    ...everybody({ insert: ["submission_id", ...SUBMITTED, "left_empty"] }),
    service_role: ALL,
  },
  unified_lead_tracking: { ...everybody({ insert: SUBMITTED }), service_role: ALL },
  // Which rows the signed-in see is up to the policies: own-rows.test.ts.
  tripwire_users: { ...signedIn(READ), service_role: ALL },
  tripwire_lesson_progress: {
    ...signedIn({
      ...READ,
      insert: ["user_id", "lesson_id", "watched_seconds", "completed_at"],
      update: true,
    }),
    service_role: ALL,
  },
  tripwire_modules: { ...signedIn(READ), service_role: ALL },
  tripwire_lessons: { ...signedIn(READ), service_role: ALL },
  tripwire_achievements: { ...signedIn(READ), service_role: { select: true, insert: "all", delete: true } },
  tripwire_students_overview: { ...SERVICE_ONLY, manager: READ, admin: READ, service_role: READ },
  tripwire_certificates: { ...signedIn(READ), service_role: { select: true, delete: true } },
  tripwire_certificate_settings: { ...SERVICE_ONLY, service_role: { select: true, update: true } },
  amocrm_alerts: { ...signedIn(READ), service_role: { select: true, insert: "all", update: true } },
  amocrm_outbox: { ...SERVICE_ONLY, service_role: READ },
  message_outbox: { ...SERVICE_ONLY, service_role: READ },
  message_settings: { ...SERVICE_ONLY, service_role: { select: true, update: true } },
  message_dead_letters: ADMIN_VIEW,
  message_health: ADMIN_VIEW,
  amocrm_deals: { ...SERVICE_ONLY, service_role: ALL },
  amocrm_routes: { ...SERVICE_ONLY, service_role: ALL },
  amocrm_stages: { ...SERVICE_ONLY, service_role: ALL },
  amocrm_fields: { ...SERVICE_ONLY, service_role: ALL },
  amocrm_settings: { ...SERVICE_ONLY, service_role: { select: true, update: true } },
  amocrm_form_limits: { ...SERVICE_ONLY, service_role: { select: true, update: true } },
  amocrm_quarantine: ADMIN_VIEW,
  amocrm_outbox_status: ADMIN_VIEW,
  amocrm_dead_letters: ADMIN_VIEW,
  amocrm_duplicates: ADMIN_VIEW,
  amocrm_health: ADMIN_VIEW,
  amocrm_error_policies: ADMIN_VIEW,
  amocrm_versions: ADMIN_VIEW,
  amocrm_actions: ADMIN_VIEW,
  amocrm_blocked_people: ADMIN_VIEW,
  amocrm_throughput: ADMIN_VIEW,
  amocrm_timeline: ADMIN_VIEW,
  amocrm_reconciliation: ADMIN_VIEW,
};

const SERVICE: CallerName[] = ["service_role"];
const ADMINS: CallerName[] = ["admin", "service_role"];
const SIGNED_IN: CallerName[] = ["student", "manager", "admin"];

/** Who may call a function of `public`. */
export const FUNCTIONS: Record<string, CallerName[]> = {
  amocrm_tick: SERVICE,
  amocrm_tokens_read: SERVICE,
  amocrm_tokens_claim: SERVICE,
  amocrm_tokens_store: SERVICE,
  amocrm_tokens_fail: SERVICE,
  amocrm_tokens_connect: SERVICE,
  amocrm_tokens_take_over: SERVICE,
  amocrm_tokens_note_long_lived: SERVICE,
  amocrm_tokens_disconnect: SERVICE,
  amocrm_drain_begin: SERVICE,
  amocrm_drain_claim: SERVICE,
  amocrm_drain_mark_sent: SERVICE,
  amocrm_drain_record: SERVICE,
  amocrm_drain_settle: SERVICE,
  amocrm_drain_extend: SERVICE,
  amocrm_drain_release: SERVICE,
  amocrm_drain_end: SERVICE,
  amocrm_drain_look_again: SERVICE,
  amocrm_drain_deals_of_others: SERVICE,
  amocrm_drain_match: SERVICE,
  amocrm_drain_look: SERVICE,
  amocrm_drain_limit_batches: SERVICE,
  amocrm_marker_begin: SERVICE,
  amocrm_marker_end: SERVICE,
  amocrm_pull_begin: SERVICE,
  amocrm_pull_page: SERVICE,
  amocrm_pull_missing: SERVICE,
  amocrm_pull_finish: SERVICE,
  amocrm_pull_fail: SERVICE,
  amocrm_pull_end: SERVICE,
  amocrm_pull_tick: SERVICE,
  amocrm_pull_progress: SERVICE,
  amocrm_pull_request: SERVICE,
  amocrm_reserve_pull_slot: SERVICE,
  amocrm_reserve_slot: SERVICE,
  amocrm_report_fault: SERVICE,
  amocrm_reserve_token_slot: SERVICE,
  amocrm_breaker_close: SERVICE,
  amocrm_heartbeat: SERVICE,
  amocrm_store_pipelines: SERVICE,
  amocrm_set_vault: SERVICE,
  amocrm_schedule_jobs: SERVICE,
  amocrm_alert_roads: SERVICE,
  amocrm_set_alert_roads: SERVICE,
  tripwire_begin_admission: SERVICE,
  tripwire_admit: SERVICE,
  tripwire_withdraw_admission: SERVICE,
  tripwire_watch: SIGNED_IN,
  tripwire_complete_lesson: SIGNED_IN,
  amocrm_doctor_facts: SERVICE,
  amocrm_doctor_answer: SERVICE,
  amocrm_find: SERVICE,
  amocrm_health_report: SERVICE,
  amocrm_oauth_make_link: SERVICE,
  amocrm_oauth_begin: SERVICE,
  amocrm_oauth_use_state: SERVICE,
  amocrm_oauth_end: SERVICE,
  amocrm_oauth_link: SERVICE,
  amocrm_account_read: SERVICE,
  amocrm_account_note: SERVICE,
  amocrm_account_look_up: SERVICE,
  amocrm_account_moved: SERVICE,
  amocrm_account_leave: SERVICE,
  message_drain_begin: SERVICE,
  message_drain_claim: SERVICE,
  message_drain_intend: SERVICE,
  message_drain_settle: SERVICE,
  message_drain_extend: SERVICE,
  message_drain_end: SERVICE,
  message_drain_look_again: SERVICE,
  message_reserve_slot: SERVICE,
  message_report_fault: SERVICE,
  message_breaker_close: SERVICE,
  message_press_link: SERVICE,
  message_record_event: SERVICE,
  message_pause: ADMINS,
  message_resume: ADMINS,
  message_resend_welcome: ADMINS,
  message_allow_address: ADMINS,
  tripwire_certificate_sheet: SERVICE,
  tripwire_certificate_check: ["anon", "student", "manager", "admin", "service_role"],
  amocrm_form_submit: SERVICE,
  amocrm_pause: ADMINS,
  amocrm_resume: ADMINS,
  amocrm_requeue: ADMINS,
  amocrm_cancel: ADMINS,
  amocrm_backfill: ADMINS,
  amocrm_backfill_estimate: ADMINS,
  amocrm_requeue_dead: ADMINS,
  amocrm_resolve_duplicate: ADMINS,
  amocrm_forget: ADMINS,
  amocrm_timeline_of: ADMINS,
  amocrm_log_requests: SERVICE,
  amocrm_release_quarantine: ADMINS,
  amocrm_discard_quarantine: ADMINS,
};
