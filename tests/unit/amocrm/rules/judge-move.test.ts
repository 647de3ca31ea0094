import { describe, expect, it } from "vitest";
import { judgeMove } from "#shared/amocrm/rules/judge-move.ts";
import { deal } from "../support/entities.ts";

const TRIPWIRE = 4500;
const SALES = 4400;
const pipeline = {
  id: TRIPWIRE,
  name: "Tripwire",
  sort: 2,
  isMain: false,
  isArchive: false,
  stages: [
    { id: 62000, name: "Неразобранное", sort: 10, isUnsorted: true },
    { id: 62001, name: "Купил", sort: 20, isUnsorted: false },
    // Ids say nothing of the order: this stage was made last and drawn to the front.
    { id: 62009, name: "Урок 67", sort: 30, isUnsorted: false },
    { id: 62002, name: "Урок 68", sort: 40, isUnsorted: false },
    { id: 142, name: "Успешно", sort: 10000, isUnsorted: false },
    { id: 143, name: "Закрыто", sort: 11000, isUnsorted: false },
  ],
};
const strict = { homePipelineId: TRIPWIRE, allowsBackwards: false };
const at = (statusId: number, pipelineId = TRIPWIRE) => deal({ id: 8, pipelineId, statusId });
const judge = (from: ReturnType<typeof at>, statusId: number, rules = strict) =>
  judgeMove(from, { pipelineId: TRIPWIRE, statusId }, pipeline, rules);

describe("judgeMove", () => {
  it.each([
    ["from the unsorted ones", 62000, 62001],
    ["to the next stage", 62001, 62009],
    ["over a stage", 62001, 62002],
    ["by the order of the stages and not of their ids", 62009, 62002],
    ["to won, if the admin says so", 62002, 142],
  ])("lets a deal go forward: %s", (_how, from, to) => {
    expect(judge(at(from), to)).toEqual({ moves: true });
  });

  it.each([
    ["deal_ahead", 62002, 62009],
    ["already_there", 62009, 62009],
    ["deal_won", 142, 62009],
    ["deal_lost", 143, 62009],
    ["already_there", 142, 142],
  ])("leaves a deal, and says %s", (code, from, to) => {
    expect(judge(at(from), to)).toMatchObject({ moves: false, code });
  });

  it("names both stages to the admin", () => {
    expect(judge(at(62002), 62009)).toMatchObject({
      message:
        "Deal 8 stands at stage 62002 «Урок 68», which is past stage 62009 «Урок 67»; it was not moved back",
    });
  });

  it("leaves a deal that a manager put into another pipeline", () => {
    expect(judge(at(61001, SALES), 62009)).toMatchObject({ moves: false, code: "deal_in_other_pipeline" });
  });

  it("lets an event lead out of the school's own pipeline, and not back", () => {
    const sales = { ...pipeline, id: SALES };
    const target = { pipelineId: SALES, statusId: 61001 };
    expect(judgeMove(at(62002), target, sales, strict)).toEqual({ moves: true });
    expect(judgeMove(at(143), target, sales, strict)).toMatchObject({ code: "deal_lost" });
  });

  it("leaves a deal at a stage that the pipeline does not list, because nobody can say what would be back", () => {
    expect(judge(at(62777), 62009)).toMatchObject({ moves: false, code: "deal_at_unknown_stage" });
  });

  it.each([62002, 142, 143])("moves a deal back from %i when the setting allows it", (from) => {
    expect(judge(at(from), 62009, { ...strict, allowsBackwards: true })).toEqual({ moves: true });
  });
});
