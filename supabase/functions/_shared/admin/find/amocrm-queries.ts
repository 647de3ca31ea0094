import type { AccountAccess, Asked } from "../../amocrm/access.ts";
import type { Answer, Deal } from "../../amocrm/api.ts";
import { type Operation, type Perform, readDeal } from "../../amocrm/steps.ts";

/** Somebody with more deals than this is a test contact or a company's telephone exchange. */
const MAX_DEALS = 100;
/** An account that ignores the filter by id is asked for each deal, at the account's pace. */
const MAX_SINGLE_READS = 10;
/** The calls go one by one, so that one name for all is enough. */
const REQUEST_ID = "find";

/** amoCRM did not answer; the message says why. */
export class NotAnswered extends Error {
  override readonly name = "NotAnswered";
}

/** amoCRM as a handler of the drain asks it, but reading only. */
export interface Asking {
  perform: Perform;
  /** The value; throws NotAnswered if there is none. */
  asked<T>(asked: Promise<Asked<T>>): Promise<T>;
  /** Deals by id as they are now, in few requests. */
  deals(ids: readonly number[]): Promise<Deal[]>;
}

/** Asks nothing twice: what the drain's code has asked for is shown to the operator as well. */
export function createAsking(account: AccountAccess): Asking {
  const given = new Map<string, Promise<unknown>>();

  function perform<Input, Output>(
    operation: Operation<Input, Output>,
    input: Input,
  ): Promise<Answer<Output>> {
    const name = `${operation.name} ${JSON.stringify(input)}`;
    const answer =
      (given.get(name) as Promise<Answer<Output>> | undefined) ?? send(account, operation, input);
    given.set(name, answer);
    return answer;
  }
  const asked = async <T>(answer: Promise<Asked<T>>): Promise<T> => {
    const outcome = await answer;
    if (outcome.ok) return outcome.value;
    throw new NotAnswered(outcome.reason);
  };

  return {
    perform,
    asked,
    async deals(ids) {
      const wanted = [...new Set(ids)].slice(0, MAX_DEALS);
      if (wanted.length === 0) return [];
      const items = wanted.map((input) => ({ requestId: String(input), input }));
      const found = await asked(account.ask((client) => readDeal.send(client, items)));
      for (const id of wanted.filter((one) => !found.has(String(one))).slice(0, MAX_SINGLE_READS)) {
        found.set(String(id), await asked(account.ask((client) => client.readDeal(id))));
      }
      return [...found.values()].filter((deal) => deal !== null);
    },
  };
}

/** One call by itself, as the drain sends it. */
async function send<Input, Output>(
  account: AccountAccess,
  operation: Operation<Input, Output>,
  input: Input,
): Promise<Answer<Output>> {
  if (operation.kind !== "read") throw new Error(`Cannot ${operation.name}: find only reads`);
  let answer: Answer<Map<string, Output>> | null = null;
  const asked = await account.ask(async (client) => {
    answer = await operation.send(client, [{ requestId: REQUEST_ID, input }]);
    return answer;
  });
  return outputOf(answer, asked);
}

function outputOf<Output>(
  answer: Answer<Map<string, Output>> | null,
  asked: Asked<Map<string, Output>>,
): Answer<Output> {
  if (answer?.verdict === "delivered" && answer.value.has(REQUEST_ID)) {
    return { ...answer, value: answer.value.get(REQUEST_ID) as Output };
  }
  const failed = answer?.verdict === "delivered" || asked.ok ? null : asked.failed;
  if (failed === null) throw new NotAnswered(asked.ok ? "amoCRM left out what was asked for" : asked.reason);
  return failed;
}
