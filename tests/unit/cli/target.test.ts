import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findTarget, loadEnvFile } from "#cli/target.ts";

let folder: string;
let stackFile: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "cli-target-"));
  stackFile = path.join(folder, "stack.json");
  const url = "http://127.0.0.1:54321";
  fs.writeFileSync(
    stackFile,
    JSON.stringify({
      url,
      publishableKey: "sb_publishable_a",
      secretKey: "sb_secret_local",
      dbUrl: "postgres://x",
      functionsUrl: `${url}/functions/v1`,
      amocrmUrl: "http://127.0.0.1:1",
      pids: { dev: 1 },
    }),
  );
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

describe("findTarget", () => {
  it("takes the project of the environment, by its origin", () => {
    const environment = {
      SUPABASE_URL: " https://p.supabase.co/rest/v1/ ",
      SUPABASE_SECRET_KEY: "sb_secret_a",
    };
    expect(findTarget(environment, undefined)).toMatchObject({
      kind: "hosted",
      url: "https://p.supabase.co",
      secretKey: "sb_secret_a",
    });
  });

  it("takes the local stack when it is asked for, whatever the environment says", () => {
    const environment = { SUPABASE_URL: "https://p.supabase.co", SUPABASE_SECRET_KEY: "sb_secret_a" };
    expect(findTarget(environment, stackFile)).toMatchObject({ kind: "local", secretKey: "sb_secret_local" });
  });

  it.each([
    [{ SUPABASE_URL: "https://p.supabase.co" }, /SUPABASE_SECRET_KEY is not/],
    [{ SUPABASE_SECRET_KEY: "sb_secret_a" }, /SUPABASE_URL is not/],
    [{ SUPABASE_URL: "p.supabase.co", SUPABASE_SECRET_KEY: "sb_secret_a" }, /SUPABASE_URL is not an http/],
    [
      { SUPABASE_URL: "ftp://p.supabase.co", SUPABASE_SECRET_KEY: "sb_secret_a" },
      /SUPABASE_URL is not an http/,
    ],
  ])("refuses a half-set environment %# instead of taking another project", (environment, message) => {
    expect(() => findTarget(environment, undefined)).toThrow(message);
  });

  it("names the file where no local stack is", () => {
    const missing = path.join(folder, "none.json");
    expect(() => findTarget({}, missing)).toThrow(`There is no local stack at ${missing}`);
  });
});

describe("loadEnvFile", () => {
  it("adds to the run's own variables what is not set, even empty, and reads as Node does", () => {
    const file = path.join(folder, "variables.env");
    fs.writeFileSync(file, '# a remark\nexport AMOCRM_A="b c" # why\nAMOCRM_SET=file\nAMOCRM_EMPTY=file\n');
    const environment: Record<string, string | undefined> = { AMOCRM_SET: "shell", AMOCRM_EMPTY: "" };
    loadEnvFile(file, environment);
    expect(environment).toEqual({ AMOCRM_A: "b c", AMOCRM_SET: "shell", AMOCRM_EMPTY: "" });
    expect(process.env["AMOCRM_A"]).toBeUndefined();
  });
});
