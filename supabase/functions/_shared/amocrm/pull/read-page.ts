import type { AmocrmClient } from "../api/client-port.ts";
import type { Contact, Deal, FilteredPage, Page } from "../api/entities.ts";
import type { Answer } from "../api/verdict.ts";
import { pageOf } from "./advance.ts";
import type { Position, PullEntity } from "./position.ts";

/** Sends the request that a position stands before; of every phase but `named`, whose ids come from the mirror. */
export async function readPage(
  client: AmocrmClient,
  entity: PullEntity,
  position: Position,
): Promise<Answer<FilteredPage<Contact | Deal>>> {
  const page = pageOf(position);
  const { limit } = position;
  const isContact = entity === "contact";
  switch (position.phase) {
    case "changed": {
      const order = position.order === "id" ? "id" : "latest";
      const from = position.changedFrom + position.clockOffset;
      return isContact
        ? client.contactsChangedSince(from, page, order, limit)
        : client.dealsChangedSince(from, page, order, limit);
    }
    case "deleted":
      return isContact
        ? client.contactsDeletedSince(position.deletedFrom + position.clockOffset, page, limit)
        : client.dealsDeletedSince(position.deletedFrom + position.clockOffset, page, limit);
    default:
      return unfiltered(await (isContact ? client.contactsPage(page, limit) : client.dealsPage(page, limit)));
  }
}

/** Deals by id; one by one where the account ignores the filter. */
export async function readNamed(
  client: AmocrmClient,
  ids: readonly number[],
  isSingle: boolean,
): Promise<Answer<FilteredPage<Deal>>> {
  const [id] = ids;
  if (!isSingle || id === undefined) return client.readDeals(ids);
  const answer = await client.readDeal(id);
  return answer.verdict === "delivered"
    ? {
        ...answer,
        value: { rows: answer.value === null ? [] : [answer.value], hasMore: false, filterIgnored: false },
      }
    : answer;
}

function unfiltered(answer: Answer<Page<Contact | Deal>>): Answer<FilteredPage<Contact | Deal>> {
  return answer.verdict === "delivered"
    ? { ...answer, value: { ...answer.value, filterIgnored: false } }
    : answer;
}
