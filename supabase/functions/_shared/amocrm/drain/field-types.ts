import type { Guard } from "../../outbox/guard.ts";
import { allPages } from "../api/all-pages.ts";
import type { AmocrmClient } from "../api/client-port.ts";
import type { Collection, CustomField } from "../api/entities.ts";
import type { Failed } from "../api/verdict.ts";
import type { Configuration } from "../configuration.ts";
import type { Outbox } from "./port.ts";

type Mapping = Configuration["fields"][number];

const COLLECTIONS: Readonly<Record<Mapping["entity"], Collection>> = { contact: "contacts", deal: "leads" };

/** What a drain's reading of the fields needs. */
export interface FieldTypePorts {
  client: AmocrmClient;
  outbox: Outbox;
  guard: Guard<Failed>;
  token: string;
  alive<T>(request: Promise<T>): Promise<T>;
}

/**
 * Reads what the mapped fields are, where that is not known or a day old, so that a value arrives in the form its field
 * takes. An account that does not tell stops nothing; a failure is returned only if the account as a whole is in the way.
 */
export async function ensureFieldTypes(
  configuration: Configuration,
  ports: FieldTypePorts,
): Promise<Failed | null> {
  for (const entity of configuration.fields_to_read) {
    const { read, stopped } = await readFields(entity, ports);
    if (stopped !== null) return stopped;
    const mapped = configuration.fields.filter((mapping) => mapping.entity === entity);
    const known = read?.filter((field) => mapped.some((mapping) => isOf(mapping, field))) ?? null;
    await ports.outbox.storeFieldTypes(ports.token, entity, known);
    for (const mapping of known === null ? [] : mapped) {
      const field = known?.find((one) => isOf(mapping, one));
      mapping.field_type = field?.type ?? null;
      mapping.choices = field?.enums.map(({ id, value }) => ({ id, value })) ?? [];
    }
  }
  return null;
}

/** All fields of contacts or deals; null if the account does not tell. A failure only if the account as a whole is in the way. */
export async function readFields(
  entity: Mapping["entity"],
  ports: FieldTypePorts,
): Promise<{ read: readonly CustomField[] | null; stopped: Failed | null }> {
  let stopped: Failed | null = null;
  const readPage = async (page: number) => {
    const answer = await ports.alive(ports.client.customFields(COLLECTIONS[entity], page));
    // Reading fields may need rights that delivering does not: their lack must not stop the queue.
    if (answer.verdict === "delivered" || answer.fault.code !== "forbidden")
      stopped = await ports.guard.observe(answer, { operation: "read_field_types", messageIds: [] });
    return answer.verdict === "delivered"
      ? { ok: true as const, value: answer.value }
      : { ok: false as const };
  };
  // Those that were found are known, also where there are more than are read.
  const read = await allPages(readPage, (_reason, value) => ({ ok: true, value }));
  return { read: read.ok ? read.value : null, stopped };
}

function isOf({ field_id, field_code }: Mapping, { id, code }: CustomField): boolean {
  return field_id !== null ? id === field_id : code === field_code;
}
