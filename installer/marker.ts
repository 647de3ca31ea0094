import { createHash } from "node:crypto";

/** What the first line of a file of ours says. */
export interface Marker {
  version: string;
  /** Which migration or file it is, whatever the file is called now. */
  step: string;
  /** Of everything below the line. */
  hash: string;
}

const MARKER = /^(?:--|\/\/) supabase-amocrm (\S+) (\S+) sha256:([0-9a-f]{64})$/;

/** The same for a file that Git has given other line endings. */
export function hashOf(text: string): string {
  return createHash("sha256").update(text.replaceAll("\r\n", "\n")).digest("hex");
}

/** The text with a first line that says what it is; other files than SQL and TypeScript have no place for one. */
export function withMarker(text: string, file: string, version: string, step: string): string {
  const comment = file.endsWith(".sql") ? "--" : file.endsWith(".ts") ? "//" : null;
  return comment === null
    ? text
    : `${comment} supabase-amocrm ${version} ${step} sha256:${hashOf(text)}\n${text}`;
}

/** Each marker of a text: one at the top of a file of ours, many in migrations that were put into one file. */
export function markersIn(text: string): Marker[] {
  return text.split(/\r?\n/).flatMap((line) => markerOf(line) ?? []);
}

/** The marker of a file of ours, and whether all below it is as we wrote it; null where the first line is none. */
export function readMarker(text: string): (Marker & { isUnchanged: boolean }) | null {
  const end = text.indexOf("\n");
  const marker = markerOf(end === -1 ? text : text.slice(0, end).replace(/\r$/, ""));
  if (marker === null) return null;
  return { ...marker, isUnchanged: hashOf(end === -1 ? "" : text.slice(end + 1)) === marker.hash };
}

function markerOf(line: string): Marker | null {
  const [, version, step, hash] = MARKER.exec(line) ?? [];
  return version === undefined || step === undefined || hash === undefined ? null : { version, step, hash };
}
