import type { FieldDraft } from "../api/drafts.ts";
import type { Answer } from "../api/verdict.ts";
import type { End, Tools } from "../handler.ts";
import type { Message } from "../message.ts";
import type { Leftover } from "../rules/lead-fields.ts";
import { type Creation, dropRefused } from "../steps/drop-refused.ts";
import type { Drafted } from "./field-drafts.ts";

/** What was written, and what belongs into a note instead. */
export type Written = { end: End } | { leftovers: Leftover[] };

/**
 * Writes values, without those that amoCRM refuses: faults of content must not keep the others out (rule 6). What an
 * earlier turn wrote is not written again.
 */
export async function writeFields(
  drafted: Drafted,
  message: Message,
  tools: Tools,
  write: (fields: readonly FieldDraft[]) => Promise<Answer<true>>,
): Promise<Written> {
  const { refused = [], written = false } = message.progress;
  const isRefused = ({ path = "" }: FieldDraft) => refused.includes(path);
  for (const warning of drafted.warnings) tools.warn(warning);
  let current: Creation = {
    deal: { fields: drafted.fields.filter((field) => !isRefused(field)) },
    contact: {},
    leftovers: [
      ...drafted.leftovers,
      ...drafted.fields
        .filter(isRefused)
        .flatMap(({ path = "", values }) =>
          values.map(({ value, enumId }) => ({ path, value: value ?? enumId })),
        ),
    ],
    warnings: [],
  };
  while (!written && (current.deal.fields ?? []).length > 0) {
    const answer = await write(current.deal.fields ?? []);
    if (answer.verdict === "delivered") break;
    const [item] = answer.fault.items;
    const less = answer.verdict === "rejected" && item !== undefined ? dropRefused(current, item) : null;
    if (less === null) return { end: { kind: "failed", failed: answer } };
    for (const warning of less.warnings.slice(current.warnings.length)) tools.warn(warning);
    const kept = new Set(less.deal.fields);
    const dropped = (current.deal.fields ?? []).filter((field) => !kept.has(field));
    current = less;
    refused.push(...dropped.flatMap(({ path }) => path ?? []));
    await tools.record({ progress: { refused } });
  }
  return { leftovers: current.leftovers };
}
