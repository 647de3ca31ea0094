import type { Operation } from "../drain/operation.ts";
import type { End, Result, Tools } from "../handler.ts";
import type { Message } from "../message.ts";
import { type Look, lookAgain, lookLater } from "./look-up.ts";

/** Something on a deal that carries our reference in its text, so that it can be looked for. */
export interface Referenced<Input> {
  operation: Operation<Input, true>;
  input: Input;
  /** What is recorded when it is found. */
  progress: { note: true } | { task: true };
  look(): Promise<Result<Look<true>>>;
  /** It may be there although this message knows of no try: one look before it is made. */
  mayBeThere?: boolean | undefined;
}

/**
 * Makes it once: what an earlier turn did is not repeated, and one whose answer was lost is looked for first. Null when
 * it is there.
 */
export async function createOnce<Input>(
  message: Message,
  { operation, input, progress, look, mayBeThere }: Referenced<Input>,
  tools: Tools,
): Promise<End | null> {
  const isInDoubt = message.step === operation.name;
  if (isInDoubt || mayBeThere === true) {
    const looked = await look();
    if (!looked.ok) return looked.end;
    if (typeof looked.value === "object") return await found();
    const again =
      isInDoubt || looked.value === "unclear"
        ? lookAgain(message, operation.name, looked.value, tools)
        : null;
    if (again !== null) return again;
  }
  const answer = await tools.perform(operation, input);
  if (answer.verdict === "delivered") return null;
  if (answer.fault.code !== "batch_refused") return { kind: "failed", failed: answer };
  const looked = await look();
  if (!looked.ok) return looked.end;
  return typeof looked.value === "object" ? await found() : lookLater(operation.name, answer, tools);

  async function found(): Promise<null> {
    await tools.record({ progress });
    return null;
  }
}
