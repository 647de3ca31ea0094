import fs from "node:fs";
import path from "node:path";
import { type Change, type Remark, remark } from "./plan.ts";

/**
 * Writes all or nothing: new texts go into a folder beside first, what is replaced or taken away is kept there, and only
 * then names are moved, one by one; whatever fails is undone backwards. What somebody changed since it was planned stops it.
 */
export function applyChanges(folder: string, changes: readonly Change[]): Remark | null {
  const touched = changes.find(({ place, was }) => readIfThere(path.join(folder, place)) !== was);
  if (touched !== undefined) return remark("changed_meanwhile", { place: touched.place });
  const undo: (() => void)[] = [];
  // The Supabase CLI keeps its own notes there, and projects have Git ignore it.
  const stage = path.join(folder, ".temp", `supabase-amocrm-${process.pid}`);
  try {
    makeFolder(stage, undo);
    changes.forEach(({ text }, index) => {
      if (text !== null) fs.writeFileSync(path.join(stage, `new-${index}`), text);
    });
    changes.forEach(({ place, was, text }, index) => {
      const file = path.join(folder, place);
      if (was !== null) {
        fs.renameSync(file, path.join(stage, `old-${index}`));
        undo.push(() => fs.renameSync(path.join(stage, `old-${index}`), file));
      }
      if (text === null) return;
      makeFolder(path.dirname(file), undo);
      fs.renameSync(path.join(stage, `new-${index}`), file);
      undo.push(() => fs.rmSync(file));
    });
  } catch (error) {
    for (const step of undo.toReversed()) step();
    const { code = "", path: place = "" } = error as NodeJS.ErrnoException;
    return remark("cannot_write", { code, place: path.relative(folder, place) || place });
  }
  fs.rmSync(stage, { recursive: true, force: true });
  removeEmpty(folder, path.dirname(stage));
  for (const { place, text } of changes) {
    if (text === null) removeEmpty(folder, path.dirname(path.join(folder, place)));
  }
  return null;
}

/** Each folder that has to be made is one that has to go again. */
function makeFolder(folder: string, undo: (() => void)[]): void {
  if (fs.existsSync(folder)) return;
  makeFolder(path.dirname(folder), undo);
  fs.mkdirSync(folder);
  undo.push(() => fs.rmSync(folder, { recursive: true, force: true }));
}

/** Folders that are empty now, up to the supabase folder. */
function removeEmpty(top: string, folder: string): void {
  if (folder === top || !folder.startsWith(top) || !fs.existsSync(folder)) return;
  if (fs.readdirSync(folder).length > 0) return;
  fs.rmdirSync(folder);
  removeEmpty(top, path.dirname(folder));
}

function readIfThere(file: string): string | null {
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : null;
}
