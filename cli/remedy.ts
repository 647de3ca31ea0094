import type { Text } from "#shared/platform/text.ts";
import type { Target } from "./target.ts";
import { SUPABASE_CLI } from "./uninstall/supabase-cli.ts";
import { PROJECT } from "./words/project.ts";

const COMMAND =
  /(?:npx )?supabase(?:@[\d.]+)? (secrets set|secrets unset|functions deploy|db push)(?: --use-api)?(?: --remote=[^\s;,)]+)?( [A-Z][A-Z_]*(?:=[^\s;,)]*)?)?/g;

/**
 * A remedy whose commands of the Supabase CLI work as they are pasted: for a hosted project with version and ref, for the
 * local stack by what stands there in their place. Health and doctor do not know where the reader is.
 */
export function fitRemedy(remedy: Text, target: Target | null): Text {
  const fitted = (text: string, again: string): string =>
    text.replace(COMMAND, (_, verb: Verb, operand: string = "") =>
      target?.kind === "local"
        ? local(verb, operand.trim(), target.origin, again)
        : hosted(verb, operand, target),
    );
  return { en: fitted(remedy.en, PROJECT.stackAgain.en), ru: fitted(remedy.ru, PROJECT.stackAgain.ru) };
}

type Verb = "secrets set" | "secrets unset" | "functions deploy" | "db push";

function hosted(verb: Verb, operand: string, target: Target | null): string {
  const ref = /^https:\/\/([a-z0-9]+)\.supabase\.co$/.exec(target?.url ?? "")?.[1] ?? "<ref>";
  const deploy = verb === "functions deploy" ? " --use-api" : "";
  return `npx ${SUPABASE_CLI} ${verb}${deploy} --remote=${ref}${operand}`;
}

/** The local stack reads variables from a file beside its stack file, and takes functions and migrations from this folder. */
function local(verb: Verb, operand: string, stackFile: string, again: string): string {
  switch (verb) {
    case "secrets set":
      return `echo '${operand === "" ? "NAME=value" : operand}' >> ${stackFile}.env`;
    case "secrets unset":
      return `echo '${operand === "" ? "NAME" : operand}=' >> ${stackFile}.env`;
    default:
      return again;
  }
}
