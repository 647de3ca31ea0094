import path from "node:path";
import type { SupabaseCli } from "#cli/uninstall/supabase-cli.ts";
import type { Language } from "#shared/platform/text.ts";
import type { Order } from "./arguments.ts";
import { findFolder, type Host, readHost } from "./host.ts";
import { BY_HAND, everySlug } from "./known.ts";
import { withDependents } from "./modules.ts";
import type { Payload } from "./payload.ts";
import { type Plan, type Remark, remark } from "./plan.ts";
import { planInstall } from "./plan-install.ts";
import { planUninstall } from "./plan-uninstall.ts";
import { say } from "./words.ts";

/** Exit codes; a dry run tells a pipeline whether there is something to do. */
export const EXIT = { ok: 0, refused: 1, pending: 2 } as const;

/** What the command works with. */
export interface Surroundings {
  /** Where the package's dist/ is. */
  dist: string;
  payload: Payload;
  read(file: string): string;
  cwd: string;
  now: Date;
  language: Language;
  print(line: string): void;
  /** For `--remote`. */
  supabase: SupabaseCli;
  /** Null where nobody can be asked. */
  confirm: ((question: string) => Promise<boolean>) | null;
}

export function hostOf(order: Order, { cwd, payload }: Surroundings): Host {
  return readHost(findFolder(order.supabaseDir, cwd), everySlug(payload), Object.keys(BY_HAND.files));
}

export function planOf(order: Order, host: Host, { payload, read, now }: Surroundings): Plan {
  if (order.command === "uninstall") {
    const gone = order.modules === null ? null : withDependents(order.modules.named);
    return planUninstall(host, { payload, read, now, modules: gone });
  }
  const modules = order.modules?.modules ?? null;
  return planInstall(host, {
    command: order.command === "init" ? "init" : "update",
    payload,
    read,
    now,
    modules,
    baseline: order.baseline,
    isReplacing: order.isReplacing,
    projectId: path.basename(path.dirname(host.folder)),
  });
}

/** A refusal's sentence, which also names the version, and where ours lies to be compared with. */
export function refusalText({ code, facts }: Remark, { dist, payload, cwd, language }: Surroundings): string {
  const ours = path.relative(cwd, path.join(dist, "supabase", String(facts["place"] ?? "")));
  return say(language, remark(code, { version: payload.version, ours, ...facts }));
}
