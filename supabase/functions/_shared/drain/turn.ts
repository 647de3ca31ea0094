import type { Handler, Tools } from "../handlers/handler.ts";
import type { Configuration } from "../outbox/configuration.ts";
import type { Message } from "../outbox/message.ts";
import type { Fact, Match, Outbox, Settlement } from "../outbox/port.ts";
import type { Clock, Random } from "../platform/clock.ts";
import type { Perform } from "./batch.ts";
import type { Pipelines } from "./pipelines.ts";
import { settlementOf, type Turn } from "./settlement.ts";

/** What a message's turn needs from its drain. */
export interface TurnPorts {
  outbox: Outbox;
  clock: Clock;
  random: Random;
  token: string;
  configuration: Configuration;
  /** What the mirror knows of the person; null if it cannot answer. */
  match: Match | null;
  /** Which message works on which contact of amoCRM, or may have. */
  contactHolders: Map<number, number>;
  /** And which on which deal. */
  dealHolders: Map<number, number>;
  pipelines: Pipelines;
}

/** Runs one message through its handler and tells how it is to be settled. */
export async function takeTurn(
  message: Message,
  handler: Handler | undefined,
  perform: Perform,
  ports: TurnPorts,
): Promise<Settlement> {
  const turn: Turn = { warnings: [], duplicates: [], unansweredStep: message.step };
  if (handler === undefined) {
    // Claimed although its kind has no handler in this version of the function: an older function, a newer database.
    const end = {
      kind: "waiting" as const,
      code: "no_handler",
      message: `This version of amocrm-drain has no handler for ${message.kind}`,
    };
    return settlementOf(message.id, end, turn, ports.random);
  }
  const tools: Tools = {
    configuration: ports.configuration,
    match: ports.match,
    takesContact: (contactId) => takes(ports.contactHolders, contactId, message),
    takesDeal: (dealId) => takes(ports.dealHolders, dealId, message),
    dealsOfOthers: (dealIds) => ports.outbox.dealsOfOthers(message.subjectId, dealIds),
    async perform(operation, input) {
      const answer = await perform(operation, input);
      if (operation.kind === "create")
        turn.unansweredStep = answer.verdict === "uncertain" ? operation.name : null;
      return answer;
    },
    pipelineId: async (own) =>
      own === null ? ports.pipelines.mainId(ports.configuration, perform) : { ok: true, value: own },
    pipeline: (pipelineId, statusIds) =>
      ports.pipelines.one(ports.configuration, perform, { pipelineId, statusIds }),
    async record(fact: Omit<Fact, "id">) {
      await ports.outbox.record(ports.token, [{ id: message.id, ...fact }]);
      turn.unansweredStep = null;
    },
    warn: (warning) => void turn.warnings.push(warning),
    duplicate: (duplicate) => void turn.duplicates.push(duplicate),
    nowMs: () => ports.clock.nowMs(),
  };
  return settlementOf(message.id, await handler(message, tools), turn, ports.random);
}

function takes(holders: Map<number, number>, id: number, message: Message): boolean {
  const holderId = holders.get(id) ?? message.id;
  holders.set(id, holderId);
  return holderId === message.id;
}
