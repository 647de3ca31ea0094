import type { AccountAccess } from "../amocrm/access.ts";
import type { Pipeline } from "../amocrm/api.ts";
import type { Configuration, MappedField, Route } from "../amocrm/configuration.ts";
import type { Clock } from "../platform/clock.ts";
import type { OpenAlert } from "../watch/report.ts";
import type { AlertRoad, BackfillEstimate, Health, MailHealth, OutboxRow, PullProgress } from "./answer.ts";
import type { BackfillRequest, SetupRequest } from "./request.ts";

export type StageRow = Configuration["stages"][number];
export type FieldRow = MappedField;
export type SettingsChange = NonNullable<SetupRequest["settings"]>;

export type AlertsChange = NonNullable<SetupRequest["alerts"]>;

/** What became of each address that was given. */
interface RoadOutcomes {
  alert_url?: "done" | "unchanged" | undefined;
  dead_man_url?: "done" | "unchanged" | undefined;
}

export type BackfillRange = Pick<BackfillRequest, "table" | "since" | "limit">;

/** The configuration as it stands in the database. */
export interface Configured {
  settings: Readonly<Record<string, unknown>>;
  routes: readonly Route[];
  stages: readonly StageRow[];
  fields: readonly FieldRow[];
}

/** Port: what the operator's command reads and writes in the database. Each `save` replaces one row, by its key. */
export interface AdminStore {
  configured(): Promise<Configured>;
  saveSettings(change: SettingsChange): Promise<void>;
  saveRoute(route: Route): Promise<void>;
  saveStage(stage: StageRow): Promise<void>;
  saveField(field: FieldRow): Promise<void>;
  savePipelines(pipelines: readonly Pipeline[]): Promise<void>;
  /** Sets the URL, makes the token of the calls if there is none, and calls the drain if something is due. */
  setVault(functionsUrl: string): Promise<"done" | "unchanged">;
  /** A new token for monitors; the one before opens nothing any more. */
  makeMonitorToken(): Promise<string>;
  alertRoads(): Promise<AlertRoad[]>;
  /** Sets the addresses that are given; an empty one is taken away. Tells what became of each. */
  setAlertRoads(alerts: AlertsChange): Promise<RoadOutcomes>;
  /** The lessons of the course, in their order. */
  lessons(): Promise<{ id: number; title: string }[]>;
  health(): Promise<Health>;
  mailHealth(): Promise<MailHealth>;
  /** The oldest first. */
  openAlerts(): Promise<OpenAlert[]>;
  outboxRows(): Promise<OutboxRow[]>;
  duplicateCount(): Promise<number>;
  deadLetterCount(): Promise<number>;
  estimateBackfill(range: BackfillRange): Promise<BackfillEstimate>;
  /** Enqueues in one transaction; tells how many. */
  enqueueBackfill(range: BackfillRange): Promise<number>;
  pullProgress(): Promise<PullProgress>;
  /** Makes a pull due and calls it; `since` is ISO 8601. */
  requestPull(since: string | null, acceptsDeletions: boolean): Promise<PullProgress>;
}

/** What the actions of amocrm-admin may use. */
export interface AdminPorts {
  store: AdminStore;
  account: AccountAccess;
}

/** What a setup may use besides. */
export interface SetupPorts extends AdminPorts {
  /** A person says that this project sends to the account of AMOCRM_ACCESS_TOKEN, from this database. */
  switchAccount(): Promise<AccountSwitched>;
  clock: Pick<Clock, "sleep">;
}

/** What became of that; `message` says what to do instead. */
export type AccountSwitched =
  | { ok: true; accountId: number; isOther: boolean; previousId: number | null }
  | { ok: false; message: string };
