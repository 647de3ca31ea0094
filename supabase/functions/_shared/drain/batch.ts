import type { AmocrmClient } from "../amocrm/client-port.ts";
import type { Answer, Failed } from "../amocrm/verdict.ts";
import type { Configuration } from "../outbox/configuration.ts";
import type { Message } from "../outbox/message.ts";
import type { Outbox } from "../outbox/port.ts";
import type { BatchSize } from "./batch-size.ts";
import { leaseGone, notSent, refusedAlong, unmentioned } from "./call-failures.ts";
import type { Guard } from "./guard.ts";
import type { Operation } from "./operation.ts";

/** Requests on their way at once: enough that a slow answer wastes no slot, few enough to stop at once. */
const LARGEST_IN_FLIGHT = 3;

/** How often a read or change is sent again at once after a server fault; then the message waits. */
const MOST_REPEATS = 2;

/** What a batch works with. */
export interface BatchPorts {
  /** The client for a request that these messages are in. */
  clientFor(messageIds: readonly number[]): AmocrmClient;
  outbox: Outbox;
  guard: Guard;
  token: string;
  settings: Configuration["settings"];
  batchSize: BatchSize;
  /** Keeps the lease alive while a request takes long. */
  alive<T>(request: Promise<T>): Promise<T>;
}

interface Call {
  operation: Operation<unknown, unknown>;
  message: Message;
  /** Ours and unique, and no bare number: amoCRM itself numbers items that have none (amocrm-api.md 3.1). */
  requestId: string;
  input: unknown;
  tryCount: number;
  resolve(answer: Answer<unknown>): void;
}

/** How a handler asks amoCRM for something. The call waits until it can travel with others of its kind. */
export type Perform = <Input, Output>(
  operation: Operation<Input, Output>,
  input: Input,
) => Promise<Answer<Output>>;

/** The handlers of a batch side by side, and their calls gathered into as few requests as possible. */
export interface Batch {
  /** Runs the work of each message and tells each end as it comes. Rejects if the store fails or the lease is lost. */
  run<End>(
    messages: readonly Message[],
    work: (message: Message, perform: Perform) => Promise<End>,
    ended: (ends: End[]) => Promise<void>,
  ): Promise<void>;
  /** The failure after which nothing more was sent; null if none. */
  stoppedBy(): Failed | null;
}

/**
 * Every handler is straight-line code that awaits its calls. When all are waiting, the calls of the lowest rank go
 * out: searches one by one, up to three on their way at once; what can be batched only when nothing else is under
 * way that could join it.
 */
export function createBatch(ports: BatchPorts): Batch {
  const waiting: Call[] = [];
  /** Operations that travel in smaller batches for the rest of this one: lists that leave things out, refused creates. */
  const limits = new Map<string, number>();
  const pendingCounts = new Map<number, number>();
  let runningCount = 0;
  let stopped: Failed | null = null;
  let callCount = 0;
  let failure: { cause: unknown } | null = null;
  let wake: () => void = () => undefined;

  const limitOf = (operation: Operation<unknown, unknown>) =>
    Math.min(
      operation.limit(ports.settings),
      limits.get(operation.name) ?? Number.POSITIVE_INFINITY,
      operation.kind === "read"
        ? Number.POSITIVE_INFINITY
        : (ports.batchSize.bound() ?? Number.POSITIVE_INFINITY),
    );

  /** A handler runs as long as none of its calls is pending; it may await several at once. */
  function changePending(message: Message, change: 1 | -1): void {
    const before = pendingCounts.get(message.id) ?? 0;
    pendingCounts.set(message.id, before + change);
    if (before === 0 && change === 1) runningCount -= 1;
    if (before === 1 && change === -1) runningCount += 1;
  }

  function resolve(call: Call, answer: Answer<unknown>): void {
    changePending(call.message, -1);
    call.resolve(answer);
  }

  function nextCalls(inFlightCount: number): Call[] {
    const lowest = Math.min(...waiting.map((call) => call.operation.rank));
    const operation = waiting.find((call) => call.operation.rank === lowest)?.operation;
    if (operation === undefined) return [];
    const limit = limitOf(operation);
    const candidates = waiting.filter((call) => call.operation === operation);
    const keyOf = (call: Call | undefined) => call && operation.groupKey?.(call.input);
    const calls = candidates.filter((call) => keyOf(call) === keyOf(candidates[0])).slice(0, limit);
    const mayGrow = limit > 1 && calls.length < limit && inFlightCount > 0;
    return mayGrow ? [] : calls;
  }

  async function dispatch(calls: readonly Call[]): Promise<void> {
    const [first] = calls;
    if (first === undefined) return;
    if (stopped !== null) {
      for (const call of calls) resolve(call, notSent(stopped));
      return;
    }
    const { operation } = first;
    const allowed =
      operation.kind === "create"
        ? await ports.outbox.markSent(
            ports.token,
            calls.map((call) => call.message.id),
            operation.name,
          )
        : null;
    const sendable = calls.filter((call) => allowed === null || allowed.has(call.message.id));
    for (const call of calls) if (!sendable.includes(call)) resolve(call, leaseGone(operation.name));
    if (sendable.length === 0) return;

    const items = sendable.map(({ requestId, input }) => ({ requestId, input }));
    const client = ports.clientFor(sendable.map(({ message }) => message.id));
    const answer = await ports.alive(operation.send(client, items));
    // Also after a stop: this may be the probe, whose answer alone closes the breaker.
    const failure = await ports.guard.observe(answer);
    stopped ??= failure;
    if (answer.verdict === "delivered") {
      if (operation.kind !== "read") await ports.batchSize.grow(sendable.length);
      return deliver(sendable, answer.value, answer);
    }
    if (answer.fault.shrinksBatch && sendable.length > 1) await ports.batchSize.shrink(sendable.length);
    if (answer.verdict === "rejected" || isUnreadable(answer, sendable)) return isolate(sendable, answer);
    if (
      answer.verdict === "retry" &&
      operation.kind !== "create" &&
      stopped === null &&
      first.tryCount < MOST_REPEATS
    ) {
      // Reading or setting again does no harm and saves the message a turn; the slot keeps the pace.
      waiting.push(...sendable.map((call) => ({ ...call, tryCount: call.tryCount + 1 })));
      return;
    }
    for (const call of sendable) resolve(call, answer);
  }

  /** A refused batch whose answer does not say which item is at fault: the good ones of a create may have been written. */
  function isUnreadable(answer: Failed, [first, ...others]: readonly Call[]): boolean {
    return (
      answer.fault.code === "refusal_unreadable" && first?.operation.kind === "create" && others.length > 0
    );
  }

  async function deliver(
    calls: readonly Call[],
    values: Map<string, unknown>,
    answer: Answer<unknown>,
  ): Promise<void> {
    const facts = calls.flatMap((call) => {
      const value = values.get(call.requestId);
      const fact = value === undefined ? undefined : call.operation.fact?.(call.input, value);
      return fact === undefined ? [] : [{ id: call.message.id, ...fact }];
    });
    if (facts.length > 0) await ports.outbox.record(ports.token, facts);
    for (const call of calls) {
      const value = values.get(call.requestId);
      // A list that leaves out what was asked for is not to be trusted in batches: one by one from here on.
      if (value === undefined && call.operation.kind !== "create") limits.set(call.operation.name, 1);
      if (value === undefined && call.operation.kind === "read" && calls.length > 1) {
        // What is deleted is in no list; asked for alone it is told. Left to the next turn, that would ask the same again.
        waiting.push(call);
        continue;
      }
      resolve(
        call,
        value === undefined
          ? unmentioned(call.operation, answer)
          : { ...answer, verdict: "delivered", value },
      );
    }
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
      resolve(call, { ...answer, fault: { ...answer.fault, items: item ? [item] : [] } });
    }
    const [first] = innocent;
    if (first === undefined) return;
    if (guilty.length === 0) limits.set(first.operation.name, Math.ceil(innocent.length / 2));
    if (first.operation.kind === "create") {
      for (const call of innocent) resolve(call, refusedAlong(answer));
    } else if (guilty.length > 0) {
      await dispatch(innocent);
    } else {
      const middle = Math.ceil(innocent.length / 2);
      await dispatch(innocent.slice(0, middle));
      await dispatch(innocent.slice(middle));
    }
  }

  return {
    stoppedBy: () => stopped,
    async run<End>(
      messages: readonly Message[],
      work: (message: Message, perform: Perform) => Promise<End>,
      ended: (ends: End[]) => Promise<void>,
    ) {
      const ends: End[] = [];
      let unfinishedCount = messages.length;
      let inFlightCount = 0;
      runningCount = messages.length;
      const fail = (cause: unknown) => {
        failure ??= { cause };
        wake();
      };
      for (const message of messages) {
        const perform: Perform = (operation, input) =>
          new Promise((resolveCall) => {
            waiting.push({
              operation: operation as Operation<unknown, unknown>,
              message,
              requestId: `m-${message.id}-${++callCount}`,
              input,
              tryCount: 0,
              resolve: resolveCall as (answer: Answer<unknown>) => void,
            });
            changePending(message, 1);
            wake();
          });
        work(message, perform).then((end) => {
          ends.push(end);
          unfinishedCount -= 1;
          runningCount -= 1;
          wake();
        }, fail);
      }
      while (unfinishedCount > 0 || ends.length > 0 || inFlightCount > 0) {
        if (failure !== null && inFlightCount === 0) throw failure.cause;
        const calls =
          failure === null && runningCount === 0 && inFlightCount < LARGEST_IN_FLIGHT
            ? nextCalls(inFlightCount)
            : [];
        if (calls.length > 0) {
          for (const call of calls) waiting.splice(waiting.indexOf(call), 1);
          inFlightCount += 1;
          dispatch(calls)
            .catch(fail)
            .finally(() => {
              inFlightCount -= 1;
              wake();
            });
        } else if (ends.length > 0 && runningCount === 0 && failure === null) {
          await ended(ends.splice(0));
        } else {
          await new Promise<void>((resolveWake) => {
            wake = resolveWake;
          });
        }
      }
      if (failure !== null) throw failure.cause;
    },
  };
}
