import { expect, it } from "vitest";
import { sourceFiles } from "./support/repository.ts";

const LISTS = /\bselect distinct\b(?! on)(.*?)\bfrom\b/gs;

it("a list of distinct rows asks no clock: it goes on between rows, and equal ones are none any more", () => {
  const files = sourceFiles(".sql").filter(({ path }) => path.startsWith("supabase/schemas/"));
  const lists = files.flatMap(({ path, text }) =>
    [...text.matchAll(LISTS)].map(([, list]) => ({ path, list: list ?? "" })),
  );
  expect(lists.length).toBeGreaterThan(3);
  // The tests' own clock stands still, so that none of them would notice.
  expect(lists.filter(({ list }) => /\b(?:clock|clock_timestamp|random)\(/.test(list))).toEqual([]);
});
