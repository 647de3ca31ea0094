import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { isOfOddOne } from "../people/odd-things.ts";
import { stageOf, TOLD_FIELDS, TOLD_STAGES, tagOf, tellsOf, toldValueOf } from "../people/tells.ts";
import type { World } from "../world/world.ts";
import {
  type Evidence,
  isCancelledInDoubt,
  isTold,
  type MessageRow,
  namesMessage,
  notesOf,
} from "./evidence.ts";

/** Each tell is one message and is done once; on a deal that nobody touched the newest tags stand, and those before went. */
export function brokenTells(
  world: World,
  evidence: Evidence,
  isGivenUpRightly: (row: MessageRow) => boolean,
): string[] {
  const told = evidence.messages.filter(isTold);
  const unknown = told.filter(({ id }) => !tellsOf(world).told.has(id));
  return [
    ...unknown.map(({ id }) => `message ${id} was told by nobody`),
    ...told.flatMap((row) => brokenTell(row, world, evidence, isGivenUpRightly)),
    ...[...Map.groupBy(told, (row) => row.subject_id)].flatMap(([leadId, rows]) =>
      brokenTags(leadId, rows, world, evidence),
    ),
    ...brokenValues("deal.fields", told, world, evidence),
    ...brokenValues("contact.fields", told, world, evidence),
    ...brokenMoves(told, world, evidence),
  ];
}

function brokenTell(
  row: MessageRow,
  { manager, admin }: World,
  evidence: Evidence,
  isGivenUpRightly: (row: MessageRow) => boolean,
): string[] {
  const name = `message ${row.id} (${row.kind})`;
  const isLeft = (dealId: number) => !manager.deletedDealIds.has(dealId);
  const notes = notesOf(row, evidence.notes).filter((note) => isLeft(note.entity_id));
  const tasks = evidence.tasks.filter((task) => namesMessage(task.text, row) && isLeft(task.entity_id));
  const broken: string[] = [];
  if (notes.length > 1) broken.push(`${name} has ${notes.length} notes`);
  if (tasks.length > 1) broken.push(`${name} has ${tasks.length} tasks`);
  if (row.state === "cancelled" && admin.cancelledIds.has(row.id)) return broken;
  if (row.state === "dead" && (isGivenUpRightly(row) || isOfOddOne(row.email_key))) return broken;
  // Its lead has no deal and never will, or a manager deleted the one it had.
  const isBehind = evidence.messages.some((other) => isWaiting(other) && other.person_id === row.person_id);
  if (row.state === "pending" && isBehind) return broken;
  if (row.state === "superseded") {
    const isRight =
      ["deal.tags", "deal.fields"].includes(row.kind) && row.last_error_code === "told_together";
    return isRight ? broken : [...broken, `${name} is superseded: ${row.last_error_code}`];
  }
  if (row.state !== "delivered") return [...broken, `${name} is ${row.state}: ${row.last_error_code}`];
  if (!isLeft(row.amocrm_deal_id ?? 0) || row.last_error_code === "deal_won") return broken;
  const isUnconfirmed = row.warnings.some(({ code }) => code === "task_unconfirmed");
  if (row.kind === "deal.note" && notes.length !== 1) broken.push(`${name} has ${notes.length} notes`);
  if (row.kind === "deal.task" && tasks.length !== 1 && !isUnconfirmed)
    broken.push(`${name} has ${tasks.length} tasks`);
  return broken;
}

/** What was told waits for a deal or contact, in peace. */
function isWaiting({ state, last_error_code: code }: Pick<MessageRow, "state" | "last_error_code">): boolean {
  return state === "pending" && (code === "no_deal" || code === "no_contact");
}

function brokenTags(leadId: string, rows: MessageRow[], world: World, evidence: Evidence): string[] {
  const tags = rows.filter(({ kind }) => kind === "deal.tags");
  const [newest] = tags.filter(({ state }) => state === "delivered").toSorted((a, b) => b.id - a.id);
  const isMeddled = tags.some((row) => world.admin.touchedIds.has(row.id) || isCancelledInDoubt(row));
  const isWhole = tags.every(({ state }) => state === "delivered" || state === "superseded");
  const deal = evidence.deals.find(({ id }) => id === newest?.amocrm_deal_id);
  if (newest === undefined || deal === undefined || isMeddled || !isWhole) return [];
  if (newest.last_error_code === "deal_won") return [];
  const there = new Set(deal._embedded.tags.map(({ name }) => name));
  const own = tellsOf(world).told.get(newest.id);
  if (own === undefined) return [];
  const broken = there.has(tagOf(own.number))
    ? []
    : [`deal ${deal.id} of lead ${leadId.slice(0, 8)} lacks the newest tag ${tagOf(own.number)}`];
  if (own.removes !== null && there.has(tagOf(own.removes)))
    broken.push(`deal ${deal.id} of lead ${leadId.slice(0, 8)} kept the tag ${tagOf(own.removes)}`);
  return broken;
}

/** The field has what was told of it last. */
function brokenValues(
  kind: "deal.fields" | "contact.fields",
  told: readonly MessageRow[],
  world: World,
  { contacts, deals }: Evidence,
): string[] {
  const isOfDeal = kind === "deal.fields";
  const entityOf = (row: MessageRow) => (isOfDeal ? row.amocrm_deal_id : row.amocrm_contact_id);
  const groups = Map.groupBy(
    told.filter((row) => row.kind === kind),
    entityOf,
  );
  return [...groups].flatMap(([id, rows]) => {
    const one = (isOfDeal ? deals : contacts).find((entity) => entity.id === id);
    const newest = newestOf(rows, world);
    // A merged contact has values of two.
    const isMeddled = !isOfDeal && world.manager.changedContactIds.has(id ?? 0);
    if (one === undefined || one.is_deleted || newest === null || isMeddled) return [];
    const field = one.custom_fields_values?.find((value) => value.field_id === TOLD_FIELDS[kind]);
    const value = String(field?.values[0]?.value);
    return value === toldValueOf(newest)
      ? []
      : [`${kind} of ${id} is ${value}, told last was ${toldValueOf(newest)}`];
  });
}

/** A deal stands where it was told to go, or behind that, if nobody else moved it. */
function brokenMoves(told: readonly MessageRow[], world: World, { deals }: Evidence): string[] {
  const groups = Map.groupBy(
    told.filter(({ kind }) => kind === "deal.move"),
    (row) => row.amocrm_deal_id,
  );
  return [...groups].flatMap(([id, rows]) => {
    const deal = deals.find((one) => one.id === id);
    const newest = newestOf(rows, world);
    const isAnothers = world.manager.editedDealIds.has(id ?? 0) || rows.some((row) => row.last_error_code);
    if (deal === undefined || newest === null || isAnothers) return [];
    const stands = TOLD_STAGES.indexOf(deal.status_id);
    const isElsewhere = stands < 0 && deal.pipeline_id !== SEED_IDS.sales.pipeline;
    return isElsewhere || stands >= TOLD_STAGES.indexOf(stageOf(newest))
      ? []
      : [`deal ${id} was told to go to ${stageOf(newest)} and is ${deal.status_id}`];
  });
}

/** The number of what was told last; null where an admin or a fault of content had a hand in it, or not all of it went. */
function newestOf(rows: readonly MessageRow[], world: World): number | null {
  const isWhole = rows.every(
    (row) =>
      (row.state === "delivered" || row.state === "superseded") &&
      row.warnings.length === 0 &&
      !world.admin.touchedIds.has(row.id) &&
      row.last_error_code !== "deal_won" &&
      row.person_id === rows[0]?.person_id,
  );
  const newest = rows.filter(({ state }) => state === "delivered").toSorted((a, b) => b.id - a.id)[0];
  return isWhole && newest !== undefined ? (tellsOf(world).told.get(newest.id)?.number ?? null) : null;
}
