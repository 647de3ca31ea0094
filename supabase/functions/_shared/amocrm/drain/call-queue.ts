import type { Answer } from "../api/verdict.ts";
import type { Configuration } from "../configuration.ts";
import type { Message } from "../message.ts";
import type { BatchSize } from "./batch-size.ts";
import { goesAlone, inCompany } from "./company.ts";
import type { Operation } from "./operation.ts";

/** What a handler asked for and waits for. */
export interface Call {
  operation: Operation<unknown, unknown>;
  message: Message;
  /** Ours and unique, and no bare number: amoCRM itself numbers items that have none (amocrm-api.md 3.1). */
  requestId: string;
  input: unknown;
  tryCount: number;
  resolve(answer: Answer<unknown>): void;
  /** Its handler gets the exception, and what the handler makes of it is the message's end. */
  reject(cause: unknown): void;
}

/** The calls of all handlers of a batch, and which of them travel next. */
export interface CallQueue {
  /** A call of a message's handler, which waits for the answer from now on. */
  ask(message: Message, operation: Operation<unknown, unknown>, input: unknown): Promise<Answer<unknown>>;
  /** Sent once, and to be sent again behind the others. */
  askAgain(calls: readonly Call[]): void;
  resolve(call: Call, answer: Answer<unknown>): void;
  reject(call: Call, cause: unknown): void;
  /** Takes the calls that travel next, together; none if it is better to wait for a request under way. */
  take(inFlightCount: number): Call[];
  /** From here on calls of this kind travel in requests of that many at most. */
  narrow(operation: Operation<unknown, unknown>, limit: number): void;
  begin(handlerCount: number): void;
  handlerEnded(): void;
  /** Whether no handler can go on before one of its calls is answered. */
  isEverybodyWaiting(): boolean;
}

export function createCallQueue(settings: Configuration["settings"], batchSize: BatchSize): CallQueue {
  const waiting: Call[] = [];
  /** Lists that leave things out and refused creates travel in smaller requests for the rest of the batch. */
  const limits = new Map<string, number>();
  const pendingCounts = new Map<number, number>();
  let runningCount = 0;
  let callCount = 0;

  /** A handler runs as long as none of its calls is pending; it may await several at once. */
  function changePending(message: Message, change: 1 | -1): void {
    const before = pendingCounts.get(message.id) ?? 0;
    pendingCounts.set(message.id, before + change);
    if (before === 0 && change === 1) runningCount -= 1;
    if (before === 1 && change === -1) runningCount += 1;
  }

  function limitOf(operation: Operation<unknown, unknown>): number {
    return Math.min(
      operation.limit(settings),
      limits.get(operation.name) ?? Number.POSITIVE_INFINITY,
      operation.kind === "read" ? Number.POSITIVE_INFINITY : (batchSize.bound() ?? Number.POSITIVE_INFINITY),
    );
  }

  function nextCalls(inFlightCount: number): Call[] {
    const lowest = Math.min(...waiting.map((call) => call.operation.rank));
    const operation = waiting.find((call) => call.operation.rank === lowest)?.operation;
    if (operation === undefined) return [];
    const limit = limitOf(operation);
    const candidates = waiting.filter((call) => call.operation === operation);
    const keyOf = (call: Call | undefined) => call && operation.groupKey?.(call.input);
    const alike = candidates.filter((call) => keyOf(call) === keyOf(candidates[0]));
    const calls = inCompany(alike, limit);
    const mayGrow =
      operation.isOneForAll !== true &&
      limit > 1 &&
      calls.length < limit &&
      inFlightCount > 0 &&
      !alike.some(goesAlone);
    return mayGrow ? [] : calls;
  }

  return {
    ask(message, operation, input) {
      return new Promise((resolve, reject) => {
        const requestId = `m-${message.id}-${++callCount}`;
        waiting.push({ operation, message, requestId, input, tryCount: 0, resolve, reject });
        changePending(message, 1);
      });
    },
    askAgain: (calls) => void waiting.push(...calls),
    resolve(call, answer) {
      changePending(call.message, -1);
      call.resolve(answer);
    },
    reject(call, cause) {
      changePending(call.message, -1);
      call.reject(cause);
    },
    take(inFlightCount) {
      const calls = nextCalls(inFlightCount);
      for (const call of calls) waiting.splice(waiting.indexOf(call), 1);
      return calls;
    },
    narrow: (operation, limit) => void limits.set(operation.name, limit),
    begin(handlerCount) {
      runningCount = handlerCount;
    },
    handlerEnded() {
      runningCount -= 1;
    },
    isEverybodyWaiting: () => runningCount === 0,
  };
}
