import { parseArgs } from "node:util";
import { chooseModules, MODULES, type ModuleChoice } from "./modules.ts";
import { type Remark, remark } from "./plan.ts";

const COMMANDS = ["init", "update", "doctor", "uninstall"] as const;
type CommandName = (typeof COMMANDS)[number];

/** What was typed, understood. */
export interface Order {
  command: CommandName;
  modules: ModuleChoice | null;
  supabaseDir: string | undefined;
  isDryRun: boolean;
  isConfirmed: boolean;
  baseline: string | undefined;
  isReplacing: boolean;
  remote: string | undefined;
}

const OPTIONS = {
  modules: { type: "string" },
  "supabase-dir": { type: "string" },
  "dry-run": { type: "boolean" },
  yes: { type: "boolean", short: "y" },
  baseline: { type: "string" },
  replace: { type: "boolean" },
  remote: { type: "string" },
  lang: { type: "string" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
} as const;

/** The order, a wish for help or version, or what is wrong with it. */
export function readArguments(args: readonly string[]): Order | "help" | "version" | Remark {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return remark("usage", { reason: error instanceof Error ? (error.message.split(". ")[0] ?? "") : "" });
  }
  const { values, positionals } = parsed;
  if (values.help) return "help";
  if (values.version) return "version";
  const command = COMMANDS.find((name) => name === positionals[0]);
  if (command === undefined || positionals.length > 1) {
    return remark("unknown_command", { name: positionals[command === undefined ? 0 : 1] ?? "" });
  }
  const modules = values.modules === undefined ? null : chooseModules(values.modules);
  if (modules !== null && "kind" in modules) {
    const name = "name" in modules ? modules.name : "";
    return remark(`module_${modules.kind}`, { name, all: MODULES.join(",") });
  }
  return {
    command,
    modules,
    supabaseDir: values["supabase-dir"],
    isDryRun: values["dry-run"] === true,
    isConfirmed: values.yes === true,
    baseline: values.baseline,
    isReplacing: values.replace === true,
    remote: values.remote,
  };
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
}
