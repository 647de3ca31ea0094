import { isDeepStrictEqual } from "node:util";
import { parse, TomlError } from "smol-toml";
import type { Payload } from "./payload.ts";
import { type Remark, remark } from "./plan.ts";

const BEGIN = "# >>> supabase-amocrm: written by its commands, taken out by supabase-amocrm uninstall";
const END = "# <<< supabase-amocrm";
/** Where the host has a [db.vault] of its own, ours is a line in it. */
const OUR_LINE = "# supabase-amocrm";

type Table = Record<string, unknown>;
type Functions = Payload["functions"];

/** What config.toml is to say of us: nothing for an uninstallation. */
export interface Wanted {
  functions: Functions;
  vault: Payload["vault"];
}

/**
 * The text with our part in it, and not a byte of the host's changed: lines are added and taken out, nothing is printed
 * anew, so comments, order and line endings stay. What comes out is read again, and must say just what it should.
 * `byHand` are sections that an earlier README had copied, word for word.
 */
export function patchConfig(
  text: string,
  wanted: Wanted,
  byHand: readonly string[],
): { text: string; notices: Remark[] } | Remark {
  const before = read(text);
  if ("code" in before) return before;
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const around = cut(text, byHand, newline);
  const host = read(joined(around));
  if ("code" in host) return host;
  const own = tableOf(host.table, "functions");
  const taken = wanted.functions.find(({ slug }) => slug in own);
  if (taken !== undefined) return remark("config_function_there", { name: taken.slug });
  const vault = tableOf(tableOf(host.table, "db"), "vault");
  const otherwise = Object.entries(wanted.vault).find(
    ([name, value]) => name in vault && vault[name] !== value,
  );
  if (otherwise !== undefined) return remark("config_vault_there", { name: otherwise[0] });

  const missing = Object.entries(wanted.vault).filter(([name]) => !(name in vault));
  const patched = withOurs(around, wanted.functions, missing, newline, isVaultThere(host.table));
  const after = read(patched);
  if ("code" in after || !isDeepStrictEqual(after.table, expected(host.table, wanted.functions, missing))) {
    return remark("config_unknown_form");
  }
  return { text: patched, notices: noticesOf(host.table) };
}

/** A config.toml for a folder that has none. */
export function newConfig(projectId: string): string {
  return `project_id = ${JSON.stringify(projectId)}\n\n[db]\nmajor_version = 17\n`;
}

/** The host's text around our part. */
interface Cut {
  head: string;
  tail: string;
  /** Whether our part stood between the two. */
  isFound: boolean;
}

function cut(text: string, byHand: readonly string[], newline: string): Cut {
  const isOurLine = (line: string): boolean => line.trimEnd().endsWith(`" ${OUR_LINE}`);
  const bare = byHand
    .reduce((rest, section) => rest.replace(section.replaceAll("\n", newline), ""), text)
    .split("\n")
    .filter((line) => !isOurLine(line))
    .join("\n");
  const begin = bare.indexOf(BEGIN);
  const end = bare.indexOf(END, begin);
  if (begin === -1 || end === -1) return { head: bare, tail: "", isFound: false };
  return {
    head: bare.slice(0, begin),
    tail: bare.slice(end + END.length).replace(/^\r?\n/, ""),
    isFound: true,
  };
}

/** The empty line before our part came with it. */
function joined({ head, tail, isFound }: Cut): string {
  return (isFound ? head.replace(/\n\r?\n$/, "\n") : head) + tail;
}

function withOurs(
  around: Cut,
  functions: Functions,
  vault: [string, string][],
  newline: string,
  isVault: boolean,
): string {
  const lines = vault.map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  const sections = [
    ...functions.map(({ slug, config }) => [
      `[functions.${slug}]`,
      ...Object.entries(config).map(([key, value]) => `${key} = ${JSON.stringify(value)}`),
    ]),
    ...(isVault || lines.length === 0 ? [] : [["[db.vault]", ...lines]]),
  ].map((section) => section.join(newline));
  const inVault = (text: string): string =>
    isVault
      ? text.replace(
          /^[ \t]*\[[ \t]*db[ \t]*\.[ \t]*vault[ \t]*\][ \t]*(?:#[^\r\n]*)?\r?\n/m,
          (line) => line + lines.map((one) => `${one} ${OUR_LINE}${newline}`).join(""),
        )
      : text;
  if (sections.length === 0) return inVault(joined(around));
  const part = [BEGIN, sections.join(newline + newline), END, ""].join(newline);
  const head = inVault(around.head);
  if (around.isFound) return `${head}${part}${inVault(around.tail)}`;
  const gap = head === "" ? "" : head.endsWith("\n") ? newline : newline + newline;
  return `${head}${gap}${part}`;
}

function expected(host: Table, functions: Functions, vault: [string, string][]): Table {
  const result = structuredClone(host);
  if (functions.length > 0) {
    result["functions"] = {
      ...tableOf(host, "functions"),
      ...Object.fromEntries(functions.map(({ slug, config }) => [slug, config])),
    };
  }
  if (vault.length > 0) {
    const db = tableOf(host, "db");
    result["db"] = { ...db, vault: { ...tableOf(db, "vault"), ...Object.fromEntries(vault) } };
  }
  return plain(result);
}

function noticesOf(host: Table): Remark[] {
  const { deno_version: deno } = tableOf(host, "edge_runtime");
  const { schemas } = tableOf(host, "api");
  return [
    ...(deno === 1 ? [remark("deno_1")] : []),
    ...(Array.isArray(schemas) && !schemas.includes("public") ? [remark("public_not_exposed")] : []),
  ];
}

function isVaultThere(host: Table): boolean {
  return "vault" in tableOf(host, "db");
}

function read(text: string): { table: Table } | Remark {
  try {
    return { table: plain(parse(text.replace(/^\uFEFF/, ""))) };
  } catch (error) {
    return remark("config_unreadable", { line: error instanceof TomlError ? error.line : 0 });
  }
}

/** Parsed tables have no prototype, which counts when they are compared. */
function plain(table: Table): Table {
  return structuredClone(table);
}

function tableOf(table: Table, name: string): Table {
  const value = table[name];
  return typeof value === "object" && value !== null ? (value as Table) : {};
}
