import { patchConfig } from "./config-text.ts";
import { type Host, RECORD } from "./host.ts";
import { BY_HAND, knownSteps } from "./known.ts";
import { versionsAfter } from "./migration-names.ts";
import type { Payload } from "./payload.ts";
import { type Change, type Plan, type Remark, remark } from "./plan.ts";
import { planFiles } from "./plan-files.ts";
import { isInstalled, recordChange } from "./plan-install.ts";
import { downMigration } from "./plan-migrations.ts";
import { readSteps, UNINSTALL_STEP } from "./steps.ts";

export interface UninstallWishes {
  payload: Payload;
  read(file: string): string;
  now: Date;
  /** Null: everything. Else functions of these modules alone, since the migrations are one whole. */
  modules: readonly string[] | null;
}

/**
 * Our functions and our part of config.toml go. Migrations that were applied are history and stay: a push is refused where
 * one is missing. A further one takes out what they made.
 */
export function planUninstall(host: Host, wishes: UninstallWishes): Plan {
  if (host.isRecordBroken) return stopped([remark("record_broken", { file: RECORD })]);
  const { payload, read, modules } = wishes;
  if (!isInstalled(host, payload)) return { changes: [], notices: [remark("nothing_there")], refusals: [] };
  if (modules?.includes("amocrm")) return stopped([remark("amocrm_is_needed")]);
  const left = modules === null ? [] : (host.record?.modules ?? []).filter((name) => !modules.includes(name));
  const functions = payload.functions.filter(({ module }) => left.includes(module));
  const files = planFiles(host, functions, payload.hashes, read);
  const vault = modules === null ? {} : payload.vault;
  const config =
    host.config === null ? null : patchConfig(host.config, { functions, vault }, BY_HAND.sections);
  const down = modules === null ? planDown(host, wishes) : [];
  const refusals = [...files.refusals, ...(config !== null && "code" in config ? [config] : [])];
  if (!Array.isArray(down)) refusals.push(down);
  if (refusals.length > 0 || !Array.isArray(down)) return stopped(refusals);
  const record =
    host.record === null || modules === null ? null : { ...host.record, modules: left, files: files.files };
  return {
    changes: [
      ...files.changes,
      ...(config === null || "code" in config || config.text === host.config
        ? []
        : [{ place: "config.toml", was: host.config, text: config.text }]),
      ...down,
      ...recordChange(host, record),
    ],
    notices: files.notices,
    refusals: [],
  };
}

function planDown(host: Host, { payload, now }: UninstallWishes): Change[] | Remark {
  const { record } = host;
  const baseline = record?.baseline === undefined ? null : { file: record.baseline, steps: record.steps };
  if (readSteps(host, knownSteps(payload), baseline).present.size === 0) return [];
  const versions = versionsAfter(
    host.migrations.map(({ file }) => file),
    1,
    now,
  );
  if (!Array.isArray(versions)) return versions;
  return [
    {
      place: `migrations/${versions[0]}_amocrm_${UNINSTALL_STEP}.sql`,
      was: null,
      text: downMigration(payload),
    },
  ];
}

function stopped(refusals: Remark[]): Plan {
  return { changes: [], notices: [], refusals };
}
