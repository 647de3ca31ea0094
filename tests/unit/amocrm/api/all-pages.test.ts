import { expect, it } from "vitest";
import { allPages } from "#shared/amocrm/api/all-pages.ts";

const refuse = (reason: string) => ({ ok: false as const, reason });
const full = (page: number) => Array.from({ length: 250 }, (_, index) => ({ id: (page - 1) * 250 + index }));
/** A list of so many full pages. */
const listOf = (pageCount: number) => async (page: number) => ({
  ok: true as const,
  value: { rows: full(page), hasMore: page < pageCount },
});

it.each([1, 20, 21, 40])("reads all of %i pages", async (pageCount) => {
  const read = await allPages(listOf(pageCount), refuse);
  expect(read.ok && read.value.length).toBe(250 * pageCount);
});

it("says that a list goes on beyond what is read, instead of passing for the whole", async () => {
  expect(await allPages(listOf(41), refuse)).toEqual({
    ok: false,
    reason: "amoCRM lists more than the 10000 that are read",
  });
});

it("ends where an account gives its first page again and again", async () => {
  let count = 0;
  const read = await allPages(async () => {
    count += 1;
    return { ok: true as const, value: { rows: full(1), hasMore: true } };
  }, refuse);
  expect([read.ok && read.value.length, count]).toEqual([250, 2]);
});
