import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { functionSlugs, readJson } from "../architecture/support/repository.ts";
import { type InstalledPackage, packAndInstall } from "./support/package.ts";

let installed: InstalledPackage;
beforeAll(() => {
  installed = packAndInstall();
});
afterAll(() => fs.rmSync(installed.dir, { recursive: true, force: true }));

function run(command: string, ...args: string[]) {
  const env = { PATH: process.env["PATH"] ?? "", HOME: installed.dir };
  return spawnSync(process.execPath, [path.join(installed.folder, "bin", command), ...args], {
    cwd: installed.dir,
    env,
    encoding: "utf8",
  });
}

describe("the package that npm pack makes", () => {
  it("holds two commands, what they write, licences and documents, and nothing else", () => {
    const files = fs
      .readdirSync(installed.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) =>
        path.relative(installed.folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/"),
      );
    const isWritten = (file: string) => file.startsWith("dist/supabase/");
    const isDocument = (file: string) => /^docs\/.*\.md$/.test(file);
    expect(files.filter((file) => !isWritten(file) && !isDocument(file)).sort()).toEqual([
      ".env.example",
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "README.ru.md",
      "bin/amocrm.js",
      "bin/supabase-amocrm.js",
      "dist/LICENSES.txt",
      "dist/amocrm.js",
      "dist/payload.json",
      "dist/supabase-amocrm.js",
      "package.json",
    ]);
    const written = files.filter(isWritten);
    const entries = written.filter((file) => /^dist\/supabase\/functions\/[a-z-]+\/index\.ts$/.test(file));
    expect(entries.map((file) => path.basename(path.dirname(file))).sort()).toEqual(functionSlugs());
    expect(written.filter((file) => file.endsWith(".test.ts"))).toEqual([]);
  });

  it("depends on nothing, so that it brings nobody another Node, Deno or Supabase CLI", () => {
    const manifest = JSON.parse(fs.readFileSync(path.join(installed.folder, "package.json"), "utf8"));
    const { version } = readJson<{ version: string }>("package.json");
    expect(manifest).toMatchObject({ name: "supabase-amocrm", version });
    expect(Object.keys(manifest).filter((field) => /dependencies|scripts|private/i.test(field))).toEqual([]);
  });

  it("runs the operator's command, under the name that it has there", () => {
    const { stdout, status } = run("amocrm.js", "--help");
    expect(stdout).toContain("Usage: npx amocrm [options] [command]");
    expect(status).toBe(0);
    const unnamed = run("amocrm.js", "status");
    expect(unnamed.stderr).toContain("No project is named");
    expect(unnamed.status).toBe(2);
  });
});
