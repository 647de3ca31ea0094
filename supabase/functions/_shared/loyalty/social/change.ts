import { sha256Of } from "../../platform/secrets.ts";

/** What becomes of a like, comment, repost or membership, in the words of `amocrm.take_social`. Ids only, no words of anybody. */
interface Activity {
  act: "like" | "comment" | "repost" | "join";
  is_on: boolean;
  /** Who did it; null where the network does not say, as of deleted comments. */
  account: string | null;
  post: string;
  /** What was liked or written: the same whenever it is told of again. */
  item: string;
}

/** A code of the member's card, written in private. */
interface Code {
  act: "code";
  account: string;
  code_hash: string;
}

/** A change as it is kept, or a private message yet, of which at most a code's hash is. */
export type Change = Activity | Code;
export type Told = Activity | { act: "message"; account: string; text: string };

/** What was told, ready to be kept. Of messages only the hash of what looks like a code is left. */
export async function changesOf(told: readonly Told[]): Promise<Change[]> {
  const changes: Change[] = [];
  for (const one of told) {
    if (one.act !== "message") {
      changes.push(one);
      continue;
    }
    const code = codeIn(one.text);
    if (code !== null) changes.push({ act: "code", account: one.account, code_hash: await sha256Of(code) });
  }
  return changes;
}

/** The code that a message consists of, as `loyalty_code` drew it; null for any other message. */
function codeIn(text: string): string | null {
  if (text.length > 100) return null;
  const letters = text
    .replace(/^\/start(@\w+)?\s/, "")
    .replace(/[\s\u2010-\u2015-]/g, "")
    .toUpperCase()
    // As a person may read them.
    .replaceAll("O", "0")
    .replace(/[IL]/g, "1");
  return /^[0-9A-HJKMNP-TV-Z]{16}$/.test(letters) ? letters : null;
}
