import type { Target } from "./target.ts";
import { SUPABASE_CLI } from "./uninstall/supabase-cli.ts";

const COMMAND =
  /(?:npx )?supabase(?:@[\d.]+)? (secrets set|secrets unset|functions deploy|db push)(?: --use-api)?(?: --remote=[^\s;,)]+)?( [A-Z][A-Z_]*(?:=[^\s;,)]*)?)?/g;

/**
 * A remedy whose commands of the Supabase CLI work as they are pasted: for a hosted project with version and ref, for the
 * local stack by what stands there in their place. Health and doctor do not know where the reader is.
 */
export function fitRemedy(remedy: string, target: Target | null): string {
  return remedy.replace(COMMAND, (_, verb: Verb, operand: string = "") =>
    target?.kind === "local" ? local(verb, operand.trim(), target.origin) : hosted(verb, operand, target),
  );
}

type Verb = "secrets set" | "secrets unset" | "functions deploy" | "db push";

function hosted(verb: Verb, operand: string, target: Target | null): string {
  const ref = /^https:\/\/([a-z0-9]+)\.supabase\.co$/.exec(target?.url ?? "")?.[1] ?? "<ref>";
  const deploy = verb === "functions deploy" ? " --use-api" : "";
  return `npx ${SUPABASE_CLI} ${verb}${deploy} --remote=${ref}${operand}`;
}

/** The local stack reads variables from a file beside its stack file, and takes functions and migrations from this folder. */
function local(verb: Verb, operand: string, stackFile: string): string {
  switch (verb) {
    case "secrets set":
      return `echo '${operand === "" ? "NAME=value" : operand}' >> ${stackFile}.env`;
    case "secrets unset":
      return `echo '${operand === "" ? "NAME" : operand}=' >> ${stackFile}.env`;
    default:
      return "start npm run dev again";
  }
}
