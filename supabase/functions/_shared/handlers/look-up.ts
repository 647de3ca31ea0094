import type { Deal, Field } from "../amocrm/entities.ts";
import { hasReference } from "../amocrm/note-text.ts";
import type { Answer } from "../amocrm/verdict.ts";
import { listDealsSince, listNotes, listTasks } from "../drain/operations.ts";
import { markerField } from "../outbox/configuration.ts";
import type { Message } from "../outbox/message.ts";
import type { End, Result, Tools } from "./handler.ts";

/** amoCRM's and our clocks may differ, so the list starts a little before the request left. */
const CLOCK_SLACK_SECONDS = 120;
/** Five pages are 1,250 deals since the request: an account that makes more in the meantime needs a person. */
const LARGEST_PAGE_COUNT = 5;

/** What a look came to. `unclear`: too much to look through, so not seeing it proves nothing. */
export type Look<T> = { found: T } | "absent" | "unclear";

/** The deal that a lost answer made for our row, by its marker or else by its name, if no other row has it. */
export async function lookUpDeal(
  message: Message,
  dealName: string,
  tools: Tools,
): Promise<Result<Look<Deal>>> {
  const sentAtMs = message.sentAt === null ? tools.nowMs() : Date.parse(message.sentAt);
  const fromSeconds = Math.floor(sentAtMs / 1000) - CLOCK_SLACK_SECONDS;
  const found: Deal[] = [];
  let hasMore = true;
  for (let page = 1; page <= LARGEST_PAGE_COUNT && hasMore; page++) {
    const answer = await tools.perform(listDealsSince, { fromSeconds, page });
    if (answer.verdict !== "delivered") return { ok: false, end: { kind: "failed", failed: answer } };
    found.push(
      ...answer.value.rows.filter((deal) => !deal.isDeleted && isOurs(deal, message, dealName, tools)),
    );
    hasMore = answer.value.hasMore;
  }
  found.sort((a, b) => a.id - b.id);
  const own = markerField(tools.configuration) === null ? await withoutNamesakes(found, tools) : found;
  const [oldest, ...others] = own;
  if (oldest === undefined) return { ok: true, value: hasMore ? "unclear" : "absent" };
  for (const other of others) {
    tools.duplicate({
      type: "deal",
      keptId: oldest.id,
      otherId: other.id,
      reason: "both were made for the same lead",
    });
  }
  return { ok: true, value: { found: oldest } };
}

/** Deals of the lead's name that are not known to be a namesake's: neither made for one, nor just now taken up by one. */
async function withoutNamesakes(deals: readonly Deal[], tools: Tools): Promise<Deal[]> {
  if (deals.length === 0) return [];
  const taken = await tools.dealsOfOthers(deals.map(({ id }) => id));
  const free = deals.filter(({ id }) => !taken.has(id));
  const oldest = free.findIndex(({ id }) => tools.takesDeal(id));
  return oldest < 0 ? [] : free.slice(oldest);
}

/** Did the note arrive whose answer was lost? */
export async function lookUpNote(
  dealId: number,
  reference: string,
  tools: Tools,
): Promise<Result<Look<true>>> {
  return lookOf(await tools.perform(listNotes, { dealId }), reference);
}

/** Did the task? */
export async function lookUpTask(
  dealId: number,
  reference: string,
  tools: Tools,
): Promise<Result<Look<true>>> {
  return lookOf(await tools.perform(listTasks, { dealId }), reference);
}

function lookOf(
  answer: Answer<{ rows: readonly { text: string }[]; isWhole: boolean }>,
  reference: string,
): Result<Look<true>> {
  if (answer.verdict !== "delivered") return { ok: false, end: { kind: "failed", failed: answer } };
  const { rows, isWhole } = answer.value;
  if (rows.some(({ text }) => hasReference(text, reference))) return { ok: true, value: { found: true } };
  return { ok: true, value: isWhole ? "absent" : "unclear" };
}

/**
 * Not found: look again later, or null when it was looked for often enough to send it again. When the looks are taken is
 * told by the policy `looked_up`.
 */
export function lookAgain(
  message: Message,
  what: string,
  look: "absent" | "unclear",
  { configuration }: Tools,
): End | null {
  const lookCount = (message.progress.lookCount ?? 0) + 1;
  if (look === "unclear" || lookCount < configuration.settings.most_looks) {
    return {
      kind: "unanswered",
      code: "looked_up",
      message: `The answer to ${what} was lost and amoCRM does not show it yet; looked ${lookCount} times`,
      lookCount,
    };
  }
  if (!message.isPoison) return null;
  return {
    kind: "rejected",
    code: "worker_died",
    message: `The workers ended each time with this message alone; what they last sent (${what}) did not reach amoCRM`,
  };
}

function isOurs(deal: Deal, message: Message, dealName: string, tools: Tools): boolean {
  // Without a marker field the name is the best there is; amocrm_health says in `notice` that the promise is weaker.
  return markerField(tools.configuration) === null
    ? deal.name === dealName
    : isMarkedForUs(deal, message, tools);
}

/** The deal carries our row's id, so it was made for this row; never without a marker field. */
export function isMarkedForUs(deal: Deal, message: Message, { configuration }: Tools): boolean {
  const marker = markerField(configuration);
  return (
    marker !== null &&
    deal.fields.some(
      (field) => isField(field, marker) && field.values.some(({ value }) => value === message.subjectId),
    )
  );
}

function isField(field: Field, wanted: { field_id: number | null; field_code: string | null }): boolean {
  return wanted.field_id !== null ? field.fieldId === wanted.field_id : field.fieldCode === wanted.field_code;
}
