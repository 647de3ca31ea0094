import {
  type Check,
  type Code,
  type Finding,
  KINDS,
} from "../../supabase/functions/_shared/admin/doctor/finding.ts";
import type { Language } from "./language.ts";
import { ENGLISH } from "./words-en.ts";
import { RUSSIAN } from "./words-ru.ts";

/** What a finding says, and how it is mended: a command, or an exact place. `{name}` stands for a fact. */
export type Saying = readonly [says: string, mend?: string];

/** All words of one language. */
export interface Words {
  checks: Readonly<Record<Check, string>>;
  codes: Readonly<Record<Code, Saying>>;
}

export const WORDS: Readonly<Record<Language, Words>> = { en: ENGLISH, ru: RUSSIAN };

/** A finding in words. */
export interface Told extends Finding {
  title: string;
  message: string;
  remedy: string | null;
}

/** Puts a finding into words. One of a newer version of the functions is told by its code. */
export function tell(found: Finding, { checks, codes }: Words): Told {
  const [says, mend] =
    found.code in KINDS ? codes[found.code as Code] : [`${found.code} ${JSON.stringify(found.facts)}`];
  return {
    ...found,
    title: checks[found.check],
    message: filled(says, found.facts),
    remedy: mend === undefined ? null : filled(mend, found.facts),
  };
}

function filled(text: string, facts: Finding["facts"]): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(facts[name] ?? whole));
}
