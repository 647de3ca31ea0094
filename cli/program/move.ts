import type { BackfillFlags } from "../backfill-order.ts";
import { runBackfill } from "../commands/backfill.ts";
import { type PullFlags, runPull } from "../commands/pull.ts";
import type { Terminal } from "../terminal.ts";
import { BACKFILL } from "../words/backfill.ts";
import { PULL } from "../words/pull.ts";
import type { Registrar } from "./registrar.ts";

/** The commands that move much at once: history there, changes back. */
export function addMoving({ add }: Registrar, terminal: Terminal): void {
  add<BackfillFlags>(
    "backfill",
    BACKFILL,
    {
      "--table <name>": BACKFILL.table,
      "--since <date>": BACKFILL.since,
      "--limit <n>": BACKFILL.limit,
      "--dry-run": BACKFILL.dryRun,
      "--yes": BACKFILL.yes,
    },
    (flags, context) => runBackfill(flags, context, terminal),
  );
  const flags = { "--since <date>": PULL.since, "--accept-deletions": PULL.acceptDeletions };
  const pull = (typed: PullFlags, context: Parameters<typeof runPull>[1]) =>
    runPull(typed, context, terminal);
  add<PullFlags>("pull", PULL, flags, pull);
  // The name under which some know it, also as a script of package.json.
  add<PullFlags>("update:amocrm:since-last", { purpose: PULL.aliasPurpose, help: PULL.help }, flags, pull);
}
