import type { Pipeline } from "../amocrm/entities.ts";
import type { Configuration, Route } from "../outbox/configuration.ts";
import type { AccountAccess } from "./account-access.ts";
import type { Health, OutboxRow } from "./answer.ts";
import type { SetupRequest } from "./request.ts";

export type StageRow = Configuration["stages"][number];
export type FieldRow = Configuration["fields"][number];
export type SettingsChange = NonNullable<SetupRequest["settings"]>;

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
  /** Sets both secrets, and calls the drain if something is due. */
  setVault(functionsUrl: string, cronKey: string): Promise<"done" | "unchanged">;
  health(): Promise<Health>;
  outboxRows(): Promise<OutboxRow[]>;
  duplicateCount(): Promise<number>;
  deadLetterCount(): Promise<number>;
}

/** What the actions of amocrm-admin may use. */
export interface AdminPorts {
  store: AdminStore;
  account: AccountAccess;
  /** Whether a key is one of this project's secret keys; null if the function was told of none. */
  isSecretKey(key: string): Promise<boolean | null>;
}
