interface Outcome {
  error: { code?: string; message: string } | null;
}

/** The outcome of a query; a refusal is thrown as an Error that names the table or view and the SQLSTATE. */
export function checked<Asked extends Outcome>(table: string, outcome: Asked): Asked {
  if (outcome.error === null) return outcome;
  const { code, message } = outcome.error;
  throw new Error(`Cannot use ${table}: ${code || "no answer"} ${message}`, { cause: outcome.error });
}

/** The rows that a query of a table or view answered. */
export function rowsOf(table: string, outcome: Outcome & { data: unknown }): unknown {
  return checked(table, outcome).data;
}

/** SQLSTATE of an argument that a function refuses, and of what is under way just now. */
const REFUSED: ReadonlySet<unknown> = new Set(["22023", "55006"]);

type Called = { ok: true; value: unknown } | { ok: false; reason: string };

/** What the database refuses with a reason is an answer; anything else is a fault. */
export async function outcomeOf(call: Promise<unknown>): Promise<Called> {
  try {
    return { ok: true, value: await call };
  } catch (error) {
    const { cause } = error as { cause?: { code?: unknown; message?: unknown } };
    if (!REFUSED.has(cause?.code) || typeof cause?.message !== "string") throw error;
    return { ok: false, reason: cause.message };
  }
}
