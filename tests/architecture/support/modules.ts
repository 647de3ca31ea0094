/**
 * The modules of supabase/functions/_shared, from the ground up. Those of one floor know nothing of each other. A folder
 * that is not here fails the test, and so does a word here without its folder; a new area gets its word on the floor above
 * all that it uses.
 */
export const FLOORS: readonly (readonly string[])[] = [
  ["platform"],
  ["links", "outbox"],
  ["amocrm", "mail", "sms"],
  ["leads", "school", "watch"],
  ["followups", "loyalty"],
  ["admin"],
  ["entry"],
];

/**
 * So many pairs of modules may know one another: eleven stand on the ground, five on the outbox, and nine more are an area
 * that does something by another one. One more is a reason to look whether the seam is in the right place: what the entry
 * could hand over, or what belongs to the lower side.
 */
export const MAX_ARROWS = 25;

/** What a file is, by its name. */
export type Layer = "entry" | "endpoint" | "adapter" | "port" | "machine" | "rule" | "inside";

export const SHARED = "supabase/functions/_shared/";
const ENTRY = /^supabase\/functions\/[a-z][a-z-]*\/[a-z-]+\.ts$/;

/** The module of a file: the folder in _shared, or `entry` for the folder of a function. */
export function moduleOf(file: string): string {
  if (ENTRY.test(file)) return "entry";
  return file.startsWith(SHARED) ? (file.slice(SHARED.length).split("/")[0] ?? "") : "";
}

/** How far up a module is; undefined when the table does not have it. */
export function floorOf(module: string): number | undefined {
  const floor = FLOORS.findIndex((modules) => modules.includes(module));
  return floor < 0 ? undefined : floor;
}

/** Whether a file is in its module's root, so that others may name it. Everything deeper is the module's own. */
export function isFace(file: string): boolean {
  return ENTRY.test(file) || file.slice(SHARED.length).split("/").length === 2;
}

/** What reaches the machine: its clock and chance, its log, environment and network, and the secrets that are drawn. */
const MACHINE = ["clock", "log", "outside-fetch", "runtime"].map((name) => `${SHARED}platform/${name}.ts`);

/**
 * The layer of a file, by its name alone. `port.ts` says what a use case needs; `store.ts`, `…-transport.ts`, `…-connection.ts`
 * and the faces `adapters.ts` are the real thing; `endpoint.ts` answers one call; a folder `rules` decides and does nothing.
 */
export function layerOf(file: string): Layer {
  const name = file.slice(file.lastIndexOf("/") + 1);
  if (ENTRY.test(file)) return "entry";
  if (MACHINE.includes(file)) return "machine";
  if (/^(?:.+-)?port\.ts$/.test(name)) return "port";
  if (/^(?:(?:.+-)?store|.+-transport|(?:.+-)?connection|adapters)\.ts$/.test(name)) return "adapter";
  if (name === "endpoint.ts") return "endpoint";
  return /\/rules\/[a-z-]+\.ts$/.test(file) ? "rule" : "inside";
}

/** Those adapters that may use others: they put the real parts together. */
export function isConnection(file: string): boolean {
  return /(?:^|[/-])(?:connection|adapters)\.ts$/.test(file);
}
