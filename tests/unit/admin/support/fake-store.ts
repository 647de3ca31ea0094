import type { Health, MailHealth, PullProgress, StatusAnswer } from "#shared/admin/answer.ts";
import type { AdminStore, Configured } from "#shared/admin/port.ts";
import type { Pipeline } from "#shared/amocrm/api/entities.ts";
import type { OpenAlert } from "#shared/watch/report.ts";

/** A row of amocrm_health with nothing wrong. */
export const HEALTHY: Health = {
  verdict: "ok",
  problem: null,
  remedy: null,
  version: "0.1.0",
  installed_at: "2026-11-01T00:00:00+00:00",
  waiting_count: 0,
  uncertain_count: 0,
  dead_count: 0,
  oldest_waiting_at: null,
  last_delivered_at: null,
  last_drain_at: null,
  unanswered_post_count: 0,
  missing: [],
  min_interval_ms: 2000,
  interval_in_force_ms: 2000,
  slow_reason: null,
  breaker_code: null,
  breaker_message: null,
  breaker_probe_at: null,
  breaker_opened_at: null,
  paused_at: null,
  pause_reason: null,
  last_tick_at: null,
  last_pull_at: null,
  mirror_complete: true,
  token_state: "connected",
  token_expires_at: null,
  refresh_expires_at: null,
  notice: null,
  last_lead_at: null,
  usual_lead_count: null,
  is_silence_unusual: false,
  last_live_at: null,
  last_backfill_at: null,
  backlog_done_at: null,
  token_uptime: null,
  quarantined_count: 0,
  oldest_quarantined_at: null,
};

/** What is told of message_health with nothing wrong. */
export const MAIL_HEALTHY: MailHealth = {
  verdict: "ok",
  problem: null,
  remedy: null,
  notice: null,
  waiting_count: 0,
  uncertain_count: 0,
  dead_count: 0,
  oldest_waiting_at: null,
};

/** A status with nothing to say. */
export const QUIET_STATUS: StatusAnswer = {
  verdict: "ok",
  problem: null,
  remedy: null,
  health: HEALTHY,
  outbox: [],
  duplicate_count: 0,
  dead_letter_count: 0,
  open_alerts: [],
  quarantine: null,
  mail: MAIL_HEALTHY,
};

/** The database in memory, with a list of what was written to it. */
export interface FakeStore extends AdminStore {
  rows: { [T in keyof Configured]: Configured[T] };
  roads: { alertUrl: string; deadManUrl: string };
  /** What came of the test post. */
  testProblem: string | null;
  vault: { functionsUrl: string } | null;
  pipelines: readonly Pipeline[];
  writes: string[];
  /** How many rows never reached amoCRM. */
  historyCount: number;
  progress: PullProgress;
  alerts: OpenAlert[];
}

export function createFakeStore(healthRow: Partial<Health> = {}): FakeStore {
  const store: FakeStore = {
    rows: { settings: { min_interval_ms: 2000, batch_size: 50 }, routes: [], stages: [], fields: [] },
    vault: null,
    roads: { alertUrl: "", deadManUrl: "" },
    testProblem: null,
    pipelines: [],
    writes: [],
    historyCount: 0,
    alerts: [],
    progress: { is_working: false, is_due: false, hindrance: null, interval_ms: 2000, entities: [] },
    configured: async () => ({ ...store.rows }),
    async saveSettings(change) {
      store.writes.push("settings");
      store.rows.settings = { ...store.rows.settings, ...change };
    },
    async saveRoute(route) {
      store.writes.push(`route ${route.source}`);
      store.rows.routes = [...store.rows.routes.filter(({ source }) => source !== route.source), route];
    },
    async saveStage(stage) {
      store.writes.push(`stage ${stage.event}`);
      store.rows.stages = [...store.rows.stages.filter(({ event }) => event !== stage.event), stage];
    },
    async saveField(field) {
      const isOther = (row: typeof field): boolean => row.entity !== field.entity || row.path !== field.path;
      store.writes.push(`field ${field.entity}.${field.path}`);
      store.rows.fields = [...store.rows.fields.filter(isOther), field];
    },
    async savePipelines(pipelines) {
      store.pipelines = pipelines;
    },
    makeMonitorToken: async () => "f".repeat(64),
    async setVault(functionsUrl) {
      const isSame = store.vault?.functionsUrl === functionsUrl;
      store.vault = { functionsUrl };
      store.writes.push("vault");
      return isSame ? "unchanged" : "done";
    },
    alertRoads: async () => [
      { name: "amocrm_alert_url", host: hostOf(store.roads.alertUrl), problem: store.testProblem },
      { name: "amocrm_dead_man_url", host: hostOf(store.roads.deadManUrl), problem: null },
    ],
    async setAlertRoads({ alertUrl, deadManUrl }) {
      const before = store.roads;
      store.roads = { alertUrl: alertUrl ?? before.alertUrl, deadManUrl: deadManUrl ?? before.deadManUrl };
      store.writes.push("alerts");
      return {
        ...(alertUrl === undefined ? {} : { alert_url: alertUrl === before.alertUrl ? "unchanged" : "done" }),
        ...(deadManUrl === undefined
          ? {}
          : { dead_man_url: deadManUrl === before.deadManUrl ? "unchanged" : "done" }),
      };
    },
    lessons: async () => [
      { id: 67, title: "One" },
      { id: 68, title: "Two" },
    ],
    health: async () => ({ ...HEALTHY, ...healthRow }),
    mailHealth: async () => MAIL_HEALTHY,
    openAlerts: async () => store.alerts,
    outboxRows: async () => [],
    duplicateCount: async () => 3,
    deadLetterCount: async () => 2,
    estimateBackfill: async ({ limit }) => {
      const messageCount = Math.min(limit, store.historyCount);
      return { message_count: messageCount, request_count: 3, interval_ms: 2000, minutes: 0.1 };
    },
    async enqueueBackfill({ limit }) {
      const count = Math.min(limit, store.historyCount);
      store.historyCount -= count;
      store.writes.push(`backfill ${count}`);
      return count;
    },
    pullProgress: async () => store.progress,
    async requestPull(since) {
      store.writes.push(`pull since ${since}`);
      return store.progress;
    },
  };
  return store;
}

function hostOf(url: string): string | null {
  return url === "" ? null : new URL(url).host;
}
