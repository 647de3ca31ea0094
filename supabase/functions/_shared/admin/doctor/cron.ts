import type { DoctorFacts } from "./facts.ts";
import { type Finding, finding } from "./finding.ts";

/** Our jobs, and after how many seconds without a run one of them is late: some of its turns and a little. */
export const JOBS: Readonly<Record<string, number>> = {
  "amocrm-bulk": 2 * 60,
  "amocrm-click-notes": 5 * 60,
  "amocrm-finish-admissions": 5 * 60,
  "amocrm-followup-sweep": 15 * 60,
  "amocrm-flow": 5 * 60,
  "amocrm-followup-sums": 5 * 60,
  "amocrm-funnel": 5 * 60,
  "amocrm-link-sums": 5 * 60,
  "amocrm-mail-prune": 2.5 * 3600,
  "amocrm-mail-sweep": 15 * 60,
  "amocrm-forms": 5 * 60,
  "amocrm-loyalty-nightly": 26 * 3600,
  "amocrm-loyalty-recompute": 26 * 3600,
  "amocrm-loyalty-social": 2 * 60,
  "amocrm-loyalty-tick": 5 * 60,
  "amocrm-prune": 2.5 * 3600,
  "amocrm-pull-tick": 5 * 60,
  "amocrm-sms-reports": 5 * 60,
  "amocrm-sweep": 15 * 60,
  "amocrm-sweep-certificates": 15 * 60,
  "amocrm-sweep-lessons": 15 * 60,
  "amocrm-keep-logs": 3 * 60 * 60,
  "amocrm-tick": 2 * 60,
  "amocrm-unisender-looks": 5 * 60,
  "amocrm-watch": 5 * 60,
};

type Job = NonNullable<DoctorFacts["jobs"]>[number];

/** Are the cron jobs there, active, running and succeeding? Where none of them is there or runs, that is said once. */
export function checkCron({ jobs, run_log_clashes: clashes, clock, installation }: DoctorFacts): Finding[] {
  // A missing pg_cron is named among the extensions.
  if (jobs === null) return [finding("cron_unasked")];
  // Neither a new job nor a restart mends that; what mends it brings lost jobs back as well.
  if (clashes) return [finding("run_log_clashes")];
  if (!jobs.some(({ name }) => name in JOBS)) return [finding("jobs_missing")];
  const nowMs = Date.parse(clock);
  const installedMs = installation === null ? 0 : Date.parse(installation.installed_at);
  const findings: Finding[] = [];
  const late: { name: string; minutes: number }[] = [];
  let youngCount = 0;
  for (const [name, lateSeconds] of Object.entries(JOBS)) {
    const job = jobs.find((one) => one.name === name);
    if (job === undefined || !job.is_active) {
      findings.push(finding(job === undefined ? "job_missing" : "job_off", { name }));
      continue;
    }
    const lastMs = job.last_started_at === null ? installedMs : Date.parse(job.last_started_at);
    if (nowMs - lastMs > lateSeconds * 1000) {
      late.push({ name, minutes: Math.floor((nowMs - lastMs) / 60_000) });
    } else if (job.last_started_at === null) {
      youngCount += 1;
    } else {
      findings.push(...failure(job));
    }
  }
  // A job of once a day is late long after the others, and says nothing of cron meanwhile.
  const silent = late.filter(({ name }) => !isDaily(name));
  const active = jobs.filter(({ name, is_active: isActive }) => isActive && name in JOBS && !isDaily(name));
  if (silent.length > 1 && silent.length === active.length) {
    findings.push(finding("cron_silent", { minutes: Math.min(...late.map(({ minutes }) => minutes)) }));
  } else {
    findings.push(...late.map((facts) => finding("job_silent", facts)));
  }
  if (findings.length > 0) return findings;
  const count = Object.keys(JOBS).length;
  return [youngCount === 0 ? finding("cron_ok", { count }) : finding("cron_young", { count })];
}

const isDaily = (name: string): boolean => (JOBS[name] ?? 0) > 12 * 3600;

function failure({ name, last_status: status, last_message: message }: Job): Finding[] {
  return status === "failed" ? [finding("job_failing", { name, message: message ?? "" })] : [];
}
