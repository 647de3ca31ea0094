import { applyChanges } from "./apply.ts";
import type { Order } from "./arguments.ts";
import { askProject } from "./doctor.ts";
import { type Plan, type Remark, remark } from "./plan.ts";
import { changeLines, countsOf, summaryLines } from "./show.ts";
import { EXIT, hostOf, planOf, refusalText, type Surroundings } from "./surroundings.ts";
import { say } from "./words.ts";

/** `init`, `update`, `uninstall`: says what it will do, asks once, does it. */
export async function run(order: Order, surroundings: Surroundings): Promise<number> {
  const { payload, language, print, confirm } = surroundings;
  const tell = (code: string, facts: Remark["facts"] = {}) => print(say(language, remark(code, facts)));
  const host = hostOf(order, surroundings);
  tell("heading", { version: payload.version, folder: host.folder });
  if (order.command !== "uninstall") {
    for (const added of order.modules?.added ?? []) tell("module_added", added);
  }
  if (order.command === "update" && order.remote !== undefined) {
    for (const one of await askProject(order.remote, host, surroundings)) print(say(language, one));
  }
  const { changes, notices, refusals } = planOf(order, host, surroundings);
  for (const refusal of refusals) print(`✗ ${refusalText(refusal, surroundings)}`);
  if (refusals.length > 0) return EXIT.refused;
  for (const notice of notices) print(`! ${say(language, notice)}`);
  if (changes.length === 0) {
    if (notices.length === 0) tell("nothing_to_do");
    return EXIT.ok;
  }
  for (const line of order.isDryRun ? changeLines(changes) : summaryLines(changes)) print(line);
  tell("counts", countsOf(changes));
  if (order.isDryRun) {
    tell("would", { count: changes.length });
    return EXIT.pending;
  }
  if (!order.isConfirmed) {
    if (confirm === null) {
      print(`✗ ${say(language, remark("cannot_ask"))}`);
      return EXIT.refused;
    }
    if (!(await confirm(say(language, remark("question", { count: changes.length }))))) {
      tell("declined");
      return EXIT.refused;
    }
  }
  const failure = applyChanges(host.folder, changes);
  if (failure !== null) {
    print(`✗ ${say(language, failure)}`);
    return EXIT.refused;
  }
  tellNext(order, changes, surroundings);
  return EXIT.ok;
}

function tellNext(order: Order, changes: Plan["changes"], { language, print }: Surroundings): void {
  const tell = (code: string, facts: Remark["facts"] = {}) => print(say(language, remark(code, facts)));
  const slugsOf = (those: Plan["changes"]): string =>
    those.flatMap(({ place }) => /^functions\/([^_/][^/]*)\/index\.ts$/.exec(place)?.[1] ?? []).join(" ");
  tell("written");
  if (changes.some(({ place }) => place.startsWith("migrations/"))) {
    tell("next_push");
    if (order.command !== "uninstall") tell("next_include");
  }
  const gone = slugsOf(changes.filter(({ text }) => text === null));
  const there = slugsOf(changes.filter(({ text }) => text !== null));
  if (there !== "") tell("next_deploy", { slugs: there });
  if (gone !== "") tell("next_delete", { slugs: gone });
  if (order.command === "init") tell("next_setup");
}
