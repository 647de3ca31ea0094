import { z } from "zod";
import { FormsAnswer } from "#shared/admin/answers.ts";
import { cut } from "#shared/platform/cut.ts";
import { filled } from "#shared/platform/text.ts";
import type { Context } from "../context.ts";
import { EXIT, Failure, usageFailure } from "../failure.ts";
import { timeOf } from "../find/time.ts";
import { told } from "../language/told.ts";
import { tableOf } from "../output.ts";
import { COLUMNS } from "../words/columns.ts";
import { FORMS } from "../words/forms.ts";

/** The flags of `forms`, as typed. */
export interface FormsFlags {
  words?: string[];
  source?: string;
  map?: string[];
}

const KINDS = ["tilda", "taplink", "generic"] as const;

/** `forms`: which places post forms, and the address and key of a new one. */
export async function runForms(flags: FormsFlags, context: Context): Promise<number> {
  const { askAdmin, output, say } = context;
  const answer = await askAdmin(orderOf(flags), FormsAnswer);
  if (answer.mode === "list") {
    output.document(answer);
    return printPlaces(answer.sources, context);
  }
  if (answer.mode === "off") {
    output.document(answer);
    const isDone = answer.off_count > 0;
    const line = isDone ? say(FORMS.switchedOff, { count: answer.off_count }) : say(FORMS.nothingOff);
    output.line(`${isDone ? "✓" : "✗"} ${line}`);
    return isDone ? EXIT.ok : EXIT.wrong;
  }
  if (answer.mode === "unmapped") {
    output.document(answer);
    return printUnmapped(answer.forms, context);
  }
  if (answer.mode === "map") {
    output.document(answer);
    return printMapped(answer, context);
  }
  if (answer.added === null) throw new Failure("refused", told(answer.reason ?? ""), null);
  return printAdded(answer.added, context);
}

function orderOf({ words = [], source, map = [] }: FormsFlags) {
  const [mode = "list", word = ""] = words;
  const action = "forms" as const;
  switch (mode) {
    case "list":
      return { action, mode: "list" as const };
    case "unmapped":
      return { action, mode: "unmapped" as const };
    case "map":
      if (word === "" || map.length === 0) throw usageFailure(FORMS.needsMap, FORMS.listing);
      return { action, mode: "map" as const, which: word, field_map: Object.fromEntries(map.map(pairOf)) };
    case "off":
      if (word === "") throw usageFailure(FORMS.needsWhich, FORMS.listing);
      return { action, mode: "off" as const, which: word };
    case "add": {
      const kind = KINDS.find((known) => known === word);
      if (kind === undefined) throw usageFailure(filled(FORMS.kinds, { typed: JSON.stringify(word) }));
      if (source === undefined || source.trim() === "") throw usageFailure(FORMS.needsSource);
      return { action, mode: "add" as const, kind, source, field_map: Object.fromEntries(map.map(pairOf)) };
    }
    default:
      throw usageFailure(filled(FORMS.modes, { typed: JSON.stringify(mode) }));
  }
}

function pairOf(text: string): [string, string] {
  const [, column, name] = /^([a-z_]+(?:\.[^=]+)?)=(.+)$/s.exec(text) ?? [];
  if (column === undefined || name === undefined) {
    throw usageFailure(filled(FORMS.mapShape, { typed: JSON.stringify(text) }));
  }
  return [column.trim(), name.trim()];
}

function printPlaces(
  sources: Extract<FormsAnswer, { mode: "list" }>["sources"],
  { output, say }: Context,
): number {
  if (sources.length === 0) {
    output.line(say(FORMS.none));
    return EXIT.ok;
  }
  const { id, kind, source, state, last, leads, waiting, unfitted } = COLUMNS;
  const head = [kind, source, state, last, leads, waiting, unfitted, id].map((column) => say(column));
  const rows = sources.map((row) => [
    row.kind,
    row.source,
    say(row.is_on ? FORMS.on : FORMS.off),
    row.last_form_at === null ? say(FORMS.never) : timeOf(row.last_form_at),
    row.form_count - row.waiting_count - row.unmapped_count,
    row.waiting_count,
    row.unmapped_count,
    row.id,
  ]);
  for (const line of tableOf(head, rows)) output.line(`  ${line}`);
  const count = sources.reduce((sum, row) => sum + row.unmapped_count, 0);
  if (count === 0) return EXIT.ok;
  output.line(`! ${say(FORMS.unmapped, { count })}`);
  return EXIT.wrong;
}

function printAdded({ id, key }: { id: string; key: string }, { output, say, target }: Context): number {
  const url = `${target.url}/functions/v1/form-intake`;
  const address = `${url}/${key}`;
  output.document({ mode: "add", id, key, url, address });
  output.line(`✓ ${say(FORMS.added)}`);
  output.line(`  ${address}`);
  output.line(`  ${say(FORMS.bearer, { url, key })}`);
  output.line(`  ${say(FORMS.steps)}`);
  return EXIT.ok;
}

function printUnmapped(
  forms: Extract<FormsAnswer, { mode: "unmapped" }>["forms"],
  { output, say }: Context,
): number {
  if (forms.length === 0) {
    output.line(`✓ ${say(FORMS.allMapped)}`);
    return EXIT.ok;
  }
  for (const { source, received_at: at, fields } of forms) {
    output.line(`${timeOf(at)}  ${source}`);
    for (const [name, value] of Object.entries(
      z.record(z.string(), z.unknown()).safeParse(fields).data ?? {},
    )) {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      output.line(`  ${name} = ${cut(text, 100)}`);
    }
  }
  output.line(`! ${say(FORMS.mapThem)}`);
  return EXIT.wrong;
}

function printMapped(
  { mapped_count: count, fitted_count: fitted, reason }: Extract<FormsAnswer, { mode: "map" }>,
  { output, say }: Context,
): number {
  if (reason !== null) throw new Failure("refused", told(reason), null);
  output.line(count === 0 ? `✗ ${say(FORMS.nobodyMapped)}` : `✓ ${say(FORMS.mapped, { count: fitted })}`);
  return count === 0 ? EXIT.wrong : EXIT.ok;
}
