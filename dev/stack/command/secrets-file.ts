import fs from "node:fs";
import { parseEnv } from "node:util";
import { pickFunctionVariables } from "./function-variables.ts";

/** They say where leads and mails go, which the banner has told: the environment of `npm run dev` alone has them. */
const FIXED_AT_THE_START = new Set([
  "AMOCRM_BASE_URL",
  "AMOCRM_SUBDOMAIN",
  "RESEND_API_KEY",
  "RESEND_BASE_URL",
]);
const POLL_MS = 500;

export type Variables = Record<string, string>;

/** What a file of variables says about the functions'; an empty value takes a variable away. */
export interface Secrets {
  set: Variables;
  unset: string[];
  /** Names that count at the start only. */
  ignored: string[];
}

/** The file of variables that belongs to a stack file. Its name is nobody else's, since it is removed at each start. */
export function secretsFileOf(stackFile: string): string {
  return `${stackFile}.env`;
}

/** Reads the text of such a file, the local counterpart of `supabase secrets set` and `unset`. */
export function parseSecrets(text: string): Secrets {
  const written = Object.entries(parseEnv(text));
  const all = pickFunctionVariables(Object.fromEntries(written));
  const isFixed = (name: string): boolean => FIXED_AT_THE_START.has(name);
  return {
    set: Object.fromEntries(Object.entries(all).filter(([name]) => !isFixed(name))),
    unset: written.filter(([name, value]) => value === "" && !isFixed(name)).map(([name]) => name),
    ignored: written.map(([name]) => name).filter(isFixed),
  };
}

/** The variables of the start with the file's laid over them. */
export function withSecrets(variables: Readonly<Variables>, { set, unset }: Secrets): Variables {
  const kept = Object.entries(variables).filter(([name]) => !unset.includes(name));
  return { ...Object.fromEntries(kept), ...set };
}

/** Calls back with what the file says each time that it has changed; a file that is gone says nothing. */
export function watchSecrets(file: string, onChange: (secrets: Secrets) => void): () => void {
  const look = (now: fs.Stats, before: fs.Stats): void => {
    // Told once, too, that a file is not there.
    if (now.mtimeMs !== before.mtimeMs) onChange(parseSecrets(readOrNothing(file)));
  };
  fs.watchFile(file, { interval: POLL_MS, persistent: false }, look);
  return () => fs.unwatchFile(file, look);
}

function readOrNothing(file: string): string {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
