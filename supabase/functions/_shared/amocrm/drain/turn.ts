import { endsDrain } from "../../outbox/ends-drain.ts";
import type { Guard } from "../../outbox/guard.ts";
import { failureText } from "../../outbox/handler-failed.ts";
import type { Clock, Random } from "../../platform/clock.ts";
import type { Failed } from "../api/verdict.ts";
import type { Configuration } from "../configuration.ts";
import type { End, Handler, Tools } from "../handler.ts";
import type { Message } from "../message.ts";
import type { AccountFields } from "./account-fields.ts";
import type { Perform } from "./batch.ts";
import { disputed } from "./call-failures.ts";
import type { Pipelines } from "./pipelines.ts";
import type { Fact, Match, Outbox, Settlement } from "./port.ts";
import { createSecondLook } from "./second-look.ts";
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
  /** How far amoCRM's clock is ahead of ours. */
  offsetMs(): number;
  guard: Guard<Failed>;
  /** The account's fields that messages of the batch name. */
  fields: AccountFields;
}

/** Runs one message through its handler and tells how it is to be settled. What the handler throws is this message's end only. */
export async function takeTurn(
  message: Message,
  handler: Handler | undefined,
  perform: Perform,
  ports: TurnPorts,
): Promise<Settlement> {
  const turn: Turn = { warnings: [], duplicates: [], answered: new Set(), unansweredStep: message.step };
  if (handler === undefined) {
    // Claimed although its kind has no handler in this version of the function: an older function, a newer database.
    const end = {
      kind: "waiting" as const,
      code: "no_handler",
      message: `This version of amocrm-drain has no handler for ${message.kind}`,
    };
    return settlementOf(message.id, end, turn, ports.random);
  }
  const accountMs = (ourMs: number) => ourMs + ports.offsetMs();
  const secondLook = createSecondLook(message.progress, () => accountMs(ports.clock.nowMs()));
  const tools: Tools = {
    configuration: ports.configuration,
    match: ports.match,
    fields: ports.fields,
    reserveContact: (contactId) => takes(ports.contactHolders, contactId, message),
    takesDeal: (dealId) => takes(ports.dealHolders, dealId, message),
    dealsOfOthers: (dealIds) => ports.outbox.dealsOfOthers(message.subjectId, dealIds),
    async perform(operation, input) {
      // Until it is answered, a create may have happened: also if the way to amoCRM ends in an exception.
      if (operation.kind === "create") turn.unansweredStep = operation.name;
      const answer = await perform(operation, input);
      if (answer.verdict === "delivered") turn.answered.add(operation.name);
      if (operation.kind === "create" && answer.verdict !== "uncertain") turn.unansweredStep = null;
      return secondLook.judge(operation, input, answer);
    },
    pipelineId: async (own) =>
      own === null ? ports.pipelines.mainId(ports.configuration, perform) : { ok: true, value: own },
    pipeline: (pipelineId, statusIds) =>
      ports.pipelines.one(ports.configuration, perform, { pipelineId, statusIds }),
    async record(fact: Omit<Fact, "id" | "duplicates">) {
      // With what is recorded the sight of a pair may be gone, and this worker before it settles.
      const duplicates = [...turn.duplicates];
      await ports.outbox.record(ports.token, [{ id: message.id, ...fact, duplicates }]);
      turn.unansweredStep = null;
    },
    async dispute(failed) {
      const doubted = disputed(failed);
      const operation = failed.request?.operation ?? "unknown";
      await ports.guard.observe(doubted, { operation, messageIds: [message.id] });
      return doubted;
    },
    warn: (warning) => void turn.warnings.push(warning),
    duplicate: (duplicate) => void turn.duplicates.push(duplicate),
    nowMs: () => ports.clock.nowMs(),
    accountMs,
  };
  let end: End;
  try {
    end = await handler(message, tools);
  } catch (cause) {
    if (endsDrain(cause)) throw cause;
    end = { kind: "stumbled", message: failureText(cause) };
  }
  const settlement = settlementOf(message.id, end, turn, ports.random);
  const missing = secondLook.missing();
  return missing === null ? settlement : { ...settlement, progress: { ...settlement.progress, ...missing } };
}

function takes(holders: Map<number, number>, id: number, message: Message): boolean {
  const holderId = holders.get(id) ?? message.id;
  holders.set(id, holderId);
  return holderId === message.id;
}
