import { Command } from "commander";
import type { Language, Text } from "#shared/platform/text.ts";
import { sayIn } from "#shared/platform/text.ts";
import { createAdminClient } from "../admin-client.ts";
import type { Run } from "../context.ts";
import type { Host } from "../host.ts";
import type { Output } from "../output.ts";
import { findTarget, loadEnvFile, type Target } from "../target.ts";
import { PROGRAM } from "../words/program.ts";
import { PROJECT } from "../words/project.ts";

/** What every command takes; it is not the command's own business. */
interface CommonFlags {
  json?: true;
  lang?: string;
  dotenv?: string;
  local?: string | true;
}

/** Flags by their usage, each with what it means. */
type Flags = Readonly<Record<string, Text>>;

/** How a command is made known to the program. */
export interface Registrar {
  language: Language;
  /** A command that asks a project. */
  add<F extends object>(
    name: string,
    texts: { purpose: Text; help: Text },
    flags: Flags,
    run: Run<F>,
  ): Command;
  /** A command that finds out by itself what it works on. */
  addFree<F extends object>(
    name: string,
    texts: { purpose: Text; help: Text },
    flags: Flags,
    run: (flags: F, local: string | true | undefined) => Promise<number>,
  ): Command;
}

const REPEATED: ReadonlySet<string> = new Set([
  "--tag <name>",
  "--stage <event=pipeline:stage>",
  "--field <entity.path=field>",
  "--map <column=name>",
]);
const collect = (value: string, earlier: string[] = []): string[] => [...earlier, value];

/** Adds commands to `program`. `onTarget` is told what one works on, as soon as it is known. */
export function createRegistrar(
  program: Command,
  host: Host,
  language: Language,
  output: Output,
  onTarget: (target: Target) => void,
): Registrar {
  const say = sayIn(language);

  function command(name: string, { purpose, help }: { purpose: Text; help: Text }, flags: Flags): Command {
    const made = new Command(name)
      .description(say(purpose))
      .helpOption("-h, --help", say(PROGRAM.help))
      .configureHelp(program.configureHelp())
      .configureOutput(program.configureOutput())
      .exitOverride();
    for (const [usage, meaning] of Object.entries(flags)) {
      if (REPEATED.has(usage)) made.option(usage, say(meaning), collect);
      else made.option(usage, say(meaning));
    }
    made
      .option("--json", say(PROGRAM.commandJson))
      .option("--lang <en|ru>", say(PROGRAM.lang))
      // Not --env-file: Node takes that name for itself, wherever it stands.
      .option("--dotenv <path>", say(PROGRAM.dotenv))
      .option("--local [stack-file]", say(PROGRAM.local))
      .addHelpText("after", say(help));
    program.addCommand(made);
    return made;
  }

  return {
    language,
    add(name, texts, flags, run) {
      const made = command(name, texts, flags);
      return made.action(async () => {
        const { dotenv, local, own } = typedIn(made);
        loadEnvFile(dotenv, host.env);
        const target = findTarget(host.env, local);
        onTarget(target);
        const { url, origin, kind } = target;
        output.note(say(PROJECT.project, { url, origin, kind: PROJECT[kind] }));
        host.exitCode = await run(own as never, {
          target,
          askAdmin: createAdminClient(target, globalThis.fetch),
          output,
          say,
          environment: host.env,
          nowMs: Date.now(),
          clock: Date.now,
        });
      });
    },
    addFree(name, texts, flags, run) {
      const made = command(name, texts, flags);
      return made.action(async () => {
        const { dotenv, local, own } = typedIn(made);
        loadEnvFile(dotenv, host.env);
        host.exitCode = await run(own as never, local);
      });
    },
  };
}

/** A command's own flags, with what stands without a flag by its name in the usage line. */
function typedIn(made: Command) {
  const { json: _json, lang: _lang, dotenv, local, ...flags } = made.opts<CommonFlags>();
  const operands = made.registeredArguments.map((argument, index) => [
    argument.name(),
    made.processedArgs[index],
  ]);
  return { dotenv, local, own: { ...flags, ...Object.fromEntries(operands) } };
}
