import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { JOBS } from "#shared/admin/doctor/cron.ts";
import { TRIGGERS } from "#shared/admin/doctor/database.ts";
import { examine } from "#shared/admin/doctor/examine.ts";
import type { Answered, DoctorFacts } from "#shared/admin/doctor/facts.ts";
import { DoctorAnswer, type Finding } from "#shared/admin/doctor/finding.ts";
import type { Standing } from "#shared/admin/doctor/port.ts";
import { createAccountAccess } from "#shared/amocrm/api/account-access.ts";
import { parseSettings } from "#shared/amocrm/settings.ts";
import { parseQticketsSettings } from "#shared/loyalty/settings.ts";
import { parseTimepadSettings } from "#shared/loyalty/timepad-settings.ts";
import { parseUnisenderSettings } from "#shared/loyalty/unisender-settings.ts";
import { parseMailSettings } from "#shared/mail/settings.ts";
import { VERSION } from "#shared/platform/version.ts";
import { parseSmsSettings } from "#shared/sms/settings.ts";
import { createFakeRequestLog } from "../../../support/request-log.ts";
import { createSimulatedAccount, type SimulatedAccount } from "../../support/simulated-account.ts";

const { sales, tripwire, users, dealFields } = SEED_IDS;

/** A setup that can be broken in one way or several, and then be examined. */
export interface Patient {
  facts: DoctorFacts;
  environment: Record<string, string | undefined>;
  /** How the database's own call of amocrm-drain ended. */
  answer: Answered;
  crm: SimulatedAccount;
  accountOffsetMs: number | null;
  /** What the database throws instead of its facts. */
  fault: Error | null;
  /** What waits for a person. */
  standing: Standing;
}

/** Milliseconds before the moment of the examination, as the database writes a time. */
export type Ago = (ms: number) => string;

const nowMs = Date.now();
export const ago: Ago = (ms) => new Date(nowMs - ms).toISOString();
export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

/** Everything is as it should be, with a route, a stage, a responsible user, fields and the marker. */
export function createPatient(): Patient {
  const crm = createSimulatedAccount();
  return {
    facts: healthyFacts(),
    environment: {
      SUPABASE_URL: "https://own.supabase.co",
      AMOCRM_BASE_URL: "https://sim.amocrm.ru",
      AMOCRM_ACCESS_TOKEN: crm.simulator.accessToken,
      RESEND_API_KEY: "re_x",
      MAIL_FROM: "School <hello@school.example>",
      WELCOME_PAGE_URL: "https://school.example/welcome.html",
      ADMIN_EMAIL: "admin@school.example",
    },
    answer: { status_code: 405, error: null },
    crm,
    accountOffsetMs: 400,
    fault: null,
    standing: { quarantined_count: 0, incidents: [] },
  };
}

/** All findings, as they go over the network. */
export async function examinePatient(patient: Patient): Promise<Finding[]> {
  const settings = parseSettings(patient.environment);
  const account =
    settings.state === "ready"
      ? patient.crm.account
      : createAccountAccess({
          settings,
          pace: patient.crm.pace,
          requestLog: createFakeRequestLog(),
          clock: { nowMs: () => nowMs, sleep: async () => {} },
          connect: () => {
            throw new Error("asked although it cannot be");
          },
        });
  const answer = await examine({
    doctorStore: {
      async facts() {
        if (patient.fault !== null) throw patient.fault;
        return patient.facts;
      },
      callAnswer: async () => patient.answer,
    },
    standing: async () => patient.standing,
    account,
    environment: patient.environment,
    optionalParts: {
      mail: parseMailSettings(patient.environment),
      sms: parseSmsSettings(patient.environment),
      qtickets: parseQticketsSettings(patient.environment),
      timepad: parseTimepadSettings(patient.environment),
      unisender: parseUnisenderSettings(patient.environment),
    },
    project: "own.supabase.co",
    clock: { nowMs: () => nowMs, sleep: async () => {} },
    accountClockOffsetMs: () => patient.accountOffsetMs,
  });
  return DoctorAnswer.parse(JSON.parse(JSON.stringify(answer))).findings;
}

function healthyFacts(): DoctorFacts {
  return {
    clock: ago(0),
    installation: { installed_at: ago(DAY_MS), version: VERSION },
    extensions: ["pg_cron", "pg_net", "supabase_vault"],
    triggers: TRIGGERS.map(([table, name]) => ({ table, name, is_enabled: true })),
    run_log_clashes: false,
    jobs: Object.keys(JOBS).map((name) => ({
      name,
      is_active: true,
      last_started_at: ago(5_000),
      last_status: "succeeded",
      last_message: "1 row",
      last_succeeded_at: ago(5_000),
    })),
    vault: { is_readable: true, functions_url: "https://own.supabase.co/functions/v1", has_key: true },
    call_id: 7,
    alert_roads: [
      { name: "amocrm_alert_url", host: "hooks.example", problem: null },
      { name: "amocrm_dead_man_url", host: null, problem: "Vault has no secret amocrm_dead_man_url" },
    ],
    heartbeats: [
      {
        component: "amocrm-drain",
        state: "ok",
        detail: null,
        last_seen_at: ago(9_000),
        unanswered_post_count: 0,
        answer: { status_code: 202, error: null },
      },
    ],
    channels: { has_sms_steps: false, has_mail_steps: false, sms_waiting_count: 0, notice: null },
    account: null,
    residence: { project: "own.supabase.co", is_restored: false },
    control: {
      paused_at: null,
      pause_reason: null,
      breaker_code: null,
      breaker_probe_at: null,
      breaker_opened_at: null,
      batch_size_in_force: null,
      interval_in_force_ms: 2000,
    },
    configuration: {
      settings: { min_interval_ms: 2000, batch_size: 50, pull_interval_seconds: 900 },
      routes: [
        {
          source: "*",
          pipeline_id: sales.pipeline,
          status_id: sales.fresh,
          responsible_user_id: users.manager,
          tags: [],
          deal_name: "{name}",
          on_repeat: "note",
        },
      ],
      stages: [{ event: "lesson.67", pipeline_id: tripwire.pipeline, status_id: tripwire.lesson67 }],
      fields: [
        { entity: "deal", path: "id", field_id: dealFields.leadId, field_code: null },
        { entity: "deal", path: "utm_source", field_id: null, field_code: "UTM_SOURCE" },
        { entity: "contact", path: "metadata.telegram", field_id: 303, field_code: null },
      ],
      pipelines: [
        { pipeline_id: 4999, name: "Продажи", stages: [{ id: 61_999, name: "Предложение (старое)" }] },
        { pipeline_id: sales.pipeline, name: "Продажи", stages: [{ id: 61_999, name: "Предложение" }] },
      ],
    },
    marker_error: null,
    messages: [],
    login_differs_count: 0,
    duplicate_count: 0,
    unmapped_form_count: 0,
    webhook_state: "off",
    mirror: [
      { entity: "contact", is_complete: true, pulled_at: ago(3 * MINUTE_MS), failure_count: 0 },
      { entity: "deal", is_complete: true, pulled_at: ago(2 * MINUTE_MS), failure_count: 0 },
    ],
  };
}
