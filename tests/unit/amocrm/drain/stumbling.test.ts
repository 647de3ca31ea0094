import { expect, test } from "vitest";
import { LeaseLostError } from "#shared/outbox/port.ts";
import { StoreError } from "#shared/outbox/store-error.ts";

import { exchange, operation, ports, run } from "./support/batching.ts";

test("an exception on the way to amoCRM is that request's, and the handlers of its messages get it", async () => {
  const search = operation([], "search", { limit: () => 1 }, (items) => {
    if (items[0]?.input === 2) throw new RangeError("Maximum call stack size exceeded");
    return { verdict: "delivered", value: new Map([[items[0]?.requestId ?? "", 1]]), exchange };
  });
  const ends = await run(ports(), 3, async (message, perform) => [
    message.id,
    await perform(search, message.id).then(
      ({ verdict }) => verdict,
      (cause: Error) => cause.name,
    ),
  ]);
  expect(new Map(ends as [number, string][])).toEqual(
    new Map([
      [1, "delivered"],
      [2, "RangeError"],
      [3, "delivered"],
    ]),
  );
});

test.each([
  ["the database", new StoreError(new Error("Cannot call amocrm_reserve_slot: 57P01"))],
  ["the lease", new LeaseLostError("lost")],
])("an error of %s on that way ends the run", async (_name, cause) => {
  const search = operation([], "search", {}, () => {
    throw cause;
  });
  await expect(run(ports(), 2, async (message, perform) => perform(search, message.id))).rejects.toBe(cause);
});

test("what one message has achieved and the database refuses to hold does not take the others' with it", async () => {
  const create = operation([], "create", {
    kind: "create",
    fact: (input, output) => ({ dealId: output, progress: { lookCount: input } }),
  });
  const facts: number[] = [];
  const careful = ports();
  careful.outbox.record = async (_token, some) => {
    if (some.some(({ id }) => id === 2))
      throw new StoreError(Object.assign(new Error("out of range"), { code: "22003" }));
    facts.push(...some.map(({ id }) => id));
  };
  const ends = await run(careful, 3, async (message, perform) =>
    perform(create, message.id).then(
      ({ verdict }) => verdict,
      (error: Error) => error.name,
    ),
  );
  expect(facts).toEqual([1, 3]);
  expect(ends.toSorted()).toEqual(["StoreError", "delivered", "delivered"]);
});
