import type { DeadAnswer } from "./answer.ts";
import type { MessageStore } from "./port.ts";
import type { DeadRequest } from "./request.ts";

/** The dead messages by error code, with what each code means. Codes of which none is listed are counted all the same. */
export async function listDead(request: DeadRequest, store: MessageStore): Promise<DeadAnswer> {
  const { kind, error_code: errorCode, limit } = request;
  const [letters, counts, explanations] = await Promise.all([
    store.deadLetters({ kind, error_code: errorCode, limit }),
    store.deadCounts(),
    store.explanations(),
  ]);
  const countOf = new Map<string | null, number>();
  for (const row of counts) {
    if (kind !== null && row.kind !== kind) continue;
    if (errorCode !== null && row.error_code !== errorCode) continue;
    countOf.set(row.error_code, (countOf.get(row.error_code) ?? 0) + row.count);
  }
  // One that died between the two reads is listed, so it is counted.
  for (const [code, listed] of Map.groupBy(letters, ({ error_code: code }) => code)) {
    countOf.set(code, Math.max(countOf.get(code) ?? 0, listed.length));
  }
  const groups = [...countOf]
    .map(([code, count]) => ({
      error_code: code,
      letter_count: count,
      explanation: code === null ? null : (explanations.get(code) ?? null),
      letters: letters.filter((letter) => letter.error_code === code),
    }))
    .toSorted((a, b) => b.letter_count - a.letter_count);
  return { dead_count: groups.reduce((sum, group) => sum + group.letter_count, 0), groups };
}
