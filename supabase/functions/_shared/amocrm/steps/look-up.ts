import type { Deal, Field } from "../api/entities.ts";
import type { Answer, Failed } from "../api/verdict.ts";
import { markerField } from "../configuration.ts";
import { type Looked, type LookInput, listNotes, listTasks } from "../drain/look-through.ts";
import type { Operation } from "../drain/operation.ts";
import { listDealsSince } from "../drain/operations.ts";
import type { End, Result, Tools } from "../handler.ts";
import type { Message } from "../message.ts";
import { hasReference } from "../rules/note-text.ts";
import { isSameText } from "../rules/same-text.ts";

/** amoCRM's clock is known by a second or two, and who knows how many of them decide: the list starts before the request left. */
const CLOCK_SLACK_SECONDS = 150;
/** An answer that tells another clock by more than this makes the list another one. */
const CLOCK_MOVED_SECONDS = 15;
/** So late amoCRM's lists may show what it did. */
const SHOWN_WITHIN_MS = 8_000;
/** Five pages are 1,250 deals since the request, or notes of a deal: an account that makes more needs a person. */
const MAX_PAGE_COUNT = 5;

/** What a look came to. `unclear`: too much to look through, or not all of it readable, so not seeing it proves nothing. */
export type Look<T> = { found: T } | "absent" | "unclear";

/** The deal that a lost answer made for our row, by its marker or else by its name, if no other row has it. */
export async function lookUpDeal(
  message: Message,
  dealName: string,
  tools: Tools,
): Promise<Result<Look<Deal>>> {
  const from = () => sentFromSeconds(message, tools);
  let fromSeconds = from();
  const found: Deal[] = [];
  let isWhole = true;
  let hasMore = true;
  for (let page = 1; page <= MAX_PAGE_COUNT && hasMore; page++) {
    const answer = await tools.perform(listDealsSince, { fromSeconds, page });
    if (answer.verdict !== "delivered") return { ok: false, end: { kind: "failed", failed: answer } };
    if (page === 1 && Math.abs(from() - fromSeconds) > CLOCK_MOVED_SECONDS) {
      fromSeconds = from();
      page = 0;
      continue;
    }
    found.push(...answer.value.rows);
    isWhole &&= isReadWhole(answer) || answer.value.hasOldGapsOnly === true;
    hasMore = answer.value.hasMore;
  }
  found.sort((a, b) => a.id - b.id);
  const [oldest, ...others] = await oursAmong(found, message, dealName, tools);
  if (oldest === undefined) return { ok: true, value: hasMore || !isWhole ? "unclear" : "absent" };
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

/**
 * Our own among a person's deals: the one that carries our mark. Without a mark, and only while a create of this message is
 * in doubt, one of its name that was made since and is nobody else's: amoCRM's lists may leave out what its cards show.
 */
export async function ownDealAmong(
  deals: readonly Deal[],
  message: Message,
  dealName: string,
  { isInDoubt }: { isInDoubt: boolean },
  tools: Tools,
): Promise<Deal | undefined> {
  const isMarked = markerField(tools.configuration) !== null;
  if (!isMarked && !isInDoubt) return undefined;
  const fromSeconds = sentFromSeconds(message, tools);
  const candidates = isMarked
    ? deals
    : deals.filter(({ createdAt }) => createdAt >= fromSeconds).toSorted((a, b) => a.id - b.id);
  const [own] = await oursAmong(candidates, message, dealName, tools);
  return own;
}

/** The living deals that are this row's: by its mark, or else by its name and nobody else's. */
async function oursAmong(
  deals: readonly Deal[],
  message: Message,
  dealName: string,
  tools: Tools,
): Promise<Deal[]> {
  const ours = deals.filter((deal) => !deal.isDeleted && isOurs(deal, message, dealName, tools));
  return markerField(tools.configuration) === null ? await withoutNamesakes(ours, tools) : ours;
}

/** By amoCRM's clock, and somewhat before the request left. */
function sentFromSeconds({ sentAt }: Message, tools: Tools): number {
  const sentAtMs = sentAt === null ? tools.nowMs() : Date.parse(sentAt);
  return Math.floor(tools.accountMs(sentAtMs) / 1000) - CLOCK_SLACK_SECONDS;
}

/** What is sought may be the row that could not be read. */
function isReadWhole({ exchange }: Answer<unknown>): boolean {
  return (exchange.droppedCount ?? 0) === 0;
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
export function lookUpNote(dealId: number, reference: string, tools: Tools): Promise<Result<Look<true>>> {
  return lookThrough(listNotes, dealId, reference, tools);
}

/** Did the task? */
export function lookUpTask(dealId: number, reference: string, tools: Tools): Promise<Result<Look<true>>> {
  return lookThrough(listTasks, dealId, reference, tools);
}

/** Page by page, as amoCRM may link to a next one where there is none: only an empty page or no link ends a list. */
async function lookThrough<Row extends { text: string }>(
  operation: Operation<LookInput, Looked<Row>>,
  dealId: number,
  reference: string,
  tools: Tools,
): Promise<Result<Look<true>>> {
  let page: number | null = null;
  let isWhole = true;
  do {
    const answer: Answer<Looked<Row>> = await tools.perform(operation, { dealId, page });
    if (answer.verdict !== "delivered") return { ok: false, end: { kind: "failed", failed: answer } };
    if (answer.value.rows.some(({ text }) => hasReference(text, reference)))
      return { ok: true, value: { found: true } };
    isWhole &&= isReadWhole(answer);
    page = answer.value.nextPage;
  } while (page !== null && page <= MAX_PAGE_COUNT);
  return { ok: true, value: page === null && isWhole ? "absent" : "unclear" };
}

/**
 * Refused for another item's sake, and not there at the first look: whether amoCRM writes the good items of such a batch is
 * not documented, and its lists may show them a moment later. Where the refusal named nobody, half of the company may share
 * the next try.
 */
export function lookLater(what: string, { fault, request }: Failed, tools: Tools): End {
  const companyCount = fault.shrinksBatch ? (request?.messageCount ?? 1) : null;
  return {
    kind: "unanswered",
    code: "looked_up",
    message: `amoCRM refused ${what} for another item's sake and does not show that it was done; it is looked for once more`,
    lookCount: 0,
    refusedAlongAtMs: tools.accountMs(tools.nowMs()),
    ...(companyCount !== null && { companyLimit: Math.max(1, Math.ceil(companyCount / 2)) }),
  };
}

/**
 * Not found: look again later, or null when it was looked for often enough to send it again. When the looks are taken is
 * told by the policy `looked_up`. What looking does not tell is not sent again, but left to a person (`look_unclear`).
 */
export function lookAgain(
  message: Message,
  what: string,
  look: "absent" | "unclear",
  tools: Tools,
): End | null {
  const { configuration } = tools;
  const lookCount = (message.progress.lookCount ?? 0) + 1;
  const { most_looks, most_unclear_looks } = configuration.settings;
  const enough = isSeenTwice(message, tools) ? 1 : most_looks;
  // Given up once and here again, it was requeued by a person, who has looked in amoCRM.
  const isUnclear = look === "unclear" && message.progress.isGivenUp !== true;
  if (isUnclear && lookCount >= most_unclear_looks) {
    return {
      kind: "unanswered",
      code: "look_unclear",
      message: `The answer to ${what} was lost, and ${lookCount} looks do not tell whether amoCRM has it: look there yourself before it is requeued or cancelled`,
      lookCount,
      isGivenUp: true,
    };
  }
  if (isUnclear || lookCount < enough) {
    return {
      kind: "unanswered",
      code: "looked_up",
      message: `The answer to ${what} was lost and amoCRM does not show it yet; looked ${lookCount} times`,
      lookCount,
    };
  }
  if (message.failsAlone) {
    return {
      kind: "rejected",
      code: "fails_alone",
      message: `amoCRM failed at ${what} for this message alone, time after time, while it did the same for others; what was last sent did not reach it`,
    };
  }
  if (!message.isPoison) return null;
  return {
    kind: "rejected",
    code: "worker_died",
    message: `The workers ended each time with this message alone; what they last sent (${what}) did not reach amoCRM`,
  };
}

/**
 * True if one more look is enough. Its wait was told by the database's clock, which may have been set forward meanwhile, so
 * amoCRM's own is asked whether it was one.
 */
function isSeenTwice({ progress }: Message, tools: Tools): boolean {
  if (progress.refusedAlong !== true) return false;
  return tools.accountMs(tools.nowMs()) - (progress.absentAtMs ?? 0) >= SHOWN_WITHIN_MS;
}

function isOurs(deal: Deal, message: Message, dealName: string, tools: Tools): boolean {
  // Without a marker field the name is the best there is; amocrm_health says in `notice` that the promise is weaker.
  return markerField(tools.configuration) === null
    ? isSameText(deal.name, dealName)
    : isMarkedForUs(deal, message, tools);
}

/** The deal carries our row's id, so it was made for this row; never without a marker field. */
function isMarkedForUs(deal: Deal, message: Message, { configuration }: Tools): boolean {
  const marker = markerField(configuration);
  return (
    marker !== null &&
    deal.fields.some(
      (field) =>
        isField(field, marker) &&
        field.values.some(({ value }) => isSameText(String(value), message.subjectId)),
    )
  );
}

function isField(field: Field, wanted: { field_id: number | null; field_code: string | null }): boolean {
  return wanted.field_id !== null ? field.fieldId === wanted.field_id : field.fieldCode === wanted.field_code;
}
