import type { CallerName, Rights } from "./expectations.ts";

const NOTHING: Rights = {};
const SERVICE_ONLY = { anon: NOTHING, student: NOTHING, manager: NOTHING, admin: NOTHING };
const ALL: Rights = { select: true, insert: "all", update: true, delete: true };
const READ: Rights = { select: true };
const ADMINS: CallerName[] = ["admin", "service_role"];

const CONSENT_COLUMNS =
  "channel,created_at,email_key,given_at,lead_id,phone_key,source,state,text,topic,withdrawn_at".split(",");

/** Who may do what with the tables of sequences. */
export const FOLLOWUP_RELATIONS: Record<string, Record<CallerName, Rights>> = {
  followup_templates: { ...SERVICE_ONLY, service_role: ALL },
  followup_steps: { ...SERVICE_ONLY, service_role: ALL },
  landing_funnel: { ...SERVICE_ONLY, admin: READ, service_role: READ },
  followup_overview: { ...SERVICE_ONLY, admin: READ, service_role: READ },
  followup_results: { ...SERVICE_ONLY, admin: READ, service_role: READ },
  // All that can be given; the id and the generated column cannot.
  message_consents: { ...SERVICE_ONLY, service_role: { select: true, insert: CONSENT_COLUMNS } },
};

/** Who may call the functions of sequences. */
export const FOLLOWUP_FUNCTIONS: Record<string, CallerName[]> = {
  message_enroll: ADMINS,
  message_withdraw: ADMINS,
  message_unsubscribe: ["service_role"],
  followup_pause: ADMINS,
  followup_resume: ADMINS,
  followup_release: ADMINS,
  followup_plan: ADMINS,
};
