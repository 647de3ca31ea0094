import { describe, expect, it } from "vitest";
import { placeCaution, placeProblem, responsibleProblem } from "#shared/admin/account/verify.ts";
import type { Pipeline } from "#shared/amocrm/api/entities.ts";

const pipeline = (id: number, options: Partial<Pipeline> = {}): Pipeline => ({
  id,
  name: `P${id}`,
  sort: 1,
  isMain: false,
  isArchive: false,
  stages: [{ id: id * 10, name: "First", sort: 1, isUnsorted: false }],
  ...options,
});

describe("placeProblem", () => {
  it("refuses a pipeline that is archived and offers the others", () => {
    const pipelines = [pipeline(1, { isArchive: true }), pipeline(2)];
    const problem = placeProblem({ pipeline_id: 1, status_id: null }, pipelines, "new");
    expect(problem).toBe("Pipeline 1 «P1» is archived; there are: 2 «P2»");
  });

  it("refuses the main pipeline where the account has none", () => {
    const pipelines = [pipeline(1, { isMain: true, isArchive: true }), pipeline(2)];
    expect(placeProblem({ pipeline_id: null, status_id: null }, pipelines, "new")).toBe(
      "The account has no main pipeline; name one of: 2 «P2»",
    );
  });

  it("takes a stage of the pipeline, and the pipeline alone", () => {
    expect(placeProblem({ pipeline_id: 2, status_id: 20 }, [pipeline(2)], "new")).toBeNull();
    expect(placeProblem({ pipeline_id: 2, status_id: null }, [pipeline(2)], "new")).toBeNull();
  });

  it("refuses the stage of incoming leads, and lost for a deal that is to be made, and offers what is left", () => {
    const stages = [
      { id: 21, name: "Unsorted", sort: 0, isUnsorted: true },
      { id: 22, name: "First", sort: 1, isUnsorted: false },
      { id: 142, name: "Won", sort: 2, isUnsorted: false },
      { id: 143, name: "Lost", sort: 3, isUnsorted: false },
    ];
    const problem = (status_id: number, comer: "new" | "moved") =>
      placeProblem({ pipeline_id: 2, status_id }, [pipeline(2, { stages })], comer);
    expect(problem(21, "new")).toMatch(/^Stage 21 «Unsorted» holds incoming leads.*: 22 «First», 142 «Won»$/);
    expect(problem(21, "moved")).toMatch(/^Stage 21 «Unsorted».*142 «Won», 143 «Lost»$/);
    expect(problem(143, "new")).toMatch(/^amoCRM makes no deal that begins as lost, 143 «Lost»/);
    expect(problem(143, "moved")).toBeNull();
    expect(problem(142, "new")).toBeNull();
    expect(placeCaution({ pipeline_id: 2, status_id: 142 }, "new")).toMatch(/begin as won/);
    expect(placeCaution({ pipeline_id: 2, status_id: 142 }, "moved")).toBeNull();
  });
});

describe("responsibleProblem", () => {
  it("cuts a long list of users", () => {
    const users = Array.from({ length: 75 }, (_, index) => ({ id: index + 1, name: "U", isActive: true }));
    expect(responsibleProblem(99, users)).toMatch(/60 «U» and 15 more$/);
  });
});
