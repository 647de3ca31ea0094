import type { Contact, Deal, FilteredPage } from "../api/entities.ts";
import { fittingIds } from "../api/read-requests.ts";
import type { Answer, Failed } from "../api/verdict.ts";
import { PAGE_SIZE_MAX, SHORT_FILTER_IDS_MAX } from "../rules/limits.ts";
import { ask } from "./ask.ts";
import type { TakenHints } from "./port.ts";
import type { PullEntity } from "./position.ts";
import { ADDRESS_REFUSALS, MAX_SINGLE_READS, type RunPorts, WAITS } from "./run.ts";

/** amoCRM repeats a delivery for 95 minutes: a deletion may be that much older than its hook. */
const LATE_DELETION_SECONDS = 6000;
/** More deletions than these pages hold are the regular pull's. */
const MAX_DELETED_PAGES = 4;

type Rows = readonly (Contact | Deal)[];
type Taken = TakenHints & { entity: PullEntity };

/**
 * Reads again what hooks named, as many by id in one request as an address takes, and what was deleted from amoCRM's list of
 * it. Returns why the call has to end, or null once nothing is left.
 */
export async function readHints(clockOffsetMs: number | null, ports: RunPorts): Promise<string | null> {
  const { pulls, token, budget, clock } = ports;
  let limit = SHORT_FILTER_IDS_MAX;
  for (;;) {
    if (budget.requestsLeft <= 0 || clock.nowMs() >= budget.untilMs || ports.ending?.aborted === true)
      return "budget";
    const taken = await pulls.takeHints(token, limit);
    const { entity } = taken;
    if (entity === null) return null;
    const asked = taken.ids.slice(0, fittingIds(taken.ids));
    const answer =
      asked.length > 0
        ? await ask((client) => readAgain(client, entity, asked, limit === 1), ports)
        : await readDeleted({ ...taken, entity }, clockOffsetMs, ports);
    if (answer.verdict !== "delivered") {
      if (asked.length > 1 && isTooLong(answer)) {
        limit = Math.ceil(asked.length / 2);
        continue;
      }
      if (WAITS.includes(answer.fault.code)) return answer.fault.causeCode ?? answer.fault.code;
      await pulls.letHintsWait(token, entity, asked.length > 0 ? asked : taken.deletedIds);
      return answer.fault.code;
    }
    if (answer.value.filterIgnored && asked.length > MAX_SINGLE_READS) {
      // What came unasked tells nothing of what did not come. The regular pull reads lists, which it knows how to take apart.
      await pulls.letHintsWait(token, entity, asked);
      continue;
    }
    if (answer.value.filterIgnored && asked.length > 1) {
      limit = 1;
      continue;
    }
    await pulls.storeHints(token, {
      entity,
      rows: answer.value.rows,
      asked: asked.length > 0 ? asked : taken.deletedIds,
      takenAt: taken.takenAt,
      readAt: secondOf(answer),
    });
  }
}

function readAgain(
  client: RunPorts["client"],
  entity: PullEntity,
  ids: readonly number[],
  isSingle: boolean,
): Promise<Answer<FilteredPage<Contact | Deal>>> {
  const [id] = ids;
  // By its own address one needs no filter, which the account may ignore.
  if (isSingle && id !== undefined)
    return asPage<Contact | Deal>(entity === "contact" ? client.readContact(id) : client.readDeal(id));
  return entity === "contact" ? client.readContacts(ids) : client.readDeals(ids);
}

async function asPage<T>(asked: Promise<Answer<T | null>>): Promise<Answer<FilteredPage<T>>> {
  const answer = await asked;
  if (answer.verdict !== "delivered") return answer;
  const rows = answer.value === null ? [] : [answer.value];
  return { ...answer, value: { rows, hasMore: false, filterIgnored: false } };
}

type Read = Extract<Answer<{ rows: Rows; filterIgnored: boolean }>, { verdict: "delivered" }>;

/** Of the list of deleted ones those that hooks named; what it does not hold is asked for by its id afterwards. */
async function readDeleted(
  taken: Taken,
  clockOffsetMs: number | null,
  ports: RunPorts,
): Promise<Read | Failed> {
  const offset = Math.round((ports.accountClock.offsetMs() ?? clockOffsetMs ?? 0) / 1000);
  const from = Math.max(0, (taken.since ?? 0) + offset - LATE_DELETION_SECONDS);
  const wanted = new Set(taken.deletedIds);
  const found: (Contact | Deal)[] = [];
  for (let page = 1; ; page++) {
    const answer = await ask(
      (client): Promise<Answer<FilteredPage<Contact | Deal>>> =>
        taken.entity === "contact"
          ? client.contactsDeletedSince(from, page, PAGE_SIZE_MAX)
          : client.dealsDeletedSince(from, page, PAGE_SIZE_MAX),
      ports,
    );
    if (answer.verdict !== "delivered") {
      // An account that gives no such list is mirrored all the same.
      const isWithheld = answer.fault.blame === "request" || answer.fault.code === "forbidden";
      return isWithheld
        ? { verdict: "delivered", value: { rows: found, filterIgnored: false }, exchange: answer.exchange }
        : answer;
    }
    found.push(...answer.value.rows.filter(({ id }) => wanted.has(id)));
    const isEnough = !answer.value.hasMore || found.length >= wanted.size || page >= MAX_DELETED_PAGES;
    if (isEnough) return { ...answer, value: { rows: found, filterIgnored: false } };
  }
}

function isTooLong({ fault }: Failed): boolean {
  return fault.shrinksBatch || ADDRESS_REFUSALS.includes(fault.code) || fault.code === "refused";
}

/** Not later than the reading, whatever the answer took. */
function secondOf({ exchange }: Read): number | null {
  const second = exchange.answeredAtSecond ?? null;
  return second === null ? null : second - Math.ceil(exchange.durationMs / 1000);
}
