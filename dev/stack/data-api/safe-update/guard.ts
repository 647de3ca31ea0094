import { ApiError } from "../errors.ts";
import type { Catalog, CatalogFunction } from "./catalog.ts";
import { type FunctionReading, readFunction } from "./function-text.ts";
import { type Name, noDoings, type Unguarded, type WriteEvent } from "./statements.ts";

/**
 * The platform's pg-safeupdate is a library in C, which the embedded Postgres cannot load. It hooks in behind the
 * parser, so it sees the statements of functions as well. Here the functions' texts are parsed and whatever can be reached
 * is refused beforehand: also what this call would not have come to, which is an error that waits for its day (README.md).
 * With events the start is a table that is written to, whose triggers run; without, a function that is called.
 */
export function assertSafeUpdate(reach: Reach, start: Name, events: readonly WriteEvent[]): void {
  const refusal = reach.refusal(start, events);
  if (refusal === undefined) return;
  const { verb, target, signature } = refusal;
  const details = `${signature}: ${verb.toLowerCase()} of every row of ${target}`;
  throw new ApiError(400, "21000", `${verb} requires a WHERE clause`, { details });
}

/** A statement that would be refused, and the function that holds it. */
interface Refusal extends Unguarded {
  signature: string;
}

export interface Reach {
  /** The first such statement that can be reached. With events the name is a table's, without a function's. */
  refusal(start: Name, events: readonly WriteEvent[]): Refusal | undefined;
}

/** What can be reached from where, in one state of the catalog. */
export function createReach(catalog: Catalog): Reach {
  const byName = new Map<string, CatalogFunction[]>();
  for (const fn of catalog.functions) byName.set(fn.name, [...(byName.get(fn.name) ?? []), fn]);
  const byId = new Map(catalog.functions.map((fn) => [fn.id, fn]));
  const results = new Map<string, Refusal | undefined>();

  const called = ({ schema, name }: Name): CatalogFunction[] =>
    (byName.get(name) ?? []).filter((fn) => schema === undefined || fn.schema === schema);

  const find = (start: { functions: CatalogFunction[]; writes: Write[] }): Refusal | undefined => {
    const functions = [...start.functions];
    const writes = [...start.writes];
    const seen = new Set<string>();
    for (;;) {
      const fn = functions.pop();
      const write = fn === undefined ? writes.pop() : undefined;
      if (fn === undefined && write === undefined) return undefined;
      const key = fn?.id ?? JSON.stringify(write);
      if (seen.has(key)) continue;
      seen.add(key);
      if (fn !== undefined) {
        const reading = readOnce(fn);
        const [first] = reading.unguarded;
        if (first !== undefined) return { ...first, signature: fn.signature };
        functions.push(...reading.calls.flatMap(called));
        writes.push(...reading.writes);
      } else if (write !== undefined) {
        functions.push(...firedBy(catalog, write).flatMap((id) => byId.get(id) ?? []));
        writes.push(...cascadesOf(catalog, write));
      }
    }
  };

  return {
    refusal(start, events) {
      const key = JSON.stringify([start, events]);
      if (!results.has(key)) {
        const writes = events.map((event) => ({ table: start, event }));
        results.set(key, find({ functions: events.length === 0 ? called(start) : [], writes }));
      }
      return results.get(key);
    },
  };
}

interface Write {
  table: Name;
  event: WriteEvent;
}

/** By their whole text, which says all: a process reads a text once, in however many databases and states it stands. */
const readings = new Map<string, FunctionReading>();

function readOnce(fn: CatalogFunction): FunctionReading {
  const known = readings.get(fn.definition);
  if (known !== undefined) return known;
  let reading: FunctionReading;
  try {
    reading = readFunction(fn);
  } catch {
    // A text that only Postgres itself can read passes; ours are held to be readable by tests/database/safe-update.test.ts.
    reading = { ...noDoings(), obscure: [], registered: [] };
  }
  readings.set(fn.definition, reading);
  return reading;
}

const isOf = (table: Name, of: { schema: string; name: string }): boolean =>
  of.name === table.name && (table.schema === undefined || of.schema === table.schema);

const firedBy = ({ triggers }: Catalog, { table, event }: Write): string[] =>
  triggers
    .filter((trigger) => isOf(table, trigger) && trigger[`is_${event}`])
    .map((trigger) => trigger.function_id);

function cascadesOf({ cascades }: Catalog, { table, event }: Write): Write[] {
  if (event === "truncate") return [];
  return cascades
    .filter((cascade) => isOf(table, cascade))
    .flatMap((cascade): Write[] => {
      const action = cascade[`on_${event}`];
      if (action === "a" || action === "r") return [];
      const child = { schema: cascade.child_schema, name: cascade.child_name };
      return [{ table: child, event: action === "c" ? event : "update" }];
    });
}
