import { expect, test } from "vitest";
import { notOnCard } from "#shared/amocrm/steps/creation.ts";

test("what a tag of the new deal says whole is not told again; parts, lists and numbers are", () => {
  const leftovers = [
    { path: "source", value: "webinar" },
    { path: "utm_source", value: "webinar-2" },
    { path: "metadata.list", value: ["webinar"] },
    { path: "metadata.number", value: 7 },
  ];
  expect(notOnCard(leftovers, { tags: ["webinar", "7"] })).toEqual(leftovers.slice(1));
  expect(notOnCard(leftovers, { tags: [] })).toEqual(leftovers);
});
