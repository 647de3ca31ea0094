import path from "node:path";
import { readStackFile } from "../../dev/stack/command/stack-file.ts";
import { usageFailure } from "../failure.ts";
import { DEFAULT_STACK_FILE } from "../target.ts";

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
    throw usageFailure(
      "SUPABASE_URL does not tell the project's ref",
      "--remote <ref>, as it stands in the dashboard's address, or --remote postgresql://… for a database of your own",
    );
  }
  return { remote: ref, name: ref, isHosted: true };
}

function placeOfRemote(remote: string): Place {
  if (REF.test(remote)) return { remote, name: remote, isHosted: true };
  if (!/^postgres(ql)?:\/\//.test(remote) || !URL.canParse(remote)) {
    throw usageFailure("--remote must be a project's ref (20 letters) or a postgresql:// URL");
  }
  return databasePlace(remote, new URL(remote).host);
}

function localPlace(local: string | true | undefined): Place {
  const file = path.resolve(typeof local === "string" ? local : DEFAULT_STACK_FILE);
  const stack = readStackFile(file);
  if (stack === undefined) {
    throw usageFailure(
      `No project is named: SUPABASE_URL is not set, and there is no local stack at ${file}`,
      "--remote <ref>",
    );
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
