import { newConfig, patchConfig } from "./config-text.ts";
import { type Host, type Installation, RECORD } from "./host.ts";
import { BY_HAND, knownSteps } from "./known.ts";
import { MODULES } from "./modules.ts";
import type { Payload } from "./payload.ts";
import { type Change, type Plan, type Remark, remark } from "./plan.ts";
import { planFiles } from "./plan-files.ts";
import { type MigrationWishes, planMigrations } from "./plan-migrations.ts";
import { readSteps } from "./steps.ts";

/** What a person wants. */
export interface Wishes extends MigrationWishes {
  command: "init" | "update";
  /** Null: those that are there, else all. */
  modules: readonly string[] | null;
  /** For a config.toml that has to be made. */
  projectId: string;
}

/** `init` and `update`: what has to change, so that the project holds this package. It is all or nothing. */
export function planInstall(host: Host, wishes: Wishes): Plan {
  const stop = refusalOf(host, wishes);
  if (stop !== null) return { changes: [], notices: [], refusals: [stop] };
  const { payload, read } = wishes;
  const modules = modulesOf(host, wishes);
  const functions = payload.functions.filter(({ module }) => modules.includes(module));
  const migrations = planMigrations(host, wishes);
  const files = planFiles(host, functions, payload.hashes, read);
  const config = planConfig(host, wishes, functions);
  const refusals = [...migrations.refusals, ...files.refusals, ...config.refusals];
  if (refusals.length > 0) return { changes: [], notices: [], refusals };
  const record: Installation = {
    package: "supabase-amocrm",
    version: payload.version,
    modules,
    steps: migrations.steps,
    ...(migrations.baseline === undefined ? {} : { baseline: migrations.baseline }),
    files: files.files,
  };
  return {
    changes: [...migrations.changes, ...files.changes, ...config.changes, ...recordChange(host, record)],
    notices: [...migrations.notices, ...files.notices, ...config.notices],
    refusals: [],
  };
}

/** Whether anything of ours is there, by whichever road it came; what was taken out again is not. */
export function isInstalled(host: Host, payload: Payload): boolean {
  const copied = Object.keys(BY_HAND.files).some((place) => host.files.has(place));
  const { present } = readSteps(host, knownSteps(payload), null);
  return host.record !== null || copied || present.size > 0;
}

export function recordChange(host: Host, record: Installation | null): Change[] {
  const text = record === null ? null : `${JSON.stringify(record, null, 2)}\n`;
  // Git may have given it other line endings.
  if (text === (host.recordText?.replaceAll("\r\n", "\n") ?? null)) return [];
  return [{ place: RECORD, was: host.recordText, text }];
}

function refusalOf(host: Host, { command, payload }: Wishes): Remark | null {
  if (host.isRecordBroken) return remark("record_broken", { file: RECORD });
  const { version } = host.record ?? {};
  if (version !== undefined && compare(version, payload.version) > 0) {
    return remark("downgrade", { installed: version, version: payload.version });
  }
  if (command === "update" && !isInstalled(host, payload)) return remark("not_installed");
  if (command === "init" && version !== undefined && compare(version, payload.version) < 0) {
    return remark("older_installed", { installed: version, version: payload.version });
  }
  return null;
}

function modulesOf({ record }: Host, { modules }: Wishes): string[] {
  if (modules === null) return record?.modules ?? [...MODULES];
  return MODULES.filter((name) => modules.includes(name) || record?.modules.includes(name));
}

function planConfig(host: Host, { payload, projectId }: Wishes, functions: Payload["functions"]): Plan {
  const text = host.config ?? newConfig(projectId);
  const patched = patchConfig(text, { functions, vault: payload.vault }, BY_HAND.sections);
  if ("code" in patched) return { changes: [], notices: [], refusals: [patched] };
  const changes =
    patched.text === host.config ? [] : [{ place: "config.toml", was: host.config, text: patched.text }];
  return { changes, notices: patched.notices, refusals: [] };
}

/** Of versions such as 1.2.3; what follows a hyphen comes before the release. */
function compare(a: string, b: string): number {
  const parts = (version: string): number[] => version.split(/[.-]/).slice(0, 3).map(Number);
  const [left, right] = [parts(a), parts(b)];
  const index = left.findIndex((part, place) => part !== right[place]);
  if (index !== -1) return (left[index] ?? 0) - (right[index] ?? 0);
  return Number(b.includes("-")) - Number(a.includes("-"));
}
