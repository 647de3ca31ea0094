import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readStackFile, removeStackFile, writeStackFile } from "#dev/stack/command/stack-file.ts";

const content = {
  url: "http://127.0.0.1:1",
  publishableKey: "p",
  secretKey: "s",
  dbUrl: "postgres://postgres@127.0.0.1:2/postgres",
  functionsUrl: "http://127.0.0.1:1/functions/v1",
  amocrmUrl: "http://127.0.0.1:3",
  pids: { dev: 10, functions: 11, postgres: 12 },
};
let dir: string;
let file: string;
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "stack-file-"));
  file = path.join(dir, "deep", "stack.json");
});
afterEach(() => fs.rmSync(dir, { recursive: true }));

describe("the stack file", () => {
  it("is read back as written, and leaves no temporary file", () => {
    writeStackFile(file, content);
    writeStackFile(file, { ...content, url: "http://127.0.0.1:9" });
    expect(readStackFile(file)).toEqual({ ...content, url: "http://127.0.0.1:9" });
    expect(fs.readdirSync(path.dirname(file))).toEqual(["stack.json"]);
  });

  it("is readable by its owner only, since it holds keys", () => {
    writeStackFile(file, content);
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  });

  it("is removed by the stack that wrote it", () => {
    writeStackFile(file, content);
    removeStackFile(file, 10);
    expect(fs.existsSync(file)).toBe(false);
  });

  it("is left alone when another stack has replaced it", () => {
    writeStackFile(file, content);
    removeStackFile(file, 99);
    expect(fs.existsSync(file)).toBe(true);
  });

  it("counts as absent when it is not there or holds something else", () => {
    expect(readStackFile(file)).toBeUndefined();
    writeStackFile(file, content);
    fs.writeFileSync(file, "{}");
    expect(readStackFile(file)).toBeUndefined();
  });
});
