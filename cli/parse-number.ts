import { filled } from "#shared/platform/text.ts";
import { usageFailure } from "./failure.ts";
import { FLAGS } from "./words/flags.ts";

/** A whole number from 1 to `max`; the failure names the flag. */
export function parseCount(text: string, flag: string, max: number): number {
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= max) return count;
  throw usageFailure(filled(FLAGS.count, { flag, max }));
}

/** Ids of messages, as typed one after the other. */
export function parseMessageIds(texts: readonly string[]): number[] {
  return texts.map((text) => {
    const id = /^\d+$/.test(text) ? Number(text) : 0;
    if (id > 0 && Number.isSafeInteger(id)) return id;
    throw usageFailure(filled(FLAGS.messageId, { typed: JSON.stringify(text) }), FLAGS.messageIdRemedy);
  });
}
