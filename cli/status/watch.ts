import type { Text } from "#shared/platform/text.ts";
import type { Context } from "../context.ts";
import { EXIT, Failure, usageFailure } from "../failure.ts";
import type { Screen } from "../screen.ts";
import type { Terminal } from "../terminal.ts";
import { STATUS } from "../words/status.ts";
import { askStatus } from "./ask.ts";
import { frameOf } from "./frame.ts";

const POLL_MS = 2000;

/** Shows the status in place, again and again, until Ctrl-C. A project that cannot be asked for a while ends nothing. */
export async function watchStatus(context: Context, terminal: Terminal, screen: Screen): Promise<number> {
  const { output, target, clock, say } = context;
  if (output.isJson || !screen.isInteractive) {
    throw usageFailure(STATUS.watchNeeds, STATUS.watchInstead);
  }
  // Without anything to show yet, a wrong key or address is the answer.
  let last = await askStatus(context);
  let trouble: Text | null = null;
  const interruption = terminal.interruption();
  try {
    while (!interruption.aborted) {
      const nowMs = clock();
      const time = new Date(nowMs).toISOString().slice(11, 19);
      const state = trouble === null ? say(STATUS.ending) : say(STATUS.old, { trouble });
      screen.draw(frameOf(last, `${target.url}  ${time} UTC  ${state}`, nowMs, say));
      await terminal.wait(POLL_MS, interruption);
      if (interruption.aborted) break;
      try {
        last = await askStatus(context);
        trouble = null;
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        trouble = error.says;
      }
    }
  } finally {
    screen.close();
  }
  return EXIT.ok;
}
