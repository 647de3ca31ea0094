import { endsDrain } from "../../outbox/ends-drain.ts";

/** Rows that the database refused, each with the reason. */
export type Refused<Row> = readonly { row: Row; cause: unknown }[];

/**
 * Stores rows in one call. If the database refuses what they hold, each goes by itself, so that the one it cannot hold is found
 * and the others are stored. Rejects for what ends a drain.
 */
export async function oneByOne<Row>(
  rows: readonly Row[],
  store: (rows: readonly Row[]) => Promise<void>,
): Promise<Refused<Row>> {
  const whole = await refusal(() => store(rows));
  if (whole === null) return [];
  const refused: { row: Row; cause: unknown }[] = [];
  for (const row of rows) {
    const one = rows.length === 1 ? whole : await refusal(() => store([row]));
    if (one !== null) refused.push({ row, cause: one.cause });
  }
  return refused;
}

async function refusal(act: () => Promise<void>): Promise<{ cause: unknown } | null> {
  try {
    await act();
    return null;
  } catch (cause) {
    if (endsDrain(cause)) throw cause;
    return { cause };
  }
}
