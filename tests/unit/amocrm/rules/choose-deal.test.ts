import { expect, it } from "vitest";
import type { Deal } from "#shared/amocrm/api/entities.ts";
import { chooseDeal } from "#shared/amocrm/rules/choose-deal.ts";
import { deal } from "../support/entities.ts";
import { seededRandom, shuffled } from "../support/random.ts";

const WON = { statusId: 142 };
const LOST = { statusId: 143 };

it.each<[string, Deal[], number | null, string]>([
  ["no deals", [], null, "none"],
  ["one open deal", [deal({ id: 1 })], 1, "open"],
  ["the freshest open one", [deal({ id: 1, updatedAt: 9 }), deal({ id: 2, updatedAt: 5 })], 1, "open"],
  [
    "the newest of equally fresh ones",
    [deal({ id: 1, updatedAt: 5 }), deal({ id: 2, updatedAt: 5 })],
    2,
    "open",
  ],
  [
    "an open one before a fresher won one",
    [deal({ id: 1 }), deal({ id: 2, updatedAt: 9, ...WON })],
    1,
    "open",
  ],
  [
    "a won one when none is open",
    [deal({ id: 1, ...WON }), deal({ id: 2, updatedAt: 9, ...LOST })],
    1,
    "won",
  ],
  ["the freshest won one", [deal({ id: 1, ...WON, updatedAt: 2 }), deal({ id: 2, ...WON })], 1, "won"],
  ["none when all are lost", [deal({ id: 1, ...LOST })], null, "none"],
  ["none when the deal is deleted", [deal({ id: 1, isDeleted: true })], null, "none"],
  [
    "none of another pipeline",
    [deal({ id: 1, pipelineId: 2 }), deal({ id: 2, pipelineId: 2, ...WON })],
    null,
    "none",
  ],
])("chooseDeal takes %s", (_name, deals, id, why) => {
  const random = seededRandom(2);
  for (let run = 0; run < 5; run++) {
    const choice = chooseDeal(shuffled(deals, random), 1);
    expect([choice.deal?.id ?? null, choice.why]).toEqual([id, why]);
  }
});
