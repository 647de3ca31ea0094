import { PausedAnswer } from "../../supabase/functions/_shared/admin/messages/answer.ts";
import type { Context } from "../context.ts";
import { EXIT, usageFailure } from "../failure.ts";

export const PAUSE_HELP = `
Stops everything that goes to amoCRM, reading too: the next request does not leave. Forms go on, leads and students are
saved and wait. It does not ask, since it loses nothing and may be urgent; resume goes on.

The reason stands in status, for whoever comes next.

Exit code: 0, 2 for wrong usage, 3 if the project cannot be asked.

Examples:
  npm run amocrm -- pause 'moving to another account'
  npx amocrm pause 'wrong stage' --json`;

export const RESUME_HELP = `
Goes on after pause. If the breaker is open (token, payment, block, outage), it tries at once instead of waiting for the next
probe: after the cause was mended.

Exit code: 0, 2 for wrong usage, 3 if the project cannot be asked.

Examples:
  npm run amocrm -- resume
  npx amocrm resume --json`;

/** The flags of `pause`, as typed. */
export interface PauseFlags {
  reason?: string[];
}

const REASON_MAX_LENGTH = 500;

/** `pause`: nothing is sent until `resume`. */
export async function runPause(flags: PauseFlags, { askAdmin, output }: Context): Promise<number> {
  const reason = (flags.reason ?? []).join(" ").trim();
  if (reason === "") throw usageFailure("pause needs a reason", "npm run amocrm -- pause 'why'");
  if (reason.length > REASON_MAX_LENGTH) {
    throw usageFailure(`The reason may have ${REASON_MAX_LENGTH} characters at most`);
  }
  const answer = await askAdmin({ action: "pause", reason }, PausedAnswer);
  output.document(answer);
  output.line("✓ Paused. Leads are saved and wait: npm run amocrm -- resume goes on");
  return EXIT.ok;
}

/** `resume`: goes on, and probes at once. */
export async function runResume(_flags: object, { askAdmin, output }: Context): Promise<number> {
  const answer = await askAdmin({ action: "resume" }, PausedAnswer);
  output.document(answer);
  output.line("✓ Sending goes on: npm run amocrm -- status tells whether it arrives");
  return EXIT.ok;
}
