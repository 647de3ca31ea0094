import { PausedAnswer } from "#shared/admin/answers.ts";
import { filled } from "#shared/platform/text.ts";
import type { Context } from "../context.ts";
import { EXIT, usageFailure } from "../failure.ts";
import { MESSAGES } from "../words/messages.ts";

/** The flags of `pause`, as typed. */
export interface PauseFlags {
  reason?: string[];
}

const REASON_MAX_LENGTH = 500;

/** `pause`: nothing is sent until `resume`. */
export async function runPause(flags: PauseFlags, { askAdmin, output, say }: Context): Promise<number> {
  const reason = (flags.reason ?? []).join(" ").trim();
  if (reason === "") throw usageFailure(MESSAGES.pauseNeeds, MESSAGES.pauseExample);
  if (reason.length > REASON_MAX_LENGTH) {
    throw usageFailure(filled(MESSAGES.reasonTooLong, { max: REASON_MAX_LENGTH }));
  }
  const answer = await askAdmin({ action: "pause", reason }, PausedAnswer);
  output.document(answer);
  output.line(`✓ ${say(MESSAGES.paused)}`);
  return EXIT.ok;
}

/** `resume`: goes on, and probes at once. */
export async function runResume(_flags: object, { askAdmin, output, say }: Context): Promise<number> {
  const answer = await askAdmin({ action: "resume" }, PausedAnswer);
  output.document(answer);
  output.line(`✓ ${say(MESSAGES.resumed)}`);
  return EXIT.ok;
}
