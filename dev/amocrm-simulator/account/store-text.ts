import type { World } from "./world.ts";

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** A text as the account stores it, by `text.changes`. */
export function storedText(world: World, text: string): string {
  const changes = new Set(world.settings.text.changes);
  let stored = text;
  if (changes.has("emoji")) stored = stored.replace(/[\uFE0E\uFE0F]/g, "");
  if (changes.has("collapse")) stored = stored.replace(/\s+/g, " ");
  if (changes.has("trim")) stored = stored.trim();
  if (changes.has("entities")) stored = stored.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? "");
  return stored;
}
