import { Failure } from "#cli/failure.ts";
import { placeOf } from "#cli/uninstall/place.ts";
import type { Order } from "./arguments.ts";
import type { Host } from "./host.ts";
import { knownSteps } from "./known.ts";
import { type Found, lookAt } from "./look.ts";
import { hashOf, markersIn } from "./marker.ts";
import { type Payload, SHARED } from "./payload.ts";
import { type Remark, remark } from "./plan.ts";
import { changeLines } from "./show.ts";
import { EXIT, hostOf, planOf, refusalText, type Surroundings } from "./surroundings.ts";
import { say } from "./words.ts";

/** `doctor`: the package beside the files, and beside what is applied and deployed where a project is named. */
export async function runDoctor(order: Order, surroundings: Surroundings): Promise<number> {
  const { payload, language, print } = surroundings;
  const host = hostOf(order, surroundings);
  print(say(language, remark("heading", { version: payload.version, folder: host.folder })));
  const { changes, notices, refusals } = planOf({ ...order, command: "update" }, host, surroundings);
  for (const refusal of refusals) {
    print(say(language, remark("refused", { reason: refusalText(refusal, surroundings) })));
  }
  for (const notice of notices) print(`! ${say(language, notice)}`);
  if (changes.length > 0) {
    print(say(language, remark("files_differ", { count: changes.length })));
    for (const line of changeLines(changes)) print(line);
  } else if (refusals.length === 0) {
    print(say(language, remark("files_ok", { version: host.record?.version ?? payload.version })));
  }
  const isFine = changes.length === 0 && refusals.length === 0;
  if (order.remote === undefined) {
    print(say(language, remark("not_asked")));
    return isFine ? EXIT.ok : EXIT.refused;
  }
  const remarks = await askProject(order.remote, host, surroundings);
  for (const one of remarks) print(say(language, one));
  return isFine && remarks.every(({ code }) => code.endsWith("_ok")) ? EXIT.ok : EXIT.refused;
}

/** What runs beside what lies here, or that it cannot be asked. */
export async function askProject(
  remote: string,
  host: Host,
  { payload, supabase, language }: Surroundings,
): Promise<Remark[]> {
  try {
    return differences(host, await lookAt(placeOf(remote, {}, undefined), supabase), payload);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const remedy = error.mend?.[language] ?? "";
    return [remark("not_reached", { reason: error.says[language], remedy })];
  }
}

function differences(host: Host, found: Found, payload: Payload): Remark[] {
  const known = knownSteps(payload);
  const ours = host.migrations.filter(
    ({ file, text }) =>
      file === host.record?.baseline || markersIn(text).length > 0 || known.has(hashOf(text)),
  );
  const missing = ours.filter(({ file }) => !found.applied.has(/^\d+/.exec(file)?.[0] ?? ""));
  const applied =
    missing.length > 0
      ? remark("applied_missing", { count: missing.length, all: ours.length })
      : remark("applied_ok", { count: ours.length, version: found.database ?? "–" });
  const { deployed } = found;
  if (deployed === null) return [applied];
  const slugs = payload.functions
    .filter(({ module }) => host.record?.modules.includes(module))
    .map(({ slug }) => slug);
  const absent = slugs.filter((slug) => !deployed.has(slug));
  // Functions of an earlier layout, or from a clone of our repository, name another import map.
  const otherwise = slugs.filter((slug) => deployed.has(slug) && !deployed.get(slug)?.includes(SHARED));
  return [
    applied,
    ...(absent.length > 0 ? [remark("deployed_missing", { slugs: absent.join(" ") })] : []),
    ...(otherwise.length > 0 ? [remark("deployed_otherwise", { slugs: otherwise.join(" ") })] : []),
    ...(absent.length + otherwise.length === 0 ? [remark("deployed_ok", { count: slugs.length })] : []),
  ];
}
