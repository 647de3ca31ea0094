import fs from "node:fs";
import path from "node:path";

const DOCUMENT = fs.readFileSync(path.join(import.meta.dirname, "../../../docs/areas/forms.md"), "utf8");

/** The piece of docs/areas/forms.md in this language that holds the marker, as it stands there. */
export function formBlock(language: string, marker: string): string {
  const blocks = [...DOCUMENT.matchAll(/```(\w+)\n([\s\S]*?)```/g)];
  const found = blocks.find(([, name, text]) => name === language && text?.includes(marker));
  if (found?.[2] === undefined)
    throw new Error(`docs/areas/forms.md has no ${language} block with ${marker}`);
  return found[2];
}
