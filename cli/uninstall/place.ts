import path from "node:path";
import { readStackFile } from "#dev/stack/command/stack-file.ts";
import { filled, same } from "#shared/platform/text.ts";
import { usageFailure } from "../failure.ts";
import { DEFAULT_STACK_FILE } from "../target.ts";
import { UNINSTALL } from "../words/uninstall.ts";

/** Where something is uninstalled. */
export interface Place {
  /** What the Supabase CLI wants behind `--remote`: a project's ref, or the URL of a database. */
  remote: string;
  /** What the operator types to confirm. */
  name: string;
  /** Whether there is a platform with deployed functions and variables behind it. */
  isHosted: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

const REF = /^[a-z]{20}$/;

/** The project of `remote`, else of SUPABASE_URL, else the local stack; never another than the one that is named. */
export function placeOf(
  remote: string | undefined,
  environment: Environment,
  local: string | true | undefined,
): Place {
  if (remote !== undefined) return placeOfRemote(remote);
  const url = environment["SUPABASE_URL"]?.trim() ?? "";
  if (local !== undefined || url === "") return localPlace(local);
  const ref = /^https:\/\/([a-z]{20})\.supabase\.(co|in|red)\/?$/.exec(url)?.[1];
  if (ref === undefined) {
    throw usageFailure(UNINSTALL.noRef, UNINSTALL.noRefRemedy);
  }
  return { remote: ref, name: ref, isHosted: true };
}

function placeOfRemote(remote: string): Place {
  if (REF.test(remote)) return { remote, name: remote, isHosted: true };
  if (!/^postgres(ql)?:\/\//.test(remote) || !URL.canParse(remote)) {
    throw usageFailure(UNINSTALL.badRemote);
  }
  return databasePlace(remote, new URL(remote).host);
}

function localPlace(local: string | true | undefined): Place {
  const file = path.resolve(typeof local === "string" ? local : DEFAULT_STACK_FILE);
  const stack = readStackFile(file);
  if (stack === undefined) {
    throw usageFailure(filled(UNINSTALL.unnamed, { file }), same("--remote <ref>"));
  }
  return databasePlace(stack.dbUrl, "local");
}

function databasePlace(url: string, name: string): Place {
  const database = new URL(url);
  // Otherwise the CLI warns, in its answer, that loopback is not encrypted.
  if (/^(localhost|127\.0\.0\.1|\[::1\])$/.test(database.hostname) && !database.searchParams.has("sslmode")) {
    database.searchParams.set("sslmode", "disable");
  }
  return { remote: database.href, name, isHosted: false };
}
