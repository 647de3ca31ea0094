import fs from "node:fs";
import { expect, it } from "vitest";
import { sentenceFiles } from "#dev/sentences/sentences.ts";

it.each(sentenceFiles())("$file is what `npm run migrations` makes of the words", ({ file, text }) => {
  expect(fs.readFileSync(file, "utf8")).toBe(text);
});
