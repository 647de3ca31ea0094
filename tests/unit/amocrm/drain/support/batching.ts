import type { AmocrmClient } from "#shared/amocrm/api/client-port.ts";
import { fault } from "#shared/amocrm/api/faults.ts";
import type { Answer, Exchange, Failed } from "#shared/amocrm/api/verdict.ts";
import { type BatchPorts, createBatch, type Perform } from "#shared/amocrm/drain/batch.ts";
import type { Operation } from "#shared/amocrm/drain/operation.ts";
import type { Fact, Outbox } from "#shared/amocrm/drain/port.ts";
import type { Message } from "#shared/amocrm/message.ts";
import type { Request } from "#shared/outbox/guard.ts";

export const exchange: Exchange = {
  method: "POST",
  path: "/",
  httpStatus: 200,
  durationMs: 1,
  waitedMs: 0,
  itemCount: 1,
};
export const failed = (
  verdict: Failed["verdict"],
  code: Parameters<typeof fault>[0],
  items: string[] = [],
): Failed => ({
  verdict,
  fault: fault(code, {
    items: items.map((requestId) => ({ requestId, faults: [{ code: "X", path: "status_id" }] })),
  }),
  exchange,
});
export const messages = (count: number): Message[] =>
  Array.from({ length: count }, (_, index) => ({ id: index + 1, progress: {} }) as Message);

/** What was sent together, by the operation's name. */
export interface Sent {
  name: string;
  inputs: unknown[];
}

/** An operation that records what was sent together, and answers as told (by default: each item its own input). */
export function operation(
  sent: Sent[],
  name: string,
  shape: Partial<Operation<number, number>>,
  answer?: (items: { requestId: string; input: number }[], turn: number) => Answer<Map<string, number>>,
): Operation<number, number> {
  let turn = 0;
  return {
    name,
    rank: 0,
    kind: "read",
    limit: () => 50,
    ...shape,
    async send(_client, items) {
      sent.push({ name, inputs: items.map(({ input }) => input) });
      const value = new Map(items.map(({ requestId, input }) => [requestId, input]));
      return answer?.([...items], turn++) ?? { verdict: "delivered", value, exchange };
    },
  };
}

export function ports(
  more: {
    marked?: number[][];
    facts?: Fact[];
    stop?: (answer: Answer<unknown>) => Failed | null;
    held?: number[];
    observed?: Request[];
  } = {},
): BatchPorts {
  const outbox = {
    markSent: async (_token: string, ids: readonly number[]) => {
      more.marked?.push([...ids]);
      return new Set(ids.filter((id) => !more.held?.includes(id)));
    },
    record: async (_token: string, facts: readonly Fact[]) => void more.facts?.push(...facts),
  } as unknown as Outbox;
  return {
    clientFor: () => ({}) as AmocrmClient,
    outbox,
    guard: {
      observe: async (answer, request) => {
        more.observed?.push(request);
        return more.stop?.(answer as Answer<unknown>) ?? null;
      },
      expectTrouble: () => {},
    },
    token: "t",
    settings: {
      min_interval_ms: 1,
      batch_size: 50,
      patch_batch_size: 50,
      note_batch_size: 250,
      most_looks: 3,
      most_unclear_looks: 10,
      allow_stage_backwards: false,
      batch_size_in_force: null,
      large_batch_size_in_force: null,
    },
    batchSize: { bound: () => null, shrink: async () => {}, grow: async () => {} },
    alive: (request) => request,
  };
}

export async function run<End>(
  batchPorts: BatchPorts,
  count: number,
  work: (message: Message, perform: Perform) => Promise<End>,
): Promise<End[]> {
  const ends: End[] = [];
  await createBatch(batchPorts).run(messages(count), work, async (some) => void ends.push(...some));
  return ends;
}
