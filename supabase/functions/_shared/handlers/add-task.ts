import { withReference } from "../amocrm/note-text.ts";
import { createTask } from "../drain/operations.ts";
import type { Message } from "../outbox/message.ts";
import { createOnce } from "./create-once.ts";
import type { End, Tools } from "./handler.ts";
import { referenceOf } from "./lead.ts";
import { lookUpTask } from "./look-up.ts";

/** A task for a repeated lead is due within a day. */
const DUE_SECONDS = 24 * 60 * 60;
/** What fits the task list; the whole name stands in the note. */
const LONGEST_TITLE = 250;

/** Puts a task for the responsible user on the deal, once. Null when it is there. */
export async function addTask(
  message: Message,
  task: { dealId: number; title: string; responsibleUserId: number | null },
  tools: Tools,
): Promise<End | null> {
  if (message.progress.task === true) return null;
  const { dealId, title, responsibleUserId } = task;
  const reference = referenceOf(message);
  const end = await createOnce(
    message,
    {
      operation: createTask,
      input: {
        dealId,
        text: withReference([...title].slice(0, LONGEST_TITLE).join(""), reference),
        completeTill: Math.floor(tools.nowMs() / 1000) + DUE_SECONDS,
        responsibleUserId,
      },
      progress: { task: true as const },
      look: () => lookUpTask(dealId, reference, tools),
    },
    tools,
  );
  if (end?.kind !== "unanswered" || end.lookCount < tools.configuration.settings.most_looks) return end;
  // Too many tasks to look through. The note is there in any case, and a second task would be worse than none.
  await tools.record({ progress: { task: true } });
  tools.warn({
    code: "task_unconfirmed",
    message:
      "amoCRM's answer to the task was lost and its tasks could not be looked through; it may be missing",
  });
  return null;
}
