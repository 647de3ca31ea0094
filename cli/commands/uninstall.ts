import fs from "node:fs";
import { EXIT, usageFailure } from "../failure.ts";
import type { Output } from "../output.ts";
import type { Prompts } from "../prompts.ts";
import type { Ours } from "../uninstall/ours.ts";
import { type Place, placeOf } from "../uninstall/place.ts";
import { SUPABASE_CLI, type SupabaseCli } from "../uninstall/supabase-cli.ts";
import { readLinks, remove, type Survey, survey } from "../uninstall/survey.ts";

export const UNINSTALL_HELP = `
Takes everything out again: cron jobs, triggers, views, functions, settings, the schema amocrm with the outbox, the Vault
secrets, our rows in the history of migrations, and the deployed edge functions. The database part is one transaction.

Leads, students and what belongs to them stay, with their ids in amoCRM, policies and grants: forms go on saving. What is in
amoCRM stays there too. Messages that have not been delivered are lost; they are counted first.

It works through the Supabase CLI and its login (SUPABASE_ACCESS_TOKEN, or supabase login), not through amocrm-admin. It lists
all of it and wants the project's ref typed in; where nobody can be asked, give it with --confirm.

To install again: supabase db push, functions deploy, setup. Leads saved in between are history then, see backfill.

Exit code: 0 if it is gone, was not there, or for a dry run; 1 if what was typed is not the ref; 2 for wrong usage; 3 if the
project cannot be reached.

Examples:
  npm run amocrm -- uninstall --dry-run
  npm run amocrm -- uninstall --export links.json
  npx amocrm uninstall --remote abcdefghijklmnopqrst --confirm abcdefghijklmnopqrst --json`;

/** The flags of `uninstall`, as typed. */
export interface UninstallFlags {
  remote?: string;
  confirm?: string;
  export?: string;
  dryRun?: true;
}

/** What `uninstall` works with; it needs no function of ours, because they may be gone already. */
export interface UninstallContext {
  local: string | true | undefined;
  environment: Readonly<Record<string, string | undefined>>;
  output: Output;
  /** Null where nobody can be asked. */
  prompts: Pick<Prompts, "input"> | null;
  ours: Ours;
  supabase: SupabaseCli;
}

/** `uninstall`: everything out, but what people have entered. */
export async function runUninstall(flags: UninstallFlags, context: UninstallContext): Promise<number> {
  const { local, environment, output, prompts, ours, supabase } = context;
  const place = placeOf(flags.remote, environment, local);
  const canAsk = prompts !== null && !output.isJson;
  if (flags.dryRun !== true && flags.confirm === undefined && !canAsk) {
    throw usageFailure("Nobody can be asked here", `Add --confirm ${place.name}, or --dry-run to look only`);
  }
  output.note(`Project: ${place.name}`);
  const found = await survey(ours, place, supabase);
  const isNothing = found.removed.length === 0 && found.functions.length === 0;
  print(found, output);
  const document = { project: place.name, ...found };
  if (isNothing || flags.dryRun === true) {
    output.document({ ...document, done: false });
    return EXIT.ok;
  }
  const typed = flags.confirm ?? (await prompts?.input(`Type ${place.name} to remove all of this:`)) ?? "";
  if (typed !== place.name) {
    output.document({ ...document, done: false });
    output.line(`✗ That is not ${place.name}. Nothing was removed.`);
    return EXIT.wrong;
  }
  if (flags.export !== undefined) await exportLinks(flags.export, place, supabase, output);
  await remove(ours, place, found.functions, supabase);
  output.document({ ...document, done: true });
  printEnd(place, output);
  return EXIT.ok;
}

function print({ removed, functions, kept, unfinished_count: unfinished }: Survey, output: Output): void {
  if (removed.length === 0 && functions.length === 0) {
    output.line("✓ Nothing of it is there.");
  } else {
    output.line("To be removed:");
    for (const [kind, rows] of Map.groupBy(removed, (row) => row.kind)) {
      output.line(
        `  ${rows.length} ${kind}${rows.length === 1 ? "" : "s"}: ${rows.map(({ name }) => name).join(", ")}`,
      );
    }
    if (functions.length > 0) output.line(`  edge functions: ${functions.join(", ")}`);
  }
  if (unfinished > 0) output.line(`! ${unfinished} messages have not reached amoCRM, and will not.`);
  if (kept.length > 0) output.line("To stay, with policies and grants:");
  for (const { name, row_count: count } of kept) output.line(`  ${name}: ${count} rows`);
}

async function exportLinks(file: string, place: Place, supabase: SupabaseCli, output: Output): Promise<void> {
  const links = await readLinks(place, supabase);
  try {
    fs.writeFileSync(file, `${JSON.stringify(links, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === "EEXIST" ? "exists already" : `cannot be written (${code})`;
    throw usageFailure(`--export: ${file} ${reason}; nothing was removed`);
  }
  output.line(`${links.length} links written to ${file}.`);
}

function printEnd({ remote, isHosted }: Place, output: Output): void {
  output.line("✓ Removed. Forms still save; nothing goes to amoCRM any more.");
  output.line(
    "Also left: accounts of students, extensions, and that new functions are not executable by everybody.",
  );
  if (isHosted) {
    output.line("The functions' variables, if nothing else uses them:");
    output.line(
      `  npx ${SUPABASE_CLI} secrets unset --remote=${remote} AMOCRM_ENABLED AMOCRM_SUBDOMAIN AMOCRM_ACCESS_TOKEN`,
    );
  }
}
