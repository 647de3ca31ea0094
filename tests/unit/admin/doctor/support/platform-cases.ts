import type { Case } from "./case.ts";
import { ago, DAY_MS, MINUTE_MS, type Patient } from "./patient.ts";

const job = (name: string, change: object) => (patient: Patient) => {
  patient.facts.jobs =
    patient.facts.jobs?.map((one) => (one.name === name ? { ...one, ...change } : one)) ?? null;
};
const beat =
  (change: object) =>
  ({ facts }: Patient) => {
    facts.heartbeats = facts.heartbeats.map((one) => ({ ...one, ...change }));
  };

export const DATABASE_CASES: Case[] = [
  {
    when: "the migrations were not pushed",
    break(patient) {
      patient.fault = new Error("Cannot call amocrm_doctor_facts: PGRST202 no such function");
    },
    says: [["migrations_missing"], ["database_unasked"]],
  },
  {
    when: "the database does not answer",
    break(patient) {
      patient.fault = new Error("Cannot call amocrm_doctor_facts: 57014 canceled");
    },
    says: [
      ["database_failed", { reason: "Cannot call amocrm_doctor_facts: 57014 canceled" }],
      ["database_unasked"],
    ],
  },
  {
    when: "the functions are newer",
    break({ facts }) {
      facts.installation = { installed_at: ago(DAY_MS), version: "0.0.9" };
    },
    says: [["version_differs", { database: "0.0.9", functions: "0.1.0" }]],
  },
  {
    when: "pg_cron was dropped",
    break({ facts }) {
      facts.extensions = ["pg_net", "supabase_vault"];
      facts.jobs = null;
    },
    says: [
      [
        "extension_missing",
        {
          name: "pg_cron",
          remedy: "create extension pg_cron with schema pg_catalog; select amocrm_schedule_jobs()",
        },
      ],
      ["cron_unasked"],
    ],
  },
  {
    when: "pg_net was dropped",
    break({ facts }) {
      facts.extensions = ["pg_cron", "supabase_vault"];
      facts.call_id = null;
    },
    says: [
      ["extension_missing", { name: "pg_net", remedy: "create extension pg_net with schema extensions" }],
      ["road_unasked"],
    ],
  },
  {
    when: "Vault was dropped",
    break({ facts }) {
      facts.extensions = ["pg_cron", "pg_net"];
      facts.vault = null;
      facts.call_id = null;
    },
    says: [
      [
        "extension_missing",
        {
          name: "supabase_vault",
          remedy: "create extension supabase_vault with schema vault; npm run amocrm -- setup",
        },
      ],
      ["vault_unasked"],
      ["road_unasked"],
    ],
  },
  {
    when: "a trigger is gone and another is off",
    break({ facts }) {
      facts.triggers = facts.triggers
        .filter(({ name }) => name !== "amocrm_500_copy")
        .map((one) => ({
          ...one,
          is_enabled: one.name !== "amocrm_500_enqueue" || one.table !== "tripwire_users",
        }));
    },
    says: [
      ["trigger_missing", { table: "landing_leads", name: "amocrm_500_copy" }],
      ["trigger_off", { table: "tripwire_users", name: "amocrm_500_enqueue" }],
    ],
  },
  {
    when: "pg_cron was dropped and is back, with other people's jobs only",
    break({ facts }) {
      facts.jobs = [];
    },
    says: [["jobs_missing"]],
  },
  {
    when: "a whole dump was restored, with the log of cron's runs and without its numbers",
    break({ facts }) {
      facts.run_log_clashes = true;
      facts.jobs = [];
    },
    says: [["run_log_clashes"]],
  },
  {
    when: "a job is gone",
    break({ facts }) {
      facts.jobs = facts.jobs?.filter(({ name }) => name !== "amocrm-sweep") ?? null;
    },
    says: [["job_missing", { name: "amocrm-sweep" }]],
  },
  {
    when: "a job is switched off",
    break: job("amocrm-tick", { is_active: false }),
    says: [["job_off", { name: "amocrm-tick" }]],
  },
  {
    when: "a job fails",
    break: job("amocrm-prune", { last_status: "failed", last_message: "ERROR: no" }),
    says: [["job_failing", { name: "amocrm-prune", message: "ERROR: no" }]],
  },
  {
    when: "one job does not run",
    break: job("amocrm-tick", { last_started_at: ago(3 * MINUTE_MS) }),
    says: [["job_silent", { name: "amocrm-tick", minutes: 3 }]],
  },
  {
    when: "no job runs",
    break({ facts }) {
      facts.jobs = facts.jobs?.map((one) => ({ ...one, last_started_at: ago(5 * 60 * MINUTE_MS) })) ?? null;
    },
    says: [["cron_silent", { minutes: 300 }]],
  },
  {
    when: "no job has ever run although the installation is old",
    break({ facts }) {
      facts.jobs = facts.jobs?.map((one) => ({ ...one, last_started_at: null, last_status: null })) ?? null;
    },
    says: [["cron_silent", { minutes: 1440 }]],
  },
];

export const ROAD_CASES: Case[] = [
  {
    when: "Vault is empty",
    break({ facts }) {
      facts.vault = { is_readable: true, functions_url: null, has_key: false };
      facts.call_id = null;
    },
    says: [
      ["secret_missing", { name: "amocrm_functions_url" }],
      ["secret_missing", { name: "amocrm_call_token" }],
      ["road_unasked"],
    ],
  },
  {
    when: "Vault cannot be decrypted",
    break({ facts }) {
      facts.vault = { is_readable: false, functions_url: null, has_key: false };
      facts.call_id = null;
    },
    says: [["vault_unreadable"], ["road_unasked"]],
  },
  {
    when: "the database is a copy that calls the original",
    break({ facts }) {
      facts.vault = {
        is_readable: true,
        functions_url: "https://other.supabase.co/functions/v1",
        has_key: true,
      };
    },
    says: [
      [
        "vault_other_project",
        { url: "https://other.supabase.co/functions/v1", own: "https://own.supabase.co/functions/v1" },
      ],
    ],
  },
  {
    when: "the functions are called through an address of one's own",
    break({ facts }) {
      facts.vault = {
        is_readable: true,
        functions_url: "https://api.school.example/functions/v1",
        has_key: true,
      };
    },
    says: [
      [
        "vault_url_differs",
        { url: "https://api.school.example/functions/v1", own: "https://own.supabase.co/functions/v1" },
      ],
    ],
  },
  ...(
    [
      ["the key is refused", 401, "road_refused"],
      ["the function is not deployed", 404, "road_missing"],
      ["the function fails", 503, "road_failed"],
    ] as const
  ).map(
    ([when, status, code]): Case => ({
      when,
      break(patient) {
        patient.answer = { status_code: status, error: null };
      },
      says: [[code, code === "road_missing" ? {} : { status }]],
    }),
  ),
  {
    when: "the database does not reach the address",
    break(patient) {
      patient.answer = { status_code: null, error: "Couldn't resolve host name" };
    },
    says: [["road_broken", { reason: "Couldn't resolve host name" }]],
  },
  {
    when: "pg_net sends nothing",
    break(patient) {
      patient.answer = null;
    },
    says: [["road_silent"]],
  },
  {
    when: "the last drain failed",
    break: beat({ state: "failed", detail: "TypeError" }),
    says: [["function_failing", { name: "amocrm-drain", reason: "TypeError" }]],
  },
  {
    when: "a function is called and not heard of",
    break: beat({ unanswered_post_count: 3, answer: null }),
    says: [["function_silent", { name: "amocrm-drain", count: 3 }]],
  },
  {
    when: "a function is called and answers with a refusal",
    break: beat({ unanswered_post_count: 4, answer: { status_code: 404, error: null } }),
    says: [["function_refused", { name: "amocrm-drain", count: 4, answer: 404 }]],
  },
  {
    when: "the database's clock runs ahead",
    break({ facts }) {
      facts.clock = ago(-60_000);
    },
    says: [["clock_database_off", { seconds: 60 }]],
  },
  {
    when: "amoCRM's clock is behind",
    break(patient) {
      patient.accountOffsetMs = -45_000;
    },
    says: [["clock_amocrm_off", { seconds: -45 }]],
  },
];
