import type { Answer, Failed } from "../api/verdict.ts";
import type { Configuration } from "../configuration.ts";
import type { Message } from "../message.ts";
import { createCallQueue } from "./call-queue.ts";
import { createDispatch, type DispatchPorts } from "./dispatch.ts";
import type { Operation } from "./operation.ts";

/** Requests on their way at once: enough that a slow answer wastes no slot, few enough to stop at once. */
const MAX_IN_FLIGHT = 3;

/** What a batch works with. */
export interface BatchPorts extends DispatchPorts {
  settings: Configuration["settings"];
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
  const queue = createCallQueue(ports.settings, ports.batchSize);
  const dispatch = createDispatch(ports, queue);
  return {
    stoppedBy: dispatch.stoppedBy,
    async run<End>(
      messages: readonly Message[],
      work: (message: Message, perform: Perform) => Promise<End>,
      ended: (ends: End[]) => Promise<void>,
    ) {
      const ends: End[] = [];
      const alarm = createAlarm();
      let unfinishedCount = messages.length;
      let inFlightCount = 0;
      queue.begin(messages.length);
      for (const message of messages) {
        const perform: Perform = (operation, input) => {
          const answer = queue.ask(message, operation as Operation<unknown, unknown>, input);
          alarm.ring();
          return answer as Promise<Answer<never>>;
        };
        work(message, perform).then((end) => {
          ends.push(end);
          unfinishedCount -= 1;
          queue.handlerEnded();
          alarm.ring();
        }, alarm.fail);
      }
      while (unfinishedCount > 0 || ends.length > 0 || inFlightCount > 0) {
        const hasFailed = alarm.failure() !== null;
        if (hasFailed && inFlightCount === 0) break;
        const maySend = !hasFailed && queue.isEverybodyWaiting();
        const calls = maySend && inFlightCount < MAX_IN_FLIGHT ? queue.take(inFlightCount) : [];
        if (calls.length > 0) {
          inFlightCount += 1;
          dispatch
            .send(calls)
            .catch(alarm.fail)
            .finally(() => {
              inFlightCount -= 1;
              alarm.ring();
            });
        } else if (ends.length > 0 && maySend) {
          await ended(ends.splice(0));
        } else {
          await alarm.rung();
        }
      }
      const failure = alarm.failure();
      if (failure !== null) throw failure.cause;
    },
  };
}

/** Wakes the one loop that waits, and keeps the first failure for it. */
interface Alarm {
  ring(): void;
  rung(): Promise<void>;
  fail(cause: unknown): void;
  failure(): { cause: unknown } | null;
}

function createAlarm(): Alarm {
  let wake: () => void = () => undefined;
  let failure: { cause: unknown } | null = null;
  return {
    ring: () => wake(),
    rung: () =>
      new Promise((resolve) => {
        wake = resolve;
      }),
    fail(cause) {
      failure ??= { cause };
      wake();
    },
    failure: () => failure,
  };
}
