import type { DoctorFacts } from "./facts.ts";
import { type Finding, finding } from "./finding.ts";

/** What the migrations install, and how it comes back when somebody has switched it off in the dashboard (as in amocrm_health). */
const EXTENSIONS = {
  pg_cron: "create extension pg_cron with schema pg_catalog; select amocrm_schedule_jobs()",
  pg_net: "create extension pg_net with schema extensions",
  supabase_vault: "create extension supabase_vault with schema vault; npm run amocrm -- setup",
} as const;

/** By these what is saved is checked and gets its message, and no message contradicts itself. Without one of them it may never be sent. */
export const TRIGGERS = [
  ["amocrm_deal_events", "amocrm_530_followups"],
  ["amocrm_outbox", "amocrm_900_is_sound"],
  ["amocrm_outbox", "amocrm_900_is_sound_update"],
  ["landing_leads", "amocrm_050_check_visit"],
  ["landing_leads", "amocrm_060_take_row"],
  ["landing_leads", "amocrm_070_known_submission"],
  ["landing_leads", "amocrm_100_refuse_bad_lead"],
  ["landing_leads", "amocrm_200_shorten"],
  ["landing_leads", "amocrm_500_copy"],
  ["loyalty_changes", "amocrm_530_followups"],
  ["message_outbox", "amocrm_900_is_sound"],
  ["message_outbox", "amocrm_900_is_sound_update"],
  ["tripwire_lesson_progress", "amocrm_100_guard"],
  ["tripwire_lesson_progress", "amocrm_500_enqueue"],
  ["tripwire_lesson_progress", "amocrm_500_enqueue_update"],
  ["tripwire_lesson_progress", "amocrm_530_followups"],
  ["tripwire_lesson_progress", "amocrm_531_followups"],
  ["tripwire_lesson_progress", "amocrm_600_certificate"],
  ["tripwire_lesson_progress", "amocrm_600_certificate_update"],
  ["tripwire_users", "amocrm_200_email_key"],
  ["tripwire_users", "amocrm_200_phone"],
  ["tripwire_users", "amocrm_500_enqueue"],
  ["tripwire_users", "amocrm_500_enqueue_update"],
  ["tripwire_users", "amocrm_510_enqueue_welcome"],
  ["tripwire_users", "amocrm_530_followups"],
  ["unified_lead_tracking", "amocrm_050_check_visit"],
  ["unified_lead_tracking", "amocrm_060_take_row"],
  ["unified_lead_tracking", "amocrm_100_refuse_bad_lead"],
  ["unified_lead_tracking", "amocrm_150_keep_one_copy"],
  ["unified_lead_tracking", "amocrm_200_normalize"],
  ["unified_lead_tracking", "amocrm_500_enqueue"],
  ["unified_lead_tracking", "amocrm_500_enqueue_update"],
  ["unified_lead_tracking", "amocrm_530_followups"],
  ["unisender_outbox", "amocrm_900_is_sound"],
  ["unisender_outbox", "amocrm_900_is_sound_update"],
] as const;

/** Extensions, triggers, and whether database and functions are of the same version. */
export function checkDatabase(facts: DoctorFacts, functionsVersion: string): Finding[] {
  const findings: Finding[] = [];
  const version = facts.installation?.version ?? "none";
  if (version !== functionsVersion) {
    findings.push(finding("version_differs", { database: version, functions: functionsVersion }));
  }
  for (const [name, remedy] of Object.entries(EXTENSIONS)) {
    if (!facts.extensions.includes(name)) findings.push(finding("extension_missing", { name, remedy }));
  }
  for (const [table, name] of TRIGGERS) {
    const trigger = facts.triggers.find((one) => one.table === table && one.name === name);
    if (trigger === undefined) findings.push(finding("trigger_missing", { table, name }));
    else if (!trigger.is_enabled) findings.push(finding("trigger_off", { table, name }));
  }
  return findings.length === 0 ? [finding("database_ok", { version })] : findings;
}
