import { normalizeEmail, normalizePhone } from "../../platform/contact-keys.ts";
import { type Rpc, UnstorableError } from "../../platform/rpc.ts";
import type { Contact, Deal, Field } from "../api/entities.ts";

/** As many of a kind as `amocrm.keys_of_fields` reads. */
const MAX_KEYS = 25;

type Row = Contact | Deal;

/** Without what the mirror does not keep; half of the bytes. */
export function rowOf(row: Row): object {
  const { fields: _, ...kept } = row;
  return kept;
}

/**
 * Stores rows of amoCRM in the mirror. What the database refuses is stored in halves, and a row that it refuses alone is
 * stored with nothing but ids and what people are recognised by, and is set aside by name: one odd row costs itself.
 * Ends early, with the first answer that `isEnough`.
 */
export async function storeRows<T>(
  rows: readonly Row[],
  store: (rows: readonly object[]) => Promise<T>,
  rpc: Rpc,
  isEnough: (answer: T) => boolean = () => false,
): Promise<T | null> {
  try {
    return await store(rows.map(rowOf));
  } catch (error) {
    if (!(error instanceof UnstorableError)) throw error;
    const [row, second] = rows;
    if (row === undefined) throw error;
    if (second === undefined) return await storeBare(row, error.code, store, rpc);
  }
  const middle = Math.ceil(rows.length / 2);
  const first = await storeRows(rows.slice(0, middle), store, rpc, isEnough);
  if (first !== null && isEnough(first)) return first;
  return await storeRows(rows.slice(middle), store, rpc, isEnough);
}

async function storeBare<T>(
  row: Row,
  code: string,
  store: (rows: readonly object[]) => Promise<T>,
  rpc: Rpc,
): Promise<T | null> {
  const answer = await store([rowOf(bare(row))]).catch((error: unknown) => {
    if (error instanceof UnstorableError) return null;
    throw error;
  });
  await rpc("amocrm_mirror_set_aside", {
    p_entity: "dealIds" in row ? "contact" : "deal",
    p_id: row.id,
    p_reason: `The database refuses it (${code})`,
  });
  return answer;
}

function bare(row: Row): Row {
  const common = { name: "", responsibleUserId: null, companyId: null, createdAt: 0 };
  if (!("dealIds" in row))
    return { ...row, ...common, price: null, closedAt: 0, contacts: [], rawFields: [] };
  return { ...row, ...common, dealIds: [], rawFields: keysOnly(row.fields) };
}

function keysOnly(fields: readonly Field[]): object[] {
  const valuesOf = (code: string, normalize: (text: string) => string | null) =>
    fields
      .filter(({ fieldCode }) => fieldCode === code)
      .flatMap(({ values }) => values)
      .slice(0, MAX_KEYS)
      .map(({ value }) => (typeof value === "string" ? normalize(value) : null))
      .filter((value) => value !== null);
  return [
    { field_code: "EMAIL", values: valuesOf("EMAIL", normalizeEmail).map((value) => ({ value })) },
    { field_code: "PHONE", values: valuesOf("PHONE", normalizePhone).map((value) => ({ value })) },
  ];
}
