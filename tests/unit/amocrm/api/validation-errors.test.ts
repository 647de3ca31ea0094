import { expect, it } from "vitest";
import { itemFaults } from "#shared/amocrm/api/validation-errors.ts";

const WRONG_STAGE = { code: "NotSupportedChoice", path: "status_id", detail: "not read" };
const STAGE_FAULT = { code: "NotSupportedChoice", path: "status_id" };

function refusal(...requestIds: unknown[]) {
  return { "validation-errors": requestIds.map((request_id) => ({ request_id, errors: [WRONG_STAGE] })) };
}

it.each([
  ["our request ids", refusal("m-2", "m-3"), ["m-2", "m-3"]],
  ["ordinals as text", refusal("0", "2"), ["m-1", "m-3"]],
  ["ordinals as numbers", refusal(1), ["m-2"]],
  ["lists of ids", refusal(["m-2"]), ["m-2"]],
  ["an ordinal beyond the batch", refusal("7"), []],
  ["nobody we know", refusal("somebody"), []],
  ["nobody at all", refusal(undefined), []],
])("itemFaults finds the items of a batch refused by %s", (_name, json, expected) => {
  expect(itemFaults(json, ["m-1", "m-2", "m-3"]).map(({ requestId }) => requestId)).toEqual(expected);
});

it("itemFaults prefers our own id to the ordinal that it looks like", () => {
  expect(itemFaults(refusal("1"), ["1", "2"]).map(({ requestId }) => requestId)).toEqual(["1"]);
});

it("itemFaults holds a nameless refusal against the only item there was", () => {
  expect(itemFaults(refusal(undefined), ["m-1"])).toEqual([{ requestId: "m-1", faults: [STAGE_FAULT] }]);
});

it("itemFaults gathers all that is wrong with one item", () => {
  const [item] = itemFaults(refusal("m-1", "m-1"), ["m-1", "m-2"]);
  expect(item).toEqual({ requestId: "m-1", faults: [STAGE_FAULT, STAGE_FAULT] });
});

it.each([
  [undefined],
  [null],
  ["text"],
  [{}],
  [{ "validation-errors": "none" }],
  [{ "validation-errors": [1] }],
])("itemFaults finds nothing in %j", (json) => {
  expect(itemFaults(json, ["m-1"])).toEqual([]);
});

it("itemFaults cuts an over-long path, which ends in rows and logs", () => {
  const json = {
    "validation-errors": [{ request_id: "m-1", errors: [{ code: 7, path: "p".repeat(5_000) }] }],
  };
  expect(itemFaults(json, ["m-1"])[0]?.faults).toEqual([{ code: "", path: "p".repeat(200) }]);
});
