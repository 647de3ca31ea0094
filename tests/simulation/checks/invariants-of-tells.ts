import { isOfOddOne } from "../people/odd-things.ts";
import { tagOf, tellsOf } from "../people/tells.ts";
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
    const isRight = row.kind === "deal.tags" && row.last_error_code === "told_together";
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

/** What was told waits for a deal, in peace. */
function isWaiting({ state, last_error_code: code }: Pick<MessageRow, "state" | "last_error_code">): boolean {
  return state === "pending" && code === "no_deal";
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
