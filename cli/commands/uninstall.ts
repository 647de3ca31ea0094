import fs from "node:fs";
import { filled, type Say, same } from "#shared/platform/text.ts";
import { EXIT, usageFailure } from "../failure.ts";
import type { Output } from "../output.ts";
import type { Prompts } from "../prompts.ts";
import type { Ours } from "../uninstall/ours.ts";
import { type Place, placeOf } from "../uninstall/place.ts";
import { SUPABASE_CLI, type SupabaseCli } from "../uninstall/supabase-cli.ts";
import { readLinks, remove, type Survey, survey } from "../uninstall/survey.ts";
import { FLAGS } from "../words/flags.ts";
import { REMOVED, UNINSTALL } from "../words/uninstall.ts";

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
  say: Say;
  /** Null where nobody can be asked. */
  prompts: Pick<Prompts, "input"> | null;
  ours: Ours;
  supabase: SupabaseCli;
}

/** `uninstall`: everything out, but what people have entered. */
export async function runUninstall(flags: UninstallFlags, context: UninstallContext): Promise<number> {
  const { local, environment, output, say, prompts, ours, supabase } = context;
  const place = placeOf(flags.remote, environment, local);
  const canAsk = prompts !== null && !output.isJson;
  if (flags.dryRun !== true && flags.confirm === undefined && !canAsk) {
    throw usageFailure(FLAGS.nobody, filled(UNINSTALL.addConfirm, { name: place.name }));
  }
  output.note(say(UNINSTALL.project, { name: place.name }));
  const found = await survey(ours, place, supabase);
  const isNothing = found.removed.length === 0 && found.functions.length === 0;
  print(found, context);
  const document = { project: place.name, ...found };
  if (isNothing || flags.dryRun === true) {
    output.document({ ...document, done: false });
    return EXIT.ok;
  }
  const typed = flags.confirm ?? (await prompts?.input(say(UNINSTALL.type, { name: place.name }))) ?? "";
  if (typed !== place.name) {
    output.document({ ...document, done: false });
    output.line(`✗ ${say(UNINSTALL.notThat, { name: place.name })}`);
    return EXIT.wrong;
  }
  if (flags.export !== undefined) await exportLinks(flags.export, place, context);
  await remove(ours, place, found.functions, supabase);
  output.document({ ...document, done: true });
  printEnd(place, context);
  return EXIT.ok;
}

function print(found: Survey, { output, say }: UninstallContext): void {
  const { removed, functions, kept, unfinished_count: unfinished } = found;
  if (removed.length === 0 && functions.length === 0) {
    output.line(`✓ ${say(UNINSTALL.nothing)}`);
  } else {
    output.line(say(UNINSTALL.removed));
    for (const [kind, rows] of Map.groupBy(removed, (row) => row.kind)) {
      const text = kind in REMOVED ? REMOVED[kind as keyof typeof REMOVED] : same(`{count} ${kind}`);
      output.line(`  ${say(text, { count: rows.length })}: ${rows.map(({ name }) => name).join(", ")}`);
    }
    if (functions.length > 0) output.line(`  ${say(UNINSTALL.functions, { names: functions.join(", ") })}`);
  }
  if (unfinished > 0) output.line(`! ${say(UNINSTALL.unfinished, { count: unfinished })}`);
  if (kept.length > 0) output.line(say(UNINSTALL.kept));
  for (const { name, row_count: count } of kept) output.line(`  ${say(UNINSTALL.rows, { name, count })}`);
}

async function exportLinks(
  file: string,
  place: Place,
  { supabase, output, say }: UninstallContext,
): Promise<void> {
  const links = await readLinks(place, supabase);
  try {
    fs.writeFileSync(file, `${JSON.stringify(links, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw usageFailure(filled(UNINSTALL.exists, { file }));
    throw usageFailure(filled(UNINSTALL.unwritable, { file, code: code ?? "?" }));
  }
  output.line(say(UNINSTALL.exported, { count: links.length, file }));
}

function printEnd({ remote, isHosted }: Place, { output, say }: UninstallContext): void {
  output.line(`✓ ${say(UNINSTALL.done)}`);
  output.line(say(UNINSTALL.left));
  if (isHosted) {
    output.line(say(UNINSTALL.variables));
    output.line(
      `  npx ${SUPABASE_CLI} secrets unset --remote=${remote} AMOCRM_ENABLED AMOCRM_SUBDOMAIN AMOCRM_ACCESS_TOKEN`,
    );
  }
}
