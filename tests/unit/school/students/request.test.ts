import { describe, expect, it } from "vitest";
import { parseJson } from "#shared/platform/json.ts";
import { StudentRequest } from "#shared/school/students/request.ts";

const faultOf = (text: string): string | undefined =>
  StudentRequest.safeParse(parseJson(text))
    .error?.issues.map(({ path, message }) => `${path.join(".")} ${message}`)
    .join("; ");

describe("a student's name", () => {
  it.each(["A\\u0000", "A\\ud800", "A\\u0007", "A\\u001b[2J"])("with %s in it is asked for again", (name) => {
    expect(faultOf(`{"full_name":"${name}","email":"ada@example.com"}`)).toBe(
      "full_name must not have control characters",
    );
  });

  it.each(["Айгерім Әбдіғали", "Ада 😀", "O’Neill"])("may be %s", (name) => {
    expect(faultOf(JSON.stringify({ full_name: name, email: "ada@example.com" }))).toBeUndefined();
  });
});
