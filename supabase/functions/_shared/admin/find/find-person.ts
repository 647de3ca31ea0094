import type { Contact, Deal, Pipeline } from "../../amocrm/api.ts";
import { type Route, routeOf } from "../../amocrm/configuration.ts";
import { chooseDeal, matchContact, searchQueries } from "../../amocrm/rules.ts";
import { findContact, keysOf, type Sought, searchContacts } from "../../amocrm/steps.ts";
import { createCatalog } from "../account/catalog.ts";
import type { AdminPorts } from "../port.ts";
import type { FindRequest } from "../request.ts";
import { createAsking, NotAnswered } from "./amocrm-queries.ts";
import type { Choice, FindAnswer } from "./answer.ts";
import { shownContact } from "./contact-view.ts";
import type { Known } from "./our-records.ts";
import type { FindStore } from "./port.ts";

type Found = Omit<FindAnswer, "known" | "reason">;
type FoundBy = FindAnswer["contacts"][number]["by"][number];

/**
 * What we and amoCRM know of a person, and which contact and deal a next lead would get: decided by the code of the
 * drain itself (rules 2 and 7), which here records nothing.
 */
export async function findPerson(
  { email, phone, lead }: FindRequest,
  ports: Pick<AdminPorts, "store" | "account"> & { findStore: FindStore },
): Promise<FindAnswer> {
  const known = await ports.findStore.known({ email, phone, lead });
  const { hindrance } = ports.account;
  const nothing = { contacts: [], choice: null, warnings: [] };
  if (hindrance !== null) return { known, reason: hindrance.message, ...nothing };
  try {
    return { known, reason: null, ...(await askAmocrm(known, ports)) };
  } catch (error) {
    if (error instanceof NotAnswered) return { known, reason: error.message, ...nothing };
    throw error;
  }
}

async function askAmocrm(
  known: Known,
  { account, store }: Pick<AdminPorts, "store" | "account">,
): Promise<Found> {
  const asking = createAsking(account);
  const sought: Sought = {
    contactId: known.person?.contact_id ?? null,
    emailKey: known.own_email_key,
    phoneKey: known.own_phone_key,
    personEmails: known.person?.emails ?? (known.own_email_key === null ? [] : [known.own_email_key]),
  };
  const warnings: string[] = [];
  const found = await findContact(sought, {
    // The mirror spares the drain a request; here amoCRM's own word is wanted.
    match: null,
    reserveContact: () => true,
    perform: asking.perform,
    record: async () => {},
    warn: ({ message }) => void warnings.push(message),
    duplicate: () => {},
  });
  if (!found.ok)
    throw new NotAnswered(found.end.kind === "failed" ? found.end.failed.fault.message : found.end.kind);

  const chosen = found.value.found?.contact ?? null;
  const contacts = new Map<number, { contact: Contact; by: FoundBy[] }>();
  const add = (contact: Contact, by: FoundBy): void => {
    const entry = contacts.get(contact.id) ?? { contact, by: [] };
    contacts.set(contact.id, { ...entry, by: [...entry.by, by] });
  };
  if (chosen !== null && chosen.id === sought.contactId) add(chosen, "link");
  for (const key of keysOf(sought)) {
    const hits: Contact[] = [];
    for (const query of searchQueries(key)) {
      const answer = await asking.perform(searchContacts, query);
      if (answer.verdict !== "delivered") throw new NotAnswered(answer.fault.message);
      hits.push(...answer.value);
    }
    const { chosen: first, others } = matchContact(hits, key);
    for (const contact of first === null ? [] : [first, ...others]) add(contact, key.kind);
  }
  const pipelines = await asking.asked(createCatalog(account).pipelines());
  const deals = await asking.deals([...contacts.values()].flatMap(({ contact }) => contact.dealIds));
  const { routes } = await store.configured();
  const by = chosen === null ? "none" : (contacts.get(chosen.id)?.by[0] ?? "none");
  const choice = choose(known, { routes, chosen, by, deals, pipelines });
  return {
    contacts: [...contacts.values()]
      .toSorted((a, b) => Number(b.contact === chosen) - Number(a.contact === chosen))
      .map(({ contact, by: foundBy }) => shownContact(contact, foundBy, deals, pipelines, choice)),
    choice,
    warnings,
  };
}

interface Circumstances {
  routes: readonly Route[];
  chosen: Contact | null;
  by: Choice["contact_why"];
  deals: readonly Deal[];
  pipelines: readonly Pipeline[];
}

/** What would become of one more lead from where the person's last one came. */
function choose(known: Known, { routes, chosen, by, deals, pipelines }: Circumstances): Choice {
  const source = known.rows.find((row) => row.subject_table === "unified_lead_tracking")?.source ?? null;
  const route = routeOf({ routes }, source);
  const pipeline = pipelines.find(({ id, isMain, isArchive }) =>
    route?.pipeline_id === null ? isMain && !isArchive : id === route?.pipeline_id,
  );
  const pipelineId = route?.pipeline_id ?? pipeline?.id ?? null;
  const chosenBy = {
    contact_id: chosen?.id ?? null,
    contact_why: by,
    deal_id: null,
    source,
    route: route?.source ?? null,
    pipeline: pipeline?.name ?? null,
  };
  if (route === null) return { ...chosenBy, deal_why: "no_route" };
  if (pipelineId === null) return { ...chosenBy, deal_why: "no_pipeline" };
  if (chosen === null) return { ...chosenBy, deal_why: "no_contact" };
  if (route.on_repeat === "deal") return { ...chosenBy, deal_why: "route_says_deal" };
  const { deal, why } = chooseDeal(
    deals.filter(({ id }) => chosen.dealIds.includes(id)),
    pipelineId,
  );
  return { ...chosenBy, deal_id: deal?.id ?? null, deal_why: why };
}
