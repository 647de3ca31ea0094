import { endsDrain } from "../../outbox/ends-drain.ts";
import type { Guard } from "../../outbox/guard.ts";
import type { AmocrmClient } from "../api/client-port.ts";
import type { Answer, Failed } from "../api/verdict.ts";
import type { BatchSize } from "./batch-size.ts";
import { isSplit, leaseGone, notSent, ofRequest, refusedAlong, unmentioned } from "./call-failures.ts";
import type { Call, CallQueue } from "./call-queue.ts";
import { oneByOne } from "./one-by-one.ts";
import type { Outbox } from "./port.ts";

/** How often a read or change is sent again at once after a server fault; then the message waits. */
const MAX_REPEATS = 2;

/** What sending works with. */
export interface DispatchPorts {
  /** The client for a request that these messages are in. */
  clientFor(messageIds: readonly number[]): AmocrmClient;
  outbox: Outbox;
  guard: Guard<Failed>;
  token: string;
  batchSize: BatchSize;
  /** Keeps the lease alive while a request takes long. */
  alive<T>(request: Promise<T>): Promise<T>;
}

/** Sends calls of one operation in one request, and gives each its answer. */
export interface Dispatch {
  send(calls: readonly Call[]): Promise<void>;
  /** The failure after which nothing more was sent; null if none. */
  stoppedBy(): Failed | null;
}

export function createDispatch(ports: DispatchPorts, queue: CallQueue): Dispatch {
  let stopped: Failed | null = null;

  async function send(calls: readonly Call[]): Promise<void> {
    if (stopped !== null) {
      for (const call of calls) queue.resolve(call, notSent(stopped));
      return;
    }
    const sendable = await stillOurs(calls);
    if (sendable.length === 0) return;
    const answer = await exchange(sendable);
    if (answer !== null) await answered(sendable, answer);
  }

  /** Commits the intent of a create; those that another drain holds by now end here. */
  async function stillOurs(calls: readonly Call[]): Promise<readonly Call[]> {
    const [first] = calls;
    if (first?.operation.kind !== "create") return calls;
    const { name } = first.operation;
    const allowed = await ports.outbox.markSent(ports.token, idsOf(calls), name);
    const isOurs = ({ message }: Call) => allowed.has(message.id);
    for (const call of calls) if (!isOurs(call)) queue.resolve(call, leaseGone(name));
    return calls.filter(isOurs);
  }

  /** The request itself; null if it could not even be tried, and each call was told so. */
  async function exchange(calls: readonly Call[]): Promise<Answer<Map<string, unknown>> | null> {
    const { operation } = calls[0] as Call;
    const items = calls.map(({ requestId, input }) => ({ requestId, input }));
    const messageIds = idsOf(calls);
    let raw: Answer<Map<string, unknown>>;
    try {
      raw = await ports.alive(operation.send(ports.clientFor(messageIds), items));
    } catch (cause) {
      if (endsDrain(cause)) throw cause;
      // One of the items did that; which, shows when each is alone.
      for (const call of calls) queue.reject(call, cause);
      return null;
    }
    // Also after a stop: this may be the probe, whose answer alone closes the breaker.
    const failure = await ports.guard.observe(raw, { operation: operation.name, messageIds });
    stopped ??= failure;
    return ofRequest(raw, { operation: operation.name, messageCount: calls.length });
  }

  async function answered(calls: readonly Call[], answer: Answer<Map<string, unknown>>): Promise<void> {
    if (answer.verdict === "delivered") {
      if (calls[0]?.operation.kind !== "read") await ports.batchSize.grow(calls.length);
      return deliver(calls, answer);
    }
    if (answer.fault.shrinksBatch && calls.length > 1) await ports.batchSize.shrink(calls.length);
    if (answer.verdict === "rejected" || (isSplit(answer) && calls.length > 1)) return isolate(calls, answer);
    if (mayRepeat(calls, answer)) {
      queue.askAgain(calls.map((call) => ({ ...call, tryCount: call.tryCount + 1 })));
      return;
    }
    for (const call of calls) queue.resolve(call, answer);
  }

  /** Reading or setting again does no harm and saves a turn; behind the others, who show whether the account fails. */
  function mayRepeat(calls: readonly Call[], answer: Failed): boolean {
    const [first] = calls;
    return (
      answer.verdict === "retry" &&
      answer.fault.blame === "server" &&
      first?.operation.kind !== "create" &&
      stopped === null &&
      (first?.tryCount ?? 0) < MAX_REPEATS &&
      // A message that failed before has had its repeats; in an outage they would only add to the load.
      !calls.some(({ message }) => message.errorCount > 0)
    );
  }

  /** What the calls achieved is recorded, then each handler gets its own part of the answer. */
  async function deliver(
    calls: readonly Call[],
    answer: Extract<Answer<Map<string, unknown>>, { verdict: "delivered" }>,
  ): Promise<void> {
    const unrecorded = await record(calls, answer.value);
    for (const call of calls) {
      const cause = unrecorded.get(call.message.id);
      if (cause !== undefined) {
        queue.reject(call, cause.cause);
        continue;
      }
      const value = answer.value.get(call.requestId);
      // A list that leaves out what was asked for is not to be trusted in batches: one by one from here on.
      if (value === undefined && call.operation.kind !== "create") queue.narrow(call.operation, 1);
      if (value === undefined && call.operation.kind === "read" && calls.length > 1) {
        // What is deleted is in no list; asked for alone it is told. Left to the next turn, that would ask the same again.
        queue.askAgain([call]);
        continue;
      }
      queue.resolve(call, value === undefined ? unmentioned(call.operation, answer) : { ...answer, value });
    }
  }

  /** By message: why the database refused what its call achieved. */
  async function record(
    calls: readonly Call[],
    values: Map<string, unknown>,
  ): Promise<Map<number, { cause: unknown }>> {
    const facts = calls.flatMap((call) => {
      const value = values.get(call.requestId);
      const fact = value === undefined ? undefined : call.operation.fact?.(call.input, value);
      return fact === undefined ? [] : [{ id: call.message.id, ...fact }];
    });
    const refused = await oneByOne(facts, async (some) => {
      if (some.length > 0) await ports.outbox.record(ports.token, some);
    });
    return new Map(refused.map(({ row, cause }) => [row.id, { cause }]));
  }

  /**
   * The items that a refusal names are at fault. Whether the others were written is not documented: reads and changes go
   * again without the guilty ones, a create is looked for first by its handler. If none is named, halves find it.
   */
  async function isolate(calls: readonly Call[], answer: Failed): Promise<void> {
    const named = new Map(answer.fault.items.map((item) => [item.requestId, item]));
    const guilty = calls.filter((call) => calls.length === 1 || named.has(call.requestId));
    const innocent = calls.filter((call) => !guilty.includes(call));
    for (const call of guilty) {
      const item = named.get(call.requestId);
      queue.resolve(call, { ...answer, fault: { ...answer.fault, items: item ? [item] : [] } });
    }
    const [first] = innocent;
    if (first === undefined) return;
    const middle = Math.ceil(innocent.length / 2);
    if (guilty.length === 0) queue.narrow(first.operation, middle);
    if (first.operation.kind === "create") {
      for (const call of innocent) queue.resolve(call, refusedAlong(answer));
    } else if (guilty.length > 0) {
      await send(innocent);
    } else {
      await send(innocent.slice(0, middle));
      await send(innocent.slice(middle));
    }
  }

  return { send, stoppedBy: () => stopped };
}

function idsOf(calls: readonly Call[]): number[] {
  return calls.map(({ message }) => message.id);
}
