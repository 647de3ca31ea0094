import { TellsAnswer } from "#shared/admin/answers.ts";
import { filled } from "#shared/platform/text.ts";
import { type ConsentFlags, isWanted, requireConsentToBePossible } from "../consent.ts";
import type { Context } from "../context.ts";
import { EXIT, usageFailure } from "../failure.ts";
import { sinceOf } from "../language/duration.ts";
import { tableOf } from "../output.ts";
import { parseCount } from "../parse-number.ts";
import type { Terminal } from "../terminal.ts";
import { COLUMNS } from "../words/columns.ts";
import { TELLS } from "../words/tells.ts";

/** The flags of `tells`, as typed. */
export interface TellsFlags extends ConsentFlags {
  mode?: string;
  deal?: string;
}

const MODES = ["list", "release", "cancel"] as const;

/** `tells`: what amocrm_tell was told too often, and what becomes of it. */
export async function runTells(flags: TellsFlags, context: Context, terminal: Terminal): Promise<number> {
  const { askAdmin, output, say } = context;
  const typed = flags.mode ?? "list";
  const mode = MODES.find((known) => known === typed);
  if (mode === undefined) throw usageFailure(filled(TELLS.modes, { typed: JSON.stringify(typed) }));
  const deal = flags.deal === undefined ? null : parseCount(flags.deal, "--deal", Number.MAX_SAFE_INTEGER);
  if (mode !== "list") {
    requireConsentToBePossible(flags, output, terminal);
    if (!(await isWanted(flags, say(TELLS[mode]), terminal))) {
      output.line(say(TELLS.nothingDone));
      return EXIT.ok;
    }
  }
  const answer = await askAdmin({ action: "tells", mode, deal }, TellsAnswer);
  output.document(answer);
  if (answer.mode === "list") return printHeld(answer.held, context);
  const done = answer.mode === "release" ? TELLS.released : TELLS.cancelled;
  output.line(`✓ ${say(done, { count: answer.message_count })}`);
  return EXIT.ok;
}

function printHeld(
  held: Extract<TellsAnswer, { mode: "list" }>["held"],
  { output, say, nowMs }: Context,
): number {
  if (held.length === 0) {
    output.line(`✓ ${say(TELLS.empty)}`);
    return EXIT.ok;
  }
  output.line(`! ${say(TELLS.held, { count: held.length })}`);
  const { deal, message, kind, age } = COLUMNS;
  const head = [deal, message, kind, age, TELLS.behind].map((column) => say(column));
  const rows = held.map((row) => [
    row.amocrm_deal_id ?? "—",
    row.message_id,
    row.kind,
    say(sinceOf(row.held_since, nowMs)),
    row.behind_count,
  ]);
  for (const line of tableOf(head, rows)) output.line(`  ${line}`);
  output.line(`  ${say(TELLS.remedy)}`);
  return EXIT.wrong;
}
