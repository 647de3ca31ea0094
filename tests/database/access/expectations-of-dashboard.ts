import type { CallerName } from "./expectations.ts";

const ADMINS: CallerName[] = ["admin", "service_role"];

/** Who may call the functions of the dashboard; those that only read are open to viewers as well (viewers.test.ts). */
export const DASHBOARD_FUNCTIONS: Record<string, CallerName[]> = {
  amocrm_dashboard: ADMINS,
  amocrm_messages: ADMINS,
  amocrm_message_count: ADMINS,
  amocrm_message: ADMINS,
  amocrm_message_reveal: ADMINS,
  amocrm_person: ADMINS,
  amocrm_pace: ADMINS,
  amocrm_settings_now: ADMINS,
  amocrm_change_settings: ADMINS,
  amocrm_set_route: ADMINS,
  amocrm_set_stage: ADMINS,
  amocrm_set_field: ADMINS,
  amocrm_change_form_limits: ADMINS,
  message_change_settings: ADMINS,
  followup_change_step: ADMINS,
  followup_change_text: ADMINS,
  landing_funnel_sums: ADMINS,
  amocrm_bulk_preview: ADMINS,
  amocrm_bulk_start: ADMINS,
  amocrm_bulk_stop: ADMINS,
  amocrm_metrics: ["service_role"],
};
