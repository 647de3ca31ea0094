#!/usr/bin/env node
/** `npm run amocrm -- <command>`: the operator's command, against a hosted project or the local stack. */
import { Command, CommanderError } from "commander";
import { createAdminClient } from "./admin-client.ts";
import type { BackfillFlags } from "./backfill-order.ts";
import { BACKFILL_HELP, runBackfill } from "./commands/backfill.ts";
import { CANCEL_HELP, type CancelFlags, runCancel } from "./commands/cancel.ts";
import { CONNECT_HELP, type ConnectFlags, runConnect } from "./commands/connect.ts";
import { DEAD_HELP, type DeadFlags, runDead } from "./commands/dead.ts";
import { DOCTOR_HELP, type DoctorFlags, runDoctor } from "./commands/doctor.ts";
import { FIND_HELP, type FindFlags, runFind } from "./commands/find.ts";
import { PAUSE_HELP, type PauseFlags, RESUME_HELP, runPause, runResume } from "./commands/pause.ts";
import { PIPELINES_HELP, runPipelines } from "./commands/pipelines.ts";
import { PULL_HELP, type PullFlags, runPull } from "./commands/pull.ts";
import { REQUEUE_HELP, type RequeueFlags, runRequeue } from "./commands/requeue.ts";
import { runSetup, SETUP_HELP } from "./commands/setup.ts";
import { runStatus, STATUS_HELP, type StatusFlags } from "./commands/status.ts";
import { runUninstall, UNINSTALL_HELP, type UninstallFlags } from "./commands/uninstall.ts";
import type { Run } from "./context.ts";
import { EXIT, Failure, usageFailure } from "./failure.ts";
import { createOutput, type Output } from "./output.ts";
import { createPrompts } from "./prompts.ts";
import { fitRemedy } from "./remedy.ts";
import { createScreen } from "./screen.ts";
import type { SetupFlags } from "./setup-order.ts";
import { findTarget, loadEnvFile, type Target } from "./target.ts";
import { createTerminal } from "./terminal.ts";
import { readOurs } from "./uninstall/ours.ts";
import { createSupabaseCli } from "./uninstall/supabase-cli.ts";

interface CommonFlags {
  json?: true;
  dotenv?: string;
  local?: string | true;
}

const collect = (value: string, earlier: string[] = []): string[] => [...earlier, value];

// Decided before anything is parsed, so that a wrong flag is answered in JSON as well.
const output = createOutput(process.argv.includes("--json"), {
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
});

// The reader of our output has enough (… | head -1): nothing is left to be said.
process.stdout.on("error", () => process.exit());

/** What the command works on, once it is known; remedies are fitted to it. */
let target: Target | null = null;

const program = new Command("npm run amocrm --")
  .description("Sets up and watches the delivery of leads to amoCRM.")
  .configureOutput({ writeErr: () => {} })
  .exitOverride()
  .option("--json", "print one JSON document and nothing else, also when the command is wrong")
  .addHelpText(
    "after",
    `
The project is that of SUPABASE_URL and SUPABASE_SECRET_KEY (environment or .env), else the local stack of npm run dev.

Examples:
  npm run amocrm -- setup
  npm run amocrm -- status --watch
  npm run amocrm -- requeue --help
  npx amocrm status --json | jq .verdict`,
  );

const terminal = createTerminal(process);
const prompts = terminal.isInteractive
  ? createPrompts({ input: process.stdin, output: process.stderr })
  : null;
const dialogue = prompts === null ? null : { prompts, terminal };
addCommand<StatusFlags>(
  "status",
  "Do leads reach amoCRM, and if not, what is to be done?",
  STATUS_HELP,
  (flags, context) => runStatus(flags, context, terminal, createScreen(process.stdout)),
).option("--watch", "stay and show it again each 2 s, in place");
addCommand<DeadFlags>("dead", "Which messages are dead, why, and what to do.", DEAD_HELP, runDead)
  .option("--kind <kind>", "of this kind only, such as lead.created")
  .option("--code <code>", "with this error code only")
  .option("--limit <n>", "how many are listed; default: 50");
addCommand<RequeueFlags>(
  "requeue",
  "Tries dead or cancelled messages again.",
  REQUEUE_HELP,
  (flags, context) => runRequeue(flags, context, terminal),
)
  .argument("[ids...]", "numbers of messages")
  .option("--all", "all that are dead")
  .option("--kind <kind>", "with --all: of this kind only")
  .option("--code <code>", "with --all: with this error code only")
  .option("--limit <n>", "with --all: how many at most, the oldest first; default: 1000")
  .option("--yes", "do it without asking");
addCommand<CancelFlags>("cancel", "Takes messages out for good.", CANCEL_HELP, (flags, context) =>
  runCancel(flags, context, terminal),
)
  .argument("[ids...]", "numbers of messages")
  .option("--yes", "do it without asking");
addCommand<PauseFlags>("pause", "Stops sending to amoCRM.", PAUSE_HELP, runPause).argument(
  "[reason...]",
  "why, for whoever comes next",
);
addCommand("resume", "Goes on sending.", RESUME_HELP, runResume);
addCommand<SetupFlags>(
  "setup",
  "Writes routes, stages, fields, settings and Vault secrets.",
  SETUP_HELP,
  (flags, context) => runSetup(flags, context, dialogue),
)
  .option("--pipeline <id>", "pipeline for new deals; default: the account's main one")
  .option("--status <id>", "stage for new deals; default: the pipeline's first")
  .option("--responsible <id>", "user responsible for new deals")
  .option("--source <name>", "leads of this source only; default: *, all that have no route of their own")
  .option("--on-repeat <what>", "a further lead of a person with an open deal: note, note_and_task or deal")
  .option("--deal-name <template>", "name of new deals, such as '{name} — {source}'")
  .option("--tag <name>", "tag for new deals; may be repeated", collect)
  .option("--stage <event=pipeline:stage>", "where an event moves the deal; may be repeated", collect)
  .option("--field <entity.path=field>", "which field takes a value, by id or code; may be repeated", collect)
  .option("--marker", "make or find the deal field that carries the lead's id")
  .option("--utm", "map the utm columns to the account's fields")
  .option("--min-interval-ms <n>", "the pace: smallest time between two requests, 150 or more")
  .option("--functions-url <url>", "Vault: where the database calls the functions")
  .option("--cron-key <key>", "Vault: the secret key with which it does")
  .option("--alert-url <url>", "where the database posts an alert that cannot go by mail; '' takes it away")
  .option("--dead-man-url <url>", "what it calls each 5 minutes while all is well; '' takes it away")
  .option("--yes", "ask nothing, also at a terminal");
addCommand<ConnectFlags>(
  "connect",
  "Connects amoCRM: prints a link for the browser and waits.",
  CONNECT_HELP,
  (flags, context) => runConnect(flags, context, terminal),
).option("--switch", "take another account than the one connected before");
addCommand<BackfillFlags>(
  "backfill",
  "Sends history: rows that never reached amoCRM.",
  BACKFILL_HELP,
  (flags, context) => runBackfill(flags, context, terminal),
)
  .option("--table <name>", "unified_lead_tracking (leads, the default) or tripwire_users (students)")
  .option("--since <date>", "rows created then or later; default: all")
  .option("--limit <n>", "how many rows at most; default: 1000")
  .option("--dry-run", "print the estimate and end")
  .option("--yes", "start without asking");
addCommand<PullFlags>(
  "pull",
  "Reads changed contacts and deals back from amoCRM.",
  PULL_HELP,
  (flags, context) => runPull(flags, context, terminal),
)
  .option("--since <date>", "deals changed then or later; default: since the last pull, or a week")
  .option("--accept-deletions", "more than a fifth of the mirror was really deleted in amoCRM");

addCommand("pipelines", "Lists amoCRM's pipelines and stages with their ids.", PIPELINES_HELP, runPipelines);
addCommand<FindFlags>("find", "Who somebody is, here and in amoCRM.", FIND_HELP, runFind)
  .option("--email <address>", "the e-mail, as anybody may have typed it")
  .option("--phone <number>", "the phone, as anybody may have typed it")
  .option("--lead <id>", "the id of a lead or student");
withCommonFlags("doctor", "What is wrong, and how to mend it.", DOCTOR_HELP)
  .option("--lang <en or ru>", "the language of the lines; default: the shell's")
  .action(async ({ dotenv, local, ...flags }: DoctorFlags & CommonFlags) => {
    loadEnvFile(dotenv);
    const { env: environment } = process;
    const nowMs = () => Date.now();
    process.exitCode = await runDoctor(flags, { local, environment, output, fetch: globalThis.fetch, nowMs });
  });
withCommonFlags("uninstall", "Takes everything out again, but what people have entered.", UNINSTALL_HELP)
  .option("--remote <ref or url>", "the project's ref; default: that of SUPABASE_URL")
  .option("--dry-run", "list what would be removed and what would stay, and end")
  .option("--export <file>", "write which contact and deal belong to which row, before")
  .option("--confirm <ref>", "the project's ref, instead of typing it in")
  .action(async ({ dotenv, local, ...flags }: UninstallFlags & CommonFlags) => {
    loadEnvFile(dotenv);
    process.exitCode = await runUninstall(flags, {
      local,
      environment: process.env,
      output,
      prompts,
      ours: readOurs(),
      supabase: createSupabaseCli(process.env),
    });
  });

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error, output);
}

/** A command that asks a project. `local` and the like are not the command's own business. */
function addCommand<F extends object>(name: string, purpose: string, help: string, run: Run<F>): Command {
  const command = withCommonFlags(name, purpose, help);
  return command.action(async () => {
    const { json: _, dotenv, local, ...flags } = command.opts<CommonFlags>();
    // What stands without a flag, by its name in the usage line.
    const operands = command.registeredArguments.map((argument, index) => [
      argument.name(),
      command.processedArgs[index],
    ]);
    loadEnvFile(dotenv);
    target = findTarget(process.env, local);
    output.note(`Project: ${target.url} (${target.kind}, by ${target.origin})`);
    process.exitCode = await run({ ...flags, ...Object.fromEntries(operands) } as F, {
      target,
      askAdmin: createAdminClient(target, globalThis.fetch),
      output,
      environment: process.env,
      nowMs: Date.now(),
      clock: Date.now,
    });
  });
}

/** A command with the flags that all share. */
function withCommonFlags(name: string, purpose: string, help: string): Command {
  return (
    program
      .command(name)
      .description(purpose)
      .option("--json", "print one JSON document and nothing else")
      // Not --env-file: Node takes that name for itself, wherever it stands.
      .option("--dotenv <path>", "read variables from this file; default: .env")
      .option("--local [stack-file]", "the local stack, whatever the environment says")
      .addHelpText("after", help)
  );
}

/** Says what went wrong, in words on stderr and in JSON mode on stdout, and tells the exit code. */
function report(error: unknown, { document, note }: Output): number {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
  const failure =
    error instanceof Failure
      ? error
      : error instanceof CommanderError
        ? usageFailure(usageText(error), "npm run amocrm -- --help")
        : null;
  if (failure === null) throw error;
  const { code, message, exitCode } = failure;
  const remedy = failure.remedy === null ? null : fitRemedy(failure.remedy, target);
  if (error instanceof CommanderError && error.code === "commander.help") note(program.helpInformation());
  note(`✗ ${message}`);
  if (remedy !== null) note(`  ${remedy}`);
  document({ error: { code, message, remedy } });
  return exitCode;
}

/** Commander's sentence without its prefix; a call without a command is told by its help. */
function usageText(error: CommanderError): string {
  return error.code === "commander.help" ? "A command is missing" : error.message.replace(/^error: /, "");
}
