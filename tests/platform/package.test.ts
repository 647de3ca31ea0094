import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PAGES } from "#cli/pages/order.ts";
import { buildPage } from "#dev/pages/build.ts";
import { functionSlugs, readJson } from "../architecture/support/repository.ts";
import { type InstalledPackage, installedPackage } from "./support/package.ts";
import { makeRunFolder } from "./support/run-folder.ts";

const { dir, remove } = makeRunFolder("pages");
let installed: InstalledPackage;
beforeAll(async () => {
  installed = await installedPackage();
});
afterAll(remove);

function run(command: string, ...args: string[]) {
  const env = { PATH: process.env["PATH"] ?? "", HOME: dir };
  return spawnSync(process.execPath, [path.join(installed.folder, "bin", command), ...args], {
    cwd: dir,
    env,
    encoding: "utf8",
  });
}

describe("the package that npm pack makes", () => {
  it("holds two commands, what they write, the pages, licences and documents, and nothing else", () => {
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
      "dist/pages/card.html",
      "dist/pages/dashboard.html",
      "dist/pages/managers.html",
      "dist/pages/unsubscribe.html",
      "dist/pages/welcome.html",
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

  it.each(PAGES)(
    "writes the page %s for a project, byte for byte as this repository builds it",
    async (name) => {
      const project = {
        url: "https://abcdefghijklmnopqrst.supabase.co",
        publishableKey: "sb_publishable_x_1",
      };
      const { stdout, status } = run(
        "amocrm.js",
        ...[
          "page",
          name,
          "--url",
          `${project.url}/`,
          "--key",
          project.publishableKey,
          "--out",
          `site/${name}.html`,
        ],
      );
      expect([stdout, status]).toEqual([expect.stringContaining(`site/${name}.html`), 0]);
      const written = fs.readFileSync(path.join(dir, "site", `${name}.html`), "utf8");
      expect(written).toBe(await buildPage(name, project));
      expect(written).toContain(`connect-src ${project.url};`);
      expect(written).not.toContain("project.invalid");
    },
  );

  it("writes no page with a secret key, without a project, or that it does not know, and says how it is called", () => {
    const secret = run(
      "amocrm.js",
      "page",
      "dashboard",
      "--url",
      "https://x.supabase.co",
      "--key",
      "sb_secret_x",
    );
    expect([secret.stderr, secret.status]).toEqual([expect.stringContaining("not a publishable key"), 2]);
    const unnamed = run("amocrm.js", "page", "dashboard");
    expect([unnamed.stderr, unnamed.status]).toEqual([
      expect.stringContaining("npx amocrm page dashboard"),
      2,
    ]);
    expect(run("amocrm.js", "page", "settings").status).toBe(2);
    expect(fs.existsSync(path.join(dir, "dashboard.html"))).toBe(false);
    expect(run("amocrm.js", "page", "--help").stdout).toContain("npx amocrm page dashboard --url");
  });
});
