import { expect, test } from "vitest";
import type { AmocrmClient } from "../../../supabase/functions/_shared/amocrm/client-port.ts";
import { fault } from "../../../supabase/functions/_shared/amocrm/faults.ts";
import type { Answer, Exchange, Failed } from "../../../supabase/functions/_shared/amocrm/verdict.ts";
import {
  type BatchPorts,
  createBatch,
  type Perform,
} from "../../../supabase/functions/_shared/drain/batch.ts";
import type { Operation } from "../../../supabase/functions/_shared/drain/operation.ts";
import type { Message } from "../../../supabase/functions/_shared/outbox/message.ts";
import type { Fact, Outbox } from "../../../supabase/functions/_shared/outbox/port.ts";

const exchange: Exchange = {
  method: "POST",
  path: "/",
  httpStatus: 200,
  durationMs: 1,
  waitedMs: 0,
  itemCount: 1,
};
const failed = (
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
const messages = (count: number): Message[] =>
  Array.from({ length: count }, (_, index) => ({ id: index + 1 }) as Message);

interface Sent {
  name: string;
  inputs: unknown[];
}

/** An operation that records what was sent together, and answers as told (by default: each item its own input). */
function operation(
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

function ports(
  more: {
    marked?: number[][];
    facts?: Fact[];
    stop?: (answer: Answer<unknown>) => Failed | null;
    held?: number[];
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
    guard: { observe: async (answer) => more.stop?.(answer as Answer<unknown>) ?? null },
    token: "t",
    settings: {
      min_interval_ms: 1,
      batch_size: 50,
      patch_batch_size: 50,
      most_looks: 3,
      allow_stage_backwards: false,
      batch_size_in_force: null,
    },
    batchSize: { bound: () => null, shrink: async () => {}, grow: async () => {} },
    alive: (request) => request,
  };
}

async function run<End>(
  batchPorts: BatchPorts,
  count: number,
  work: (message: Message, perform: Perform) => Promise<End>,
): Promise<End[]> {
  const ends: End[] = [];
  await createBatch(batchPorts).run(messages(count), work, async (some) => void ends.push(...some));
  return ends;
}

test("searches go one by one, and the creates after them travel together", async () => {
  const sent: Sent[] = [];
  const search = operation(sent, "search", { limit: () => 1 });
  const create = operation(sent, "create", { rank: 3, kind: "create" });
  const marked: number[][] = [];
  await run(ports({ marked }), 5, async (message, perform) => {
    await perform(search, message.id);
    return perform(create, message.id);
  });
  expect(sent.map(({ name, inputs }) => [name, inputs.length])).toEqual([
    ...Array.from({ length: 5 }, () => ["search", 1]),
    ["create", 5],
  ]);
  expect(marked).toEqual([[1, 2, 3, 4, 5]]);
});

test("a handler may wait for several calls at once", async () => {
  const sent: Sent[] = [];
  const read = operation(sent, "read", {});
  const ends = await run(ports(), 2, async (message, perform) => {
    const answers = await Promise.all([1, 2, 3].map((n) => perform(read, message.id * 10 + n)));
    return answers.map((answer) => (answer.verdict === "delivered" ? answer.value : null));
  });
  expect(ends).toEqual(
    expect.arrayContaining([
      [11, 12, 13],
      [21, 22, 23],
    ]),
  );
  expect(sent).toHaveLength(1);
});

test("what an answered create achieved is recorded before its handler goes on", async () => {
  const facts: Fact[] = [];
  const create = operation([], "create", {
    kind: "create",
    fact: (_input, output) => ({ dealId: output, progress: {} }),
  });
  await run(ports({ facts }), 2, async (message, perform) => {
    await perform(create, message.id);
    expect(facts.map(({ id }) => id)).toContain(message.id);
  });
  expect(facts).toMatchObject([
    { id: 1, dealId: 1 },
    { id: 2, dealId: 2 },
  ]);
});

test("of a refused change only the named items are rejected, the others go again without them", async () => {
  const sent: Sent[] = [];
  const change = operation(sent, "change", { kind: "set" }, (items, turn) => {
    if (turn > 0)
      return {
        verdict: "delivered",
        value: new Map(items.map(({ requestId, input }) => [requestId, input])),
        exchange,
      };
    return failed(
      "rejected",
      "validation_failed",
      items.filter(({ input }) => input === 2).map(({ requestId }) => requestId),
    );
  });
  const ends = await run(ports(), 3, async (message, perform) => [
    message.id,
    (await perform(change, message.id)).verdict,
  ]);
  expect(new Map(ends as [number, string][])).toEqual(
    new Map([
      [1, "delivered"],
      [2, "rejected"],
      [3, "delivered"],
    ]),
  );
  expect(sent.map(({ inputs }) => inputs)).toEqual([
    [1, 2, 3],
    [1, 3],
  ]);
});

test("of a refused create the innocent items are uncertain, because they may have been written", async () => {
  const create = operation([], "create", { kind: "create" }, (items) =>
    failed(
      "rejected",
      "validation_failed",
      items.slice(0, 1).map(({ requestId }) => requestId),
    ),
  );
  const ends = await run(ports(), 3, async (message, perform) => {
    const answer = await perform(create, message.id);
    return answer.verdict === "delivered" ? null : [answer.verdict, answer.fault.code];
  });
  expect(ends).toEqual(
    expect.arrayContaining([
      ["rejected", "validation_failed"],
      ["uncertain", "batch_refused"],
      ["uncertain", "batch_refused"],
    ]),
  );
});

test.each([
  ["of several items is in doubt for each, because the good ones may have been written", 2, "uncertain"],
  ["of one item is certain: nothing was written", 1, "retry"],
])("a create refused without a readable reason %s", async (_name, count, verdict) => {
  const create = operation([], "create", { kind: "create" }, () => failed("retry", "refusal_unreadable"));
  const ends = await run(
    ports(),
    count,
    async (message, perform) => (await perform(create, message.id)).verdict,
  );
  expect(ends).toEqual(Array(count).fill(verdict));
});

test("a refusal that names nobody is narrowed down by halves", async () => {
  const sent: Sent[] = [];
  const change = operation(sent, "change", { kind: "set" }, (items) =>
    items.some(({ input }) => input === 3)
      ? failed("rejected", "validation_failed")
      : {
          verdict: "delivered",
          value: new Map(items.map(({ requestId, input }) => [requestId, input])),
          exchange,
        },
  );
  const ends = await run(ports(), 8, async (message, perform) => [
    message.id,
    (await perform(change, message.id)).verdict,
  ]);
  expect((ends as [number, string][]).filter(([, verdict]) => verdict === "rejected")).toEqual([
    [3, "rejected"],
  ]);
  expect(sent.length).toBeLessThanOrEqual(7);
});

test("an item that a success does not mention is uncertain for a create", async () => {
  const create = operation([], "create", { kind: "create" }, (items) => ({
    verdict: "delivered",
    value: new Map(items.slice(1).map(({ requestId, input }) => [requestId, input])),
    exchange,
  }));
  const ends = await run(ports(), 2, async (message, perform) => (await perform(create, message.id)).verdict);
  expect([...ends].sort()).toEqual(["delivered", "uncertain"]);
});

test("after a block nothing more is sent, and what waited is told so as unsent", async () => {
  const sent: Sent[] = [];
  const search = operation(sent, "search", { limit: () => 1 }, () => failed("blocked", "account_blocked"));
  const ends = await run(
    ports({ stop: (answer) => (answer.verdict === "delivered" ? null : answer) }),
    10,
    async (message, perform) => {
      const answer = await perform(search, message.id);
      return answer.verdict === "delivered" ? null : answer.fault.isSent;
    },
  );
  expect(sent.length).toBeLessThanOrEqual(3);
  expect(ends.filter((isSent) => isSent === false).length).toBe(10 - sent.length);
});

test("a message that another drain took is not sent with the others", async () => {
  const sent: Sent[] = [];
  const create = operation(sent, "create", { kind: "create" });
  const ends = await run(ports({ held: [2] }), 3, async (message, perform) => [
    message.id,
    (await perform(create, message.id)).verdict,
  ]);
  expect(sent[0]?.inputs).toEqual([1, 3]);
  expect(new Map(ends as [number, string][]).get(2)).toBe("blocked");
});

test("a read that meets a server fault is sent again at once, twice at most", async () => {
  const sent: Sent[] = [];
  const read = operation(sent, "read", {}, () => failed("retry", "server_error"));
  const ends = await run(ports(), 1, async (message, perform) => (await perform(read, message.id)).verdict);
  expect(ends).toEqual(["retry"]);
  expect(sent).toHaveLength(3);
});

test("a failing store ends the run with its error and leaves no handler hanging unnoticed", async () => {
  const create = operation([], "create", { kind: "create" });
  const broken = ports();
  broken.outbox.markSent = async () => {
    throw new Error("Cannot call amocrm_drain_mark_sent: 57P01");
  };
  await expect(run(broken, 2, async (message, perform) => perform(create, message.id))).rejects.toThrow(
    "57P01",
  );
});
