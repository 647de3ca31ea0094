import { z } from "zod";

/** A claimed message that this version of the function cannot read: set back by itself, so that the others are sent. */
export interface Unreadable {
  id: number;
  /** A request of it may be unanswered. */
  isUnanswered: boolean;
}

const Claimed = z
  .looseObject({ id: z.int(), step: z.unknown(), isInDoubt: z.unknown() })
  .partial({ step: true, isInDoubt: true });

/** Those of the claimed messages that can be read, and what is known of the others. */
export function readClaimed<T>(
  rows: readonly unknown[],
  schema: z.ZodType<T>,
): { messages: T[]; unreadable: Unreadable[] } {
  const messages: T[] = [];
  const unreadable: Unreadable[] = [];
  for (const row of rows) {
    const parsed = schema.safeParse(row);
    if (parsed.success) messages.push(parsed.data);
    else {
      const { id, step = null, isInDoubt } = Claimed.parse(row);
      unreadable.push({ id, isUnanswered: step !== null || isInDoubt === true });
    }
  }
  return { messages, unreadable };
}
