import type { AmocrmClient } from "../api/client-port.ts";
import type { MethodClass } from "../api/transport.ts";
import type { Answer } from "../api/verdict.ts";
import type { Configuration } from "../configuration.ts";
import type { Fact } from "./port.ts";

/**
 * One kind of request to amoCRM. Calls of different messages to the same operation travel together, up to `limit`.
 * Lower rank goes first: what tells us something before what writes, so that writes can be gathered.
 */
export interface Operation<Input, Output> {
  name: string;
  rank: number;
  /** The intent of a create is committed before it leaves, and a lost answer is uncertain; the others may be repeated. */
  kind: MethodClass;
  /** Only calls with the same key travel together; without it all do. */
  groupKey?(input: Input): string;
  /** Those with the same key ask the same: one request answers all, and waits for no further ones. */
  isOneForAll?: boolean;
  limit(settings: Configuration["settings"]): number;
  send(client: AmocrmClient, items: readonly OperationItem<Input>[]): Promise<Answer<Map<string, Output>>>;
  /** What a delivered call achieved, recorded before the handler goes on. */
  fact?(input: Input, output: Output): Omit<Fact, "id">;
}

export interface OperationItem<Input> {
  /** Ours, unique in the batch; amoCRM echoes it. */
  requestId: string;
  input: Input;
}
