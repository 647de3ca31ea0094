import { sayIn } from "#shared/platform/text.ts";
import { type CancelFlags, runCancel } from "../commands/cancel.ts";
import { type PauseFlags, runPause, runResume } from "../commands/pause.ts";
import { type RequeueFlags, runRequeue } from "../commands/requeue.ts";
import type { Terminal } from "../terminal.ts";
import { MESSAGES } from "../words/messages.ts";
import type { Registrar } from "./registrar.ts";

/** The commands that decide what becomes of what is there. */
export function addMending({ add, language }: Registrar, terminal: Terminal): void {
  const say = sayIn(language);
  add<RequeueFlags>(
    "requeue",
    { purpose: MESSAGES.requeuePurpose, help: MESSAGES.requeueHelp },
    {
      "--all": MESSAGES.all,
      "--kind <kind>": MESSAGES.allKind,
      "--code <code>": MESSAGES.allCode,
      "--limit <n>": MESSAGES.allLimit,
      "--yes": MESSAGES.yes,
    },
    (flags, context) => runRequeue(flags, context, terminal),
  ).argument("[ids...]", say(MESSAGES.numbers));
  add<CancelFlags>(
    "cancel",
    { purpose: MESSAGES.cancelPurpose, help: MESSAGES.cancelHelp },
    { "--yes": MESSAGES.yes },
    (flags, context) => runCancel(flags, context, terminal),
  ).argument("[ids...]", say(MESSAGES.numbers));
  add<PauseFlags>(
    "pause",
    { purpose: MESSAGES.pausePurpose, help: MESSAGES.pauseHelp },
    {},
    runPause,
  ).argument("[reason...]", say(MESSAGES.pauseReason));
  add("resume", { purpose: MESSAGES.resumePurpose, help: MESSAGES.resumeHelp }, {}, runResume);
}
