import { LinksAnswer } from "#shared/admin/answers.ts";
import { AdminRequest, type AdminRequestInput } from "#shared/admin/request.ts";
import { filled } from "#shared/platform/text.ts";
import type { Context } from "../context.ts";
import { EXIT, usageFailure } from "../failure.ts";
import { tableOf } from "../output.ts";
import { COLUMNS } from "../words/columns.ts";
import { LINKS } from "../words/links.ts";

/** The flags of `links`, as typed. */
export interface LinksFlags {
  words?: string[];
  lead?: string;
}

/** `links`: where short links may lead, a new one, and who opened them. */
export async function runLinks(flags: LinksFlags, context: Context): Promise<number> {
  const { askAdmin, output, say } = context;
  const [, name = ""] = flags.words ?? [];
  const answer = await askAdmin(orderOf(flags), LinksAnswer);
  output.document(answer);
  if (answer.mode === "list") return printResults(answer.results, context);
  if (answer.mode === "target") {
    output.line(`✓ ${say(LINKS.kept, { name: answer.name, url: answer.url })}`);
    return EXIT.ok;
  }
  if (answer.link === null) {
    output.line(`✗ ${say(LINKS.unknown, { name })}`);
    return EXIT.wrong;
  }
  output.line(answer.link.address);
  return EXIT.ok;
}

function orderOf({ words = [], lead }: LinksFlags): AdminRequestInput {
  const [mode = "list", name = "", url = ""] = words;
  const action = "links" as const;
  switch (mode) {
    case "list":
      return { action, mode: "list" };
    case "target":
      return checkedOrder({ action, mode: "target", name, url }, LINKS.needsTarget);
    case "make":
      return checkedOrder({ action, mode: "make", target: name, lead_id: lead ?? null }, LINKS.needsName);
    default:
      throw usageFailure(filled(LINKS.modes, { typed: JSON.stringify(mode) }));
  }
}

/** What the project would refuse is not asked. */
function checkedOrder(order: AdminRequestInput, fault: (typeof LINKS)["needsName" | "needsTarget"]) {
  if (!AdminRequest.safeParse(order).success) throw usageFailure(fault);
  return order;
}

function printResults(
  results: Extract<LinksAnswer, { mode: "list" }>["results"],
  { output, say }: Context,
): number {
  if (results.length === 0) {
    output.line(say(LINKS.none));
    return EXIT.ok;
  }
  const { day, target, channel, links, opened, people, machines } = COLUMNS;
  const head = [day, target, channel, links, opened, people, machines].map((column) => say(column));
  const rows = results.map((row) => [
    row.day,
    row.target,
    row.channel ?? "",
    row.links,
    row.links_opened,
    row.human_clicks,
    row.previews + row.scanners + row.prefetches + row.unknown_clicks,
  ]);
  for (const line of tableOf(head, rows)) output.line(`  ${line}`);
  return EXIT.ok;
}
