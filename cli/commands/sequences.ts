import { SequencesAnswer } from "#shared/admin/answers.ts";
import { AdminRequest, type AdminRequestInput } from "#shared/admin/request.ts";
import { filled, type Text } from "#shared/platform/text.ts";
import { type ConsentFlags, isWanted, requireConsentToBePossible } from "../consent.ts";
import type { Context } from "../context.ts";
import { EXIT, Failure, usageFailure } from "../failure.ts";
import { told } from "../language/told.ts";
import { parseCount } from "../parse-number.ts";
import { printPlan, printResults, printSequence, printSequences } from "../sequence-tables.ts";
import type { Terminal } from "../terminal.ts";
import { SEQUENCES } from "../words/sequences.ts";

/** The words and flags of `sequences`, as typed. */
export interface SequencesFlags extends ConsentFlags {
  words?: string[];
  email?: string;
  phone?: string;
  day?: string;
  lead?: string;
  channel?: string;
  topic?: string;
  limit?: string;
}

const LIMIT_DEFAULT = 200;
const LIMIT_MAX = 10_000;
const INSIDES = ["finish", "move", "leave"] as const;
const CHANNELS = ["mail", "sms"] as const;

/** `sequences`: who gets what when, what came of it, and what a person decides. */
export async function runSequences(
  flags: SequencesFlags,
  context: Context,
  terminal: Terminal,
): Promise<number> {
  const { askAdmin, output, say } = context;
  const order = orderOf(flags);
  const question = questionOf(order);
  if (question !== null) {
    requireConsentToBePossible(flags, output, terminal);
    if (!(await isWanted(flags, say(question), terminal))) {
      output.line(say(SEQUENCES.nothingDone));
      return EXIT.ok;
    }
  }
  const answer = await askAdmin(order, SequencesAnswer);
  if ("reason" in answer && answer.reason !== null) {
    throw new Failure("refused", told(answer.reason), null);
  }
  output.document(answer);
  const name = flags.words?.[1] ?? "";
  const limit = "limit" in order ? (order.limit ?? LIMIT_DEFAULT) : LIMIT_DEFAULT;
  return print(answer, { name, limit, inside: flags.words?.[2] ?? "finish" }, context);
}

function orderOf(flags: SequencesFlags): AdminRequestInput {
  const [mode = "list", name = "", ...rest] = flags.words ?? [];
  const action = "sequences" as const;
  const limit = flags.limit === undefined ? LIMIT_DEFAULT : parseCount(flags.limit, "--limit", LIMIT_MAX);
  const nothingAfter = (words: readonly string[]): void => {
    if (words.some((word) => word !== "")) throw usageFailure(filled(SEQUENCES.nothingAfter, { mode }));
  };
  switch (mode) {
    case "list":
      nothingAfter([name, ...rest]);
      return { action, mode };
    case "plan": {
      nothingAfter([name, ...rest]);
      const { email = null, phone = null, day = null } = flags;
      return checked({ action, mode, email, phone, day, limit }, SEQUENCES.dayShape);
    }
    case "release":
      nothingAfter([name, ...rest]);
      return flags.limit === undefined ? { action, mode } : { action, mode, limit };
    case "results":
      nothingAfter(rest);
      return checked({ action, mode, sequence: name === "" ? null : name, limit }, needsName(mode));
    case "show":
    case "pause":
      nothingAfter(rest);
      return checked({ action, mode, sequence: name }, needsName(mode));
    case "resume": {
      const [typed = "finish", ...others] = rest;
      nothingAfter(others);
      const inside = INSIDES.find((known) => known === typed);
      if (inside === undefined) {
        throw usageFailure(filled(SEQUENCES.insides, { typed: JSON.stringify(typed) }));
      }
      return checked({ action, mode, sequence: name, inside }, needsName(mode));
    }
    case "enroll": {
      nothingAfter(rest);
      checked({ action, mode: "show", sequence: name }, needsName(mode));
      return checked({ action, mode, sequence: name, lead: flags.lead ?? "" }, SEQUENCES.needsLead);
    }
    case "withdraw": {
      nothingAfter([name, ...rest]);
      const { email = null, phone = null, topic = null } = flags;
      if (email === null && phone === null) throw usageFailure(SEQUENCES.needsPerson);
      const channel = CHANNELS.find((known) => known === flags.channel) ?? null;
      if (channel === null && flags.channel !== undefined) throw usageFailure(SEQUENCES.channels);
      return { action, mode, email, phone, channel, topic };
    }
    default:
      throw usageFailure(filled(SEQUENCES.modes, { typed: JSON.stringify(mode) }));
  }
}

const needsName = (mode: string): Text => filled(SEQUENCES.needsName, { mode });

/** Refuses here, in the reader's language, what amocrm-admin would refuse. */
function checked(order: AdminRequestInput, fault: Text): AdminRequestInput {
  if (AdminRequest.safeParse(order).success) return order;
  throw usageFailure(fault, SEQUENCES.listing);
}

/** What is asked before something that cannot be taken back. */
function questionOf(order: AdminRequestInput): Text | null {
  if (order.action !== "sequences") return null;
  if (order.mode === "release") return SEQUENCES.release;
  return order.mode === "resume" && order.inside === "leave"
    ? filled(SEQUENCES.leave, { name: order.sequence })
    : null;
}

interface Typed {
  name: string;
  limit: number;
  inside: string;
}

function print(answer: SequencesAnswer, typed: Typed, context: Context): number {
  const { output, say } = context;
  const { name } = typed;
  const line = (text: Text, count = 0): number => {
    output.line(`✓ ${say(text, { name, count })}`);
    return EXIT.ok;
  };
  switch (answer.mode) {
    case "list":
      return printSequences(answer.sequences, context);
    case "show":
      return printSequence(name, answer, context);
    case "plan":
      return printPlan(answer, typed.limit, context);
    case "results":
      return printResults(answer.results, context);
    case "pause":
      return line(answer.was_running ? SEQUENCES.pausedNow : SEQUENCES.wasPaused);
    case "resume": {
      const told = { move: SEQUENCES.moved, leave: SEQUENCES.left }[typed.inside] ?? SEQUENCES.resumed;
      return line(told, answer.entry_count);
    }
    case "enroll":
      return line(answer.entry_id === null ? SEQUENCES.wasInside : SEQUENCES.enrolled);
    case "withdraw":
      return line(SEQUENCES.withdrawn, answer.consent_count);
    case "release":
      return line(SEQUENCES.released, answer.step_count);
  }
}
