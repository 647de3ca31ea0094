import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import type { World } from "../world/world.ts";
import { type CrmDeal, type Evidence, essenceOf, valuesOf } from "./evidence.ts";

/*
 * Without a marker field, or before the drain could make one, a deal whose answer was lost is looked up by its name. What
 * is promised then:
 * - a lead whose name no other lead of its source ever had, and that was not renamed, has exactly one deal, as with a
 *   marker;
 * - leads that share a name, or were renamed while an answer was lost, may get each other's deal or one too many, but only
 *   for an answer that was lost: never more deals than leads and lost answers; and each is on a deal of its own that bears
 *   its name.
 */

/** The deals that are there for a lead: those with its marker, or in an account without, those with a name it had. */
export function dealsOfLead(id: string, evidence: Evidence, world: World): CrmDeal[] {
  if (world.plan.marker === "set")
    return evidence.deals.filter((deal) => valuesOf(deal, SEED_IDS.dealFields.leadId).includes(id));
  const names = dealNamesOf(id, evidence, world);
  return evidence.deals.filter((deal) => names.has(essenceOf(deal.name)));
}

/** Can this lead's deal be told from all others? */
export function isRecognised(id: string, evidence: Evidence, world: World): boolean {
  if (world.plan.marker === "set") return true;
  const names = dealNamesOf(id, evidence, world);
  if (names.size > 1) return false;
  return evidence.leads.every(
    (lead) => lead.id === id || !haveCommon(dealNamesOf(lead.id, evidence, world), names),
  );
}

/** Leads that share names, all together. */
export function brokenNamesakes(evidence: Evidence, world: World): string[] {
  if (world.plan.marker === "set") return [];
  const { manager, admin, record, simulator } = world;
  const broken =
    evidence.notice === null && !evidence.hasMarker
      ? ["amocrm_health does not say that the marker is missing"]
      : [];
  const rest = new Set(
    evidence.leads.filter((lead) => !isRecognised(lead.id, evidence, world)).map((lead) => lead.id),
  );
  for (const first of rest) {
    const { ids, names } = connected(first, rest, evidence, world);
    for (const id of ids) rest.delete(id);
    const messages = evidence.messages.filter(
      (row) => row.kind === "lead.created" && ids.has(row.subject_id),
    );
    const deals = evidence.deals.filter((deal) => names.has(essenceOf(deal.name)));
    // A refused batch is looked for, too: whether its good items were written, the refusal does not tell.
    const refused = simulator.log
      .entries()
      .filter(({ method, status }) => method === "POST" && status === 400);
    const wasRefused = refused.some(({ body = "" }) =>
      [...names].some((name) => essenceOf(body).includes(name)),
    );
    const lostCount = messages.filter((row) => wasRefused || record.uncertainIds.has(row.id)).length;
    const who = `namesakes ${[...names]}`;
    if (deals.length > messages.length + lostCount)
      broken.push(`${who}: ${deals.length} deals for ${messages.length} leads, ${lostCount} lost answers`);
    for (const row of messages.filter(({ state }) => state === "delivered")) {
      const isThere = deals.some((deal) => deal.id === row.amocrm_deal_id);
      const isReused = row.progress.deal === "reused";
      if (!isThere && !isReused && !manager.deletedDealIds.has(row.amocrm_deal_id ?? 0))
        broken.push(
          `${who}: lead ${row.subject_id.slice(0, 8)} says deal ${row.amocrm_deal_id}, not of its name`,
        );
    }
    const made = messages.filter(
      (row) => row.progress.deal === "created" && row.state === "delivered" && !admin.touchedIds.has(row.id),
    );
    if (new Set(made.map((row) => row.amocrm_deal_id)).size < made.length)
      broken.push(`${who} share a deal: ${made.map((row) => row.amocrm_deal_id)}`);
  }
  return broken;
}

function connected(
  first: string,
  among: ReadonlySet<string>,
  evidence: Evidence,
  world: World,
): { ids: Set<string>; names: Set<string> } {
  const ids = new Set([first]);
  let names = dealNamesOf(first, evidence, world);
  for (let before = 0; before < ids.size; ) {
    before = ids.size;
    for (const id of among) {
      const own = dealNamesOf(id, evidence, world);
      if (!haveCommon(own, names)) continue;
      ids.add(id);
      names = new Set([...names, ...own]);
    }
  }
  return { ids, names };
}

/** As the routes' template has them (supabase/schemas/30-amocrm/settings.sql: '{name} — {source}'). */
function dealNamesOf(id: string, evidence: Evidence, { namesOf }: World): Set<string> {
  const source = evidence.leads.find((lead) => lead.id === id)?.source ?? "";
  return new Set([...(namesOf.get(id) ?? [])].map((name) => essenceOf(`${name} — ${source}`)));
}

function haveCommon(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  return [...some].some((name) => others.has(name));
}
