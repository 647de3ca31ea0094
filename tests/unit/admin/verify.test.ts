import { describe, expect, it } from "vitest";
import { placeProblem, responsibleProblem } from "../../../supabase/functions/_shared/admin/verify.ts";
import type { Pipeline } from "../../../supabase/functions/_shared/amocrm/entities.ts";

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
    const problem = placeProblem({ pipeline_id: 1, status_id: null }, pipelines);
    expect(problem).toBe("Pipeline 1 «P1» is archived; there are: 2 «P2»");
  });

  it("refuses the main pipeline where the account has none", () => {
    const pipelines = [pipeline(1, { isMain: true, isArchive: true }), pipeline(2)];
    expect(placeProblem({ pipeline_id: null, status_id: null }, pipelines)).toBe(
      "The account has no main pipeline; name one of: 2 «P2»",
    );
  });

  it("takes a stage of the pipeline, and the pipeline alone", () => {
    expect(placeProblem({ pipeline_id: 2, status_id: 20 }, [pipeline(2)])).toBeNull();
    expect(placeProblem({ pipeline_id: 2, status_id: null }, [pipeline(2)])).toBeNull();
  });
});

describe("responsibleProblem", () => {
  it("cuts a long list of users", () => {
    const users = Array.from({ length: 75 }, (_, index) => ({ id: index + 1, name: "U", isActive: true }));
    expect(responsibleProblem(99, users)).toMatch(/60 «U» and 15 more$/);
  });
});
