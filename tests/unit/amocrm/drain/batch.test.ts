import { expect, test } from "vitest";
import { createBatch } from "#shared/amocrm/drain/batch.ts";
import type { Fact } from "#shared/amocrm/drain/port.ts";
import type { Message } from "#shared/amocrm/message.ts";
import type { Request } from "#shared/outbox/guard.ts";
import { exchange, failed, messages, operation, ports, run, type Sent } from "./support/batching.ts";

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

test("who searches for the same shares one request, and nobody waits for others to join", async () => {
  const sent: Sent[] = [];
  const search = operation(sent, "search", { groupKey: String, isOneForAll: true });
  const ends = await run(ports(), 5, async (message, perform) => {
    const answer = await perform(search, message.id % 2);
    return answer.verdict === "delivered" ? answer.value : null;
  });
  expect(sent.map(({ inputs }) => inputs)).toEqual([
    [1, 1, 1],
    [0, 0],
  ]);
  expect(ends.sort()).toEqual([0, 0, 1, 1, 1]);
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
  ["refusal_unreadable", 2, "batch_refused"],
  ["refusal_unexplained", 2, "batch_refused"],
  ["payload_too_large", 2, "batch_refused"],
  // Nothing in it can be told from the others: sent in smaller parts it would be refused alike.
  ["refused", 2, "refused"],
  ["refusal_unexplained", 1, "refusal_unexplained"],
] as const)(
  "a create refused as %s with %i items in it is in doubt for each, as %s",
  async (code, count, end) => {
    const create = operation([], "create", { kind: "create" }, () => failed("uncertain", code));
    const ends = await run(ports(), count, async (message, perform) => {
      const answer = await perform(create, message.id);
      return answer.verdict === "delivered" ? null : [answer.verdict, answer.fault.code];
    });
    expect(ends).toEqual(Array(count).fill(["uncertain", end]));
  },
);

test("a refusal that names nobody is not repeated at once", async () => {
  const sent: Sent[] = [];
  const read = operation(sent, "read", {}, () => failed("retry", "address_unknown"));
  await run(ports(), 1, async (message, perform) => perform(read, message.id));
  expect(sent).toHaveLength(1);
});

test("a failure says of which request it was and how many were in it, and the guard is told who", async () => {
  const observed: Request[] = [];
  const create = operation([], "create", { kind: "create" }, () => failed("uncertain", "server_error"));
  const ends = await run(ports({ observed }), 2, async (message, perform) => {
    const answer = await perform(create, message.id);
    return answer.verdict === "delivered" ? null : answer.request;
  });
  expect(ends).toEqual(Array(2).fill({ operation: "create", messageCount: 2 }));
  expect(observed).toEqual([{ operation: "create", messageIds: [1, 2] }]);
});

test("what failed in company is created with its like, what failed twice so alone", async () => {
  const sent: Sent[] = [];
  const create = operation(sent, "create", { kind: "create" });
  const some = messages(6).map(
    (one) => ({ ...one, companyFaultCount: [0, 2, 1, 0, 1, 2][one.id - 1] }) as Message,
  );
  await createBatch(ports()).run(
    some,
    (message, perform) => perform(create, message.id),
    async () => {},
  );
  expect(sent.map(({ inputs }) => inputs)).toEqual([[1, 4], [2], [3, 5], [6]]);
});

test("who shared a refused create that named nobody goes in half of that company, with its like", async () => {
  const sent: Sent[] = [];
  const create = operation(sent, "create", { kind: "create" });
  const some = messages(6).map(
    (one) => ({ ...one, progress: one.id < 5 ? { companyLimit: 2 } : {} }) as Message,
  );
  await createBatch(ports()).run(
    some,
    (message, perform) => perform(create, message.id),
    async () => {},
  );
  expect(sent.map(({ inputs }) => inputs)).toEqual([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
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

test("a read that meets a server fault is sent again at once, twice at most, and behind the others", async () => {
  const sent: Sent[] = [];
  const read = operation(sent, "read", { limit: () => 1 }, ([item]) =>
    item?.input === 1
      ? failed("retry", "server_error")
      : { verdict: "delivered", value: new Map([[String(item?.requestId), 0]]), exchange },
  );
  const ends = await run(ports(), 2, async (message, perform) => (await perform(read, message.id)).verdict);
  expect(ends).toEqual(["delivered", "retry"]);
  expect(sent.map(({ inputs }) => inputs[0])).toEqual([1, 2, 1, 1]);
});

test("a message that failed before has had its repeats", async () => {
  const sent: Sent[] = [];
  const read = operation(sent, "read", {}, () => failed("retry", "server_error"));
  const known = { ...messages(1)[0], errorCount: 1 } as Message;
  await createBatch(ports()).run(
    [known],
    (message, perform) => perform(read, message.id),
    async () => {},
  );
  expect(sent).toHaveLength(1);
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
