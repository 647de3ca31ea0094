import type { Command } from "commander";
import { type DeadFlags, runDead } from "../commands/dead.ts";
import { runDoctor } from "../commands/doctor.ts";
import { type FindFlags, runFind } from "../commands/find.ts";
import { runPipelines } from "../commands/pipelines.ts";
import { type PlanFlags, runPlan } from "../commands/plan.ts";
import { runStatus, type StatusFlags } from "../commands/status.ts";
import type { Host } from "../host.ts";
import type { Output } from "../output.ts";
import { createScreen } from "../screen.ts";
import type { Terminal } from "../terminal.ts";
import { DOCTOR } from "../words/doctor/command.ts";
import { FIND } from "../words/find.ts";
import { MESSAGES } from "../words/messages.ts";
import { PIPELINES } from "../words/pipelines.ts";
import { PLAN } from "../words/plan.ts";
import { STATUS } from "../words/status.ts";
import type { Registrar } from "./registrar.ts";

/** The commands that show how things are. */
export function addSeeing(
  registrar: Registrar,
  { env, stdout }: Host,
  output: Output,
  terminal: Terminal,
): Command[] {
  const { add, addFree, language } = registrar;
  return [
    add<StatusFlags>("status", STATUS, { "--watch": STATUS.watch }, (flags, context) =>
      runStatus(flags, context, terminal, createScreen(stdout)),
    ),
    addFree("doctor", DOCTOR, {}, (_flags, local) =>
      runDoctor({
        local,
        environment: env,
        language,
        output,
        fetch: globalThis.fetch,
        nowMs: () => Date.now(),
      }),
    ),
    add<DeadFlags>(
      "dead",
      { purpose: MESSAGES.deadPurpose, help: MESSAGES.deadHelp },
      { "--kind <kind>": MESSAGES.kind, "--code <code>": MESSAGES.code, "--limit <n>": MESSAGES.deadLimit },
      runDead,
    ),
    add<FindFlags>(
      "find",
      FIND,
      { "--email <address>": FIND.email, "--phone <number>": FIND.phone, "--lead <id>": FIND.lead },
      runFind,
    ),
    add("pipelines", PIPELINES, {}, runPipelines),
    add<PlanFlags>(
      "plan",
      PLAN,
      { "--pending": PLAN.pending, "--lead <id>": PLAN.lead, "--limit <n>": PLAN.limit },
      runPlan,
    ),
  ];
}
