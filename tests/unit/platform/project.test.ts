import { describe, expect, it } from "vitest";
import { functionAddress, projectOf } from "#shared/platform/project.ts";

const KONG = "http://kong:8000";

describe("projectOf", () => {
  it.each([
    ["https://abcdef.supabase.co", "abcdef.supabase.co"],
    ["https://api.school.example/", "api.school.example"],
    ["http://127.0.0.1:54321", "local"],
    ["http://[::1]:54321", "local"],
    ["http://localhost:54321", "local"],
    [undefined, "local"],
    ["no URL", "local"],
  ])("knows %s as %s", (url, project) => {
    expect(projectOf({ SUPABASE_URL: url, SUPABASE_ANON_KEY: "eyJ.eyJ.signature-of-this-one" })).toBe(
      project,
    );
  });

  it.each([
    "http://kong:8000",
    "http://10.0.0.5:8000",
    "http://api.supabase.internal:8000",
    "http://[fd00::5]:8000",
  ])("tells two self-hosted projects apart that are both %s to themselves", (url) => {
    const of = (key: string) => projectOf({ SUPABASE_URL: url, SUPABASE_ANON_KEY: key });
    expect(of("eyJ.eyJ.0123456789abcdef0")).not.toBe(of("eyJ.eyJ.0123456789abcdef1"));
    expect(of("eyJ.eyJ.0123456789abcdef0")).toBe(of("eyJ.eyJ.0123456789abcdef0"));
    expect(of("eyJ.eyJ.0123456789abcdef0")).not.toBe("local");
  });

  it("takes the public address of a self-hosted project where it is told, and the newer public key", () => {
    const keys = JSON.stringify({ default: "sb_publishable_abcdefghijklmnopqrstuv" });
    expect(
      projectOf({
        SUPABASE_URL: KONG,
        SUPABASE_PUBLIC_URL: "https://api.school.example",
        SUPABASE_PUBLISHABLE_KEYS: keys,
      }),
    ).toBe("api.school.example/ghijklmnopqrstuv");
    expect(projectOf({ SUPABASE_URL: KONG, SUPABASE_PUBLISHABLE_KEYS: keys })).toBe("kong/ghijklmnopqrstuv");
    expect(projectOf({ SUPABASE_URL: KONG })).toBe("kong/");
  });
});

describe("functionAddress", () => {
  it.each([
    ["a hosted project", { SUPABASE_URL: "https://abcdef.supabase.co" }, "https://abcdef.supabase.co"],
    [
      "a self-hosted one by its public address",
      { SUPABASE_URL: KONG, SUPABASE_PUBLIC_URL: "https://api.school.example/" },
      "https://api.school.example",
    ],
    ["one that does not tell its public address", { SUPABASE_URL: KONG, SUPABASE_PUBLIC_URL: "" }, KONG],
  ])("is that of %s", (_what, environment, project) => {
    expect(functionAddress(environment, "go")).toBe(`${project}/functions/v1/go`);
  });
});
