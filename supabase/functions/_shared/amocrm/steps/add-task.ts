import { cut } from "../../platform/cut.ts";
import { createTask } from "../drain/operations.ts";
import type { End, Tools } from "../handler.ts";
import type { Message } from "../message.ts";
import { withReference } from "../rules/note-text.ts";
import { createOnce } from "./create-once.ts";
import { lookUpTask } from "./look-up.ts";
import { referenceOf } from "./subject.ts";

/** A task for a repeated lead is due within a day. */
const DUE_SECONDS = 24 * 60 * 60;
/** What fits the task list; the whole name stands in the note. */
const MAX_TITLE = 250;

/** A task to be put on a deal, and who may be responsible for it: the first of them whom amoCRM takes. */
export interface WantedTask {
  dealId: number;
  title: string;
  responsibleUserIds: readonly (number | null)[];
  /** In Unix seconds; a day from now if it is left open. */
  completeTill?: number;
}

/** Puts a task for a responsible user on the deal, once. Null when it is there. */
export async function addTask(message: Message, task: WantedTask, tools: Tools): Promise<End | null> {
  if (message.progress.task === true) return null;
  // Left to amoCRM at last, as nobody is sure to be known there.
  const users = [...new Set([...task.responsibleUserIds.filter((id) => id !== null), null])];
  let tried = message;
  let end: End | null = null;
  for (const userId of users) {
    end = await addTaskFor(userId, tried, task, tools);
    if (userId === null || !isUserRefused(end)) break;
    tools.warn({
      code: "responsible_user_refused",
      message: `amoCRM does not take user ${userId} for the task; it is for the next who may be responsible`,
    });
    // That answer is known: what was in doubt before it was looked for.
    tried = { ...message, step: null };
  }
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

function addTaskFor(
  responsibleUserId: number | null,
  message: Message,
  { dealId, title, completeTill }: WantedTask,
  tools: Tools,
): Promise<End | null> {
  const reference = referenceOf(message);
  const input = {
    dealId,
    text: withReference(cut(title, MAX_TITLE), reference),
    completeTill: completeTill ?? Math.floor(tools.nowMs() / 1000) + DUE_SECONDS,
    responsibleUserId,
  };
  const look = () => lookUpTask(dealId, reference, tools);
  return createOnce(message, { operation: createTask, input, progress: { task: true }, look }, tools);
}

/** A dismissed user is refused in any member of a write (amocrm-api.md 7). */
function isUserRefused(end: End | null): boolean {
  if (end?.kind !== "failed" || end.failed.verdict !== "rejected") return false;
  const paths = end.failed.fault.items.flatMap(({ faults }) => faults.map(({ path }) => path));
  return paths.length > 0 && paths.every((path) => path === "responsible_user_id");
}
