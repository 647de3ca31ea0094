import type { Host } from "./host.ts";
import { standingOf } from "./host.ts";
import { BY_HAND } from "./known.ts";
import { hashOf } from "./marker.ts";
import type { Payload } from "./payload.ts";
import { type Change, type Remark, remark } from "./plan.ts";

/** What becomes of the files under functions/. */
export interface FilePlan {
  changes: Change[];
  notices: Remark[];
  refusals: Remark[];
  /** Hashes by place, of what is ours afterwards. */
  files: Record<string, string>;
}

const HAND_MADE_MAP = "functions/deno.json";

/** Files of the chosen functions are written, ours that nobody needs any more go; one that the host has changed stops all. */
export function planFiles(
  host: Host,
  functions: Payload["functions"],
  hashes: Payload["hashes"],
  read: (file: string) => string,
): FilePlan {
  const plan: FilePlan = { changes: [], notices: [], refusals: [], files: {} };
  const wanted = new Set(functions.flatMap(({ files }) => files.map((file) => `functions/${file}`)));
  for (const place of [...wanted].toSorted()) {
    const hash = hashes[place.slice("functions/".length)] ?? "";
    const text = host.files.get(place);
    plan.files[place] = hash;
    if (text !== undefined && hashOf(text) === hash) continue;
    const standing = standingOf(host, place, hashOf, BY_HAND.files[place]);
    if (standing === "foreign") plan.refusals.push(remark("file_there", { place }));
    else if (standing === "changed") plan.refusals.push(remark("file_changed", { place }));
    else plan.changes.push({ place, was: text ?? null, text: read(place) });
  }
  for (const [place, text] of [...host.files].toSorted()) {
    if (wanted.has(place) || !place.startsWith("functions/")) continue;
    const standing = standingOf(host, place, hashOf, BY_HAND.files[place]);
    // Functions of the host may have found it there and use it.
    if (place === HAND_MADE_MAP && host.ownFunctions.length > 0) {
      if (standing === "ours") plan.notices.push(remark("deno_json_kept", { place }));
    } else if (standing === "changed") plan.refusals.push(remark("file_changed", { place }));
    else if (standing === "ours") plan.changes.push({ place, was: text, text: null });
  }
  return plan;
}
