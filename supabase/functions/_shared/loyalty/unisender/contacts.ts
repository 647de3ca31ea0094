import type {
  ContactRow,
  UnisenderFailed,
  UnisenderService,
  UnisenderSettlement,
} from "../unisender-port.ts";
import type { ContactMessage } from "./message.ts";
import { contactGone, contactNotNeeded, contactRefused, contactTaken, failedBy } from "./settlement.ts";

const IMPORT = "importContacts";
const EXCLUDE = "exclude";

/** What came of a request about some contacts: their ends, and the answer for the guard. */
export interface ContactsTurn {
  ends: UnisenderSettlement[];
  operation: string;
  ids: number[];
  answer: { verdict: "delivered" } | UnisenderFailed;
}

/**
 * Tells Unisender of claimed contacts, in as few calls as there are: one import, one deletion, and a call for each that is taken out.
 * Each turn is told at once, so that a drain which is ended repeats little.
 */
export async function* tellContacts(
  contacts: readonly ContactMessage[],
  listId: string,
  service: UnisenderService,
  random: () => number,
): AsyncGenerator<ContactsTurn> {
  const of = (action: ContactMessage["action"]) => contacts.filter((contact) => contact.action === action);
  const idle = of("none");
  if (idle.length > 0)
    yield {
      ends: idle.map(contactNotNeeded),
      operation: IMPORT,
      ids: [],
      answer: { verdict: "delivered" },
    };
  const send = (rows: readonly ContactRow[]) => service.importContacts(listId, rows);
  yield* importAll(of("upsert"), send, contactTaken, random);
  const erase = (rows: readonly ContactRow[]) => service.deleteContacts(rows.map(({ email }) => email));
  yield* importAll(of("delete"), erase, contactGone, random);
  for (const contact of of("remove")) {
    const answer = await service.exclude(listId, contact.email);
    const end =
      "fault" in answer
        ? // One that is not there any more is out of the list as well.
          answer.verdict === "rejected"
          ? contactGone(contact, EXCLUDE)
          : failedBy(contact.id, answer, random())
        : contactGone(contact, EXCLUDE);
    yield { ends: [end], operation: EXCLUDE, ids: [contact.id], answer };
  }
}

async function* importAll(
  contacts: readonly ContactMessage[],
  send: (rows: readonly ContactRow[]) => ReturnType<UnisenderService["importContacts"]>,
  taken: typeof contactTaken,
  random: () => number,
): AsyncGenerator<ContactsTurn> {
  if (contacts.length === 0) return;
  const answer = await send(contacts);
  const ids = contacts.map(({ id }) => id);
  if ("fault" in answer && answer.verdict === "rejected" && contacts.length > 1) {
    // One of them spoils the whole call: halves of it are tried until it stands alone.
    const middle = Math.ceil(contacts.length / 2);
    yield { ends: [], operation: IMPORT, ids, answer };
    yield* importAll(contacts.slice(0, middle), send, taken, random);
    yield* importAll(contacts.slice(middle), send, taken, random);
    return;
  }
  const ends = contacts.map((contact, index) => {
    if ("fault" in answer)
      return answer.verdict === "rejected"
        ? contactRefused(contact, answer.fault.code)
        : failedBy(contact.id, answer, random());
    const fault = answer.value.get(index);
    return fault === undefined ? taken(contact, IMPORT) : contactRefused(contact, fault);
  });
  yield { ends, operation: IMPORT, ids, answer };
}
