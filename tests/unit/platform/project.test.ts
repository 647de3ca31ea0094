import { expect, it } from "vitest";
import { projectOf } from "../../../supabase/functions/_shared/platform/project.ts";

it.each([
  ["https://abcdef.supabase.co", "abcdef.supabase.co"],
  ["https://api.school.example/", "api.school.example"],
  ["http://127.0.0.1:54321", "local"],
  ["http://localhost:54321", "local"],
  ["http://kong:8000", "local"],
  ["http://api.supabase.internal:8000", "local"],
  [undefined, "local"],
  ["no URL", "local"],
])("projectOf knows %s as %s", (url, project) => {
  expect(projectOf({ SUPABASE_URL: url })).toBe(project);
});
