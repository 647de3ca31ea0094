import { describe, expect, it } from "vitest";
import { spread } from "../../support/sizes.ts";

describe("cases that are drawn", () => {
  it.each<[number, number[]]>([
    [1, [0]],
    [2, [0, 4]],
    [3, [0, 3, 6]],
    [8, [0, 1, 2, 3, 4, 5, 6, 7]],
    [20, [0, 1, 2, 3, 4, 5, 6, 7]],
  ])("are as many as asked for, at equal distances: %i of eight", (count, places) => {
    expect(spread([0, 1, 2, 3, 4, 5, 6, 7], count)).toEqual(places);
  });
});
