import { findDuplicate } from "../account/duplicate-control.ts";
import type { Company, Contact } from "../account/models.ts";
import type { World } from "../account/world.ts";
import { createCompany } from "../account/write-company.ts";
import { createContact } from "../account/write-contact.ts";
import { createDeal } from "../account/write-deal.ts";
import { linkCompany, linkContact } from "../account/write-links.ts";
import type { Answer } from "../http.ts";
import type { ItemReader } from "../validation/item-reader.ts";
import type { ContactInput } from "../validation/validate-contact.ts";
import { readContact } from "../validation/validate-contact.ts";
import type { DealInput } from "../validation/validate-deal.ts";
import { readDeal } from "../validation/validate-deal.ts";
import { readById } from "../validation/validate-deal-links.ts";
import type { EntityInput } from "../validation/validate-entity.ts";
import { readEntity } from "../validation/validate-entity.ts";
import { runBatch } from "./batch.ts";
import type { Call, Route } from "./call.ts";
import { halAnswer } from "./problem.ts";

export const complexRoutes: Route[] = [
  { method: "POST", pattern: "/api/v4/leads/complex", handle: addComplex },
];

/** A part of a complex item: something to be made, or something that is there already. */
type Part<Input, Row> = { kind: "new"; input: Input } | { kind: "existing"; row: Row };

interface ComplexInput {
  deal: DealInput;
  isUnsorted: boolean;
  contact: Part<ContactInput, Contact> | undefined;
  company: Part<EntityInput, Company> | undefined;
}

/** Deals with their contact and company in one call; the answer is a bare array (amocrm-api 3.4). */
function addComplex(world: World, call: Call): Answer {
  const { complex_max, complex_over_limit_status } = world.settings.writes;
  return runBatch(world, call, {
    max: complex_max,
    overMaxStatus: complex_over_limit_status,
    read: (item) => readComplex(world, item),
    write: (input, requestId) => writeComplex(world, input, { requestId, userId: call.userId }),
    answer: (written) => halAnswer(written),
  });
}

function readComplex(world: World, item: ItemReader): ComplexInput {
  const fieldsMax = world.settings.writes.complex_fields_max;
  const embedded = item.object("_embedded");
  return {
    deal: readDeal(world, item, { current: undefined, fieldsMax }),
    isUnsorted: embedded?.object("metadata") !== undefined,
    contact: readPart(embedded, "contacts", {
      existing: world.store.contacts,
      read: (part) => readContact(world, part, fieldsMax),
    }),
    company: readPart(embedded, "companies", {
      existing: world.store.companies,
      read: (part) => readEntity(world, part, { kind: "companies", fieldsMax }),
    }),
  };
}

function readPart<Input, Row extends { is_deleted: boolean }>(
  embedded: ItemReader | undefined,
  key: "contacts" | "companies",
  options: { existing: Map<number, Row>; read: (part: ItemReader) => Input },
): Part<Input, Row> | undefined {
  const parts = embedded?.objects(key) ?? [];
  if (parts.length > 1) embedded?.fail("TooMany", key);
  const part = parts[0];
  if (part === undefined) return undefined;
  if (part.raw("id") === undefined || part.raw("id") === null)
    return { kind: "new", input: options.read(part) };
  const row = readById(part, options.existing);
  return row && { kind: "existing", row };
}

function writeComplex(
  world: World,
  input: ComplexInput,
  options: { requestId: string; userId: number },
): Record<string, unknown> {
  const { userId, requestId } = options;
  const duplicate =
    input.contact?.kind === "new" ? findDuplicate(world, input.contact.input, input.deal) : undefined;
  if (duplicate !== undefined) {
    const { deal, contact } = duplicate;
    return {
      id: deal.id,
      contact_id: contact.id,
      company_id: deal.company_id,
      request_id: [requestId],
      merged: true,
    };
  }
  const deal = createDeal(world, input.deal, { userId, isUnsorted: input.isUnsorted });
  const contact = makeContact(world, input.contact, userId);
  const company = makeCompany(world, input.company, userId);
  if (contact !== undefined) linkContact(world, deal, { contact, isMain: true, userId, isNew: true });
  if (company !== undefined) {
    linkCompany(deal, company);
    if (contact !== undefined) linkCompany(contact, company);
  }
  return {
    id: deal.id,
    contact_id: contact?.id ?? null,
    company_id: company?.id ?? null,
    request_id: [requestId],
    merged: false,
  };
}

function makeContact(world: World, part: ComplexInput["contact"], userId: number): Contact | undefined {
  if (part === undefined) return undefined;
  return part.kind === "existing" ? part.row : createContact(world, part.input, userId);
}

function makeCompany(world: World, part: ComplexInput["company"], userId: number): Company | undefined {
  if (part === undefined) return undefined;
  return part.kind === "existing" ? part.row : createCompany(world, part.input, userId);
}
