import { QuarantineAnswer } from "#shared/admin/answers.ts";
import { filled, type Text } from "#shared/platform/text.ts";
import { sinceOf } from "../backfill-order.ts";
import { type ConsentFlags, isWanted, requireConsentToBePossible } from "../consent.ts";
import type { Context } from "../context.ts";
import { EXIT, usageFailure } from "../failure.ts";
import { timeOf } from "../find/time.ts";
import { tableOf } from "../output.ts";
import { parseCount } from "../parse-number.ts";
import type { Terminal } from "../terminal.ts";
import { COLUMNS } from "../words/columns.ts";
import { QUARANTINE } from "../words/decisions.ts";

/** The flags of `quarantine`, as typed. */
export interface QuarantineFlags extends ConsentFlags {
  mode?: string;
  reason?: string;
  source?: string;
  emailDomain?: string;
  since?: string;
  limit?: string;
}

const MODES = ["list", "release", "discard", "delivered"] as const;
const REASONS = ["flood", "address", "captcha", "honeypot"] as const;
const LIMIT_DEFAULT = 1000;
const LIMIT_MAX = 100_000;

/** `quarantine`: what floods left, and what becomes of it. */
export async function runQuarantine(
  flags: QuarantineFlags,
  context: Context,
  terminal: Terminal,
): Promise<number> {
  const { askAdmin, output, say } = context;
  const request = orderOf(flags, context.nowMs);
  const { mode, limit } = request;
  if (mode === "release" || mode === "discard") {
    requireConsentToBePossible(flags, output, terminal);
    if (!(await isWanted(flags, say(QUARANTINE[mode], { limit }), terminal))) {
      output.line(say(QUARANTINE.nothingDone));
      return EXIT.ok;
    }
  }
  const answer = await askAdmin(request, QuarantineAnswer);
  output.document(answer);
  switch (answer.mode) {
    case "list":
      return printGroups(answer, context);
    case "release":
      output.line(`✓ ${say(QUARANTINE.released, { count: answer.lead_count })}`);
      return EXIT.ok;
    case "discard":
      output.line(`✓ ${say(QUARANTINE.discarded, { count: answer.lead_count })}`);
      return EXIT.ok;
    case "delivered":
      return printDelivered(answer.leads, request.email_domain ?? "", context);
  }
}

function orderOf(flags: QuarantineFlags, nowMs: number) {
  const { reason, source, emailDomain: domain } = flags;
  const typed = flags.mode ?? "list";
  const mode = MODES.find((known) => known === typed);
  if (mode === undefined) throw usageFailure(filled(QUARANTINE.modes, { typed: JSON.stringify(typed) }));
  const known = REASONS.find((one) => one === reason);
  if (reason !== undefined && known === undefined) throw usageFailure(QUARANTINE.reasons, QUARANTINE.listing);
  const since = sinceOf(flags.since, nowMs);
  if (mode === "discard" && [reason, source, domain, since ?? undefined].every((one) => one === undefined)) {
    throw usageFailure(QUARANTINE.which, QUARANTINE.listing);
  }
  if (mode === "delivered" && domain === undefined) throw usageFailure(QUARANTINE.needsDomain);
  return {
    action: "quarantine" as const,
    mode,
    reason: known ?? null,
    source: source ?? null,
    email_domain: domain?.replace(/^@/, "") ?? null,
    since,
    limit: flags.limit === undefined ? LIMIT_DEFAULT : parseCount(flags.limit, "--limit", LIMIT_MAX),
  };
}

function printGroups(
  { lead_count: count, groups }: Extract<QuarantineAnswer, { mode: "list" }>,
  { output, say }: Context,
): number {
  if (count === 0) {
    output.line(`✓ ${say(QUARANTINE.empty)}`);
    return EXIT.ok;
  }
  output.line(`! ${say(QUARANTINE.lying, { count })}`);
  const reasons: Readonly<Record<string, Text>> = QUARANTINE;
  const rows = groups.map((row) => [
    say(reasons[row.reason] ?? QUARANTINE.none),
    row.source ?? say(QUARANTINE.none),
    row.email_domain || say(QUARANTINE.none),
    row.lead_count,
    row.network_count,
    timeOf(row.first_at),
    timeOf(row.last_at),
  ]);
  const { reason, source, domain, leads, networks, first, last } = COLUMNS;
  const head = [reason, source, domain, leads, networks, first, last].map((column) => say(column));
  for (const line of tableOf(head, rows)) output.line(`  ${line}`);
  output.line(`  ${say(QUARANTINE.junk)}`);
  output.line(`  ${say(QUARANTINE.genuine)}`);
  return EXIT.wrong;
}

function printDelivered(
  leads: Extract<QuarantineAnswer, { mode: "delivered" }>["leads"],
  domain: string,
  { output, say }: Context,
): number {
  if (leads.length === 0) {
    output.line(say(QUARANTINE.noneDelivered, { domain }));
    return EXIT.ok;
  }
  output.line(say(QUARANTINE.toDelete, { count: leads.length }));
  output.line(`  ${leads.map((lead) => lead.amocrm_deal_id).join(", ")}`);
  return EXIT.ok;
}
