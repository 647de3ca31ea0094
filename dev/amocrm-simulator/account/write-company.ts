import type { EntityInput } from "../validation/validate-entity.ts";
import type { Company } from "./models.ts";
import type { World } from "./world.ts";
import { applyParts, newEntity } from "./write-entity.ts";

/** Makes a company. */
export function createCompany(world: World, input: EntityInput, userId: number): Company {
  const base = newEntity(world, input, { id: world.store.nextId("companies"), userId });
  const company: Company = { ...base, contact_ids: new Set(), deal_ids: new Set() };
  world.store.companies.set(company.id, company);
  applyParts(world, company, { kind: "companies", input, userId, isNew: true });
  world.store.index("companies", company);
  world.store.record({
    type: "company_added",
    entity_id: company.id,
    entity_type: "company",
    created_by: company.created_by,
  });
  return company;
}
