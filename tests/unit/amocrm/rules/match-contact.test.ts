import { expect, it } from "vitest";
import { matchContact, searchQueries } from "#shared/amocrm/rules/match-contact.ts";
import { contact, field } from "../support/entities.ts";
import { seededRandom, shuffled } from "../support/random.ts";

const EMAIL = { kind: "email", value: "ann@shop.test" } as const;
const PHONE = { kind: "phone", value: "+79121112648" } as const;

it("searchQueries are the bare address, in both spellings of its domain, and the last ten digits of a phone", () => {
  expect(searchQueries(EMAIL)).toEqual(["ann@shop.test"]);
  expect(searchQueries({ kind: "email", value: "ada@почта.рф" })).toEqual([
    "ada@почта.рф",
    "ada@xn--80a1acny.xn--p1ai",
  ]);
  expect(searchQueries(PHONE)).toEqual(["9121112648"]);
  expect(searchQueries({ kind: "phone", value: "+1234567" })).toEqual(["1234567"]);
});

it("matchContact finds a value however amoCRM keeps it", () => {
  const spelled = contact({ id: 1, fields: [field("EMAIL", "other@x.test", " Ann@SHOP.test")] });
  expect(matchContact([spelled], EMAIL).chosen).toBe(spelled);
  const dialled = contact({ id: 2, fields: [field("PHONE", "8 (912) 111-26-48")] });
  expect(matchContact([dialled], PHONE).chosen).toBe(dialled);
});

it.each([
  ["a part of another address", field("EMAIL", "joann@shop.test")],
  ["the same text in another field", field("PAYMENT", "ann@shop.test")],
  ["no value", field("EMAIL", null)],
  ["a value that is no text", field("EMAIL", { x: 1 })],
])("matchContact takes no hit with %s", (_name, other) => {
  expect(matchContact([contact({ id: 1, fields: [other] })], EMAIL)).toEqual({ chosen: null, others: [] });
});

it("matchContact takes no number that ends alike in another country", () => {
  const hit = contact({ id: 1, fields: [field("PHONE", "+1 912 111 2648")] });
  expect(matchContact([hit], PHONE).chosen).toBeNull();
});

it("matchContact takes no deleted contact", () => {
  const hit = contact({ id: 1, isDeleted: true, fields: [field("EMAIL", "ann@shop.test")] });
  expect(matchContact([hit], EMAIL).chosen).toBeNull();
});

it("matchContact chooses the latest changed, then the newest, in whatever order they come", () => {
  const fields = [field("EMAIL", "ann@shop.test")];
  const hits = [
    contact({ id: 5, updatedAt: 100, fields }),
    contact({ id: 3, updatedAt: 200, fields }),
    contact({ id: 4, updatedAt: 200, fields }),
  ];
  const random = seededRandom(1);
  for (let run = 0; run < 20; run++) {
    const { chosen, others } = matchContact(shuffled(hits, random), EMAIL);
    expect([chosen?.id, ...others.map(({ id }) => id)]).toEqual([4, 3, 5]);
  }
});

it("matchContact counts a contact once that was found twice", () => {
  const hit = contact({ id: 1, fields: [field("EMAIL", "ann@shop.test")] });
  expect(matchContact([hit, { ...hit }], EMAIL).others).toEqual([]);
});
