import type { Host } from "./host.ts";
import { hashOf, markersIn, readMarker } from "./marker.ts";

/** The step of a down-migration: what stands before it counts no more. */
export const UNINSTALL_STEP = "uninstall";

/** Migrations of a project, told apart. */
export interface Steps {
  /** Hashes of the steps that count, by step. */
  present: Map<string, string>;
  /** Files with marks whose text is another one now. */
  changed: string[];
  /** Files that are ours, alive or not. */
  ours: string[];
  /** Files that are the host's. */
  foreign: { file: string; text: string }[];
}

/**
 * `known` has the steps of files without a mark, by their hash: an earlier README had them copied by hand. A squashed
 * history that kept our comments has many marks in one file.
 */
export function readSteps(
  host: Host,
  known: ReadonlyMap<string, string>,
  baseline: { file: string; steps: Readonly<Record<string, string>> } | null,
): Steps {
  const steps: Steps = { present: new Map(), changed: [], ours: [], foreign: [] };
  for (const { file, text } of host.migrations) {
    const byHand = known.get(hashOf(text));
    const markers = markersIn(text);
    if (byHand !== undefined) {
      steps.present.set(byHand, hashOf(text));
    } else if (markers.length > 0) {
      for (const { step, hash } of markers) {
        if (step === UNINSTALL_STEP) steps.present.clear();
        else steps.present.set(step, hash);
      }
      if (markers.length === 1 && readMarker(text)?.isUnchanged === false) steps.changed.push(file);
    } else if (file === baseline?.file) {
      for (const [step, hash] of Object.entries(baseline.steps)) steps.present.set(step, hash);
    } else {
      steps.foreign.push({ file, text });
      continue;
    }
    steps.ours.push(file);
  }
  return steps;
}
