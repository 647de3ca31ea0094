import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { REFUSED, SUPPORTED } from "#dev/hosts/hosts.ts";

interface HostFacts {
  platform: string;
  node: string;
  npm?: string;
  isInstalled: boolean;
  hasBrought: boolean;
}

const REPOSITORY = path.resolve(import.meta.dirname, "../../..");
const RUN = path.join(REPOSITORY, "dev/hosts/run.cjs");
const { decide, isInstalled, sentence } = createRequire(import.meta.url)(RUN) as {
  decide(host: HostFacts): { run?: string; say?: string };
  isInstalled(root: string): boolean;
  sentence(name: string, host: HostFacts, environment: Record<string, string>): string;
};

const LINUX: HostFacts = {
  platform: "linux",
  node: "24.21.0",
  npm: "11.19.1",
  isInstalled: true,
  hasBrought: true,
};

describe("an installation", () => {
  it("is none if npm died over it and left a folder empty", () => {
    const root = fs.mkdtempSync(path.join(os.tmpdir(), "half-installed-"));
    try {
      const put = (file: string, content: object): void => {
        fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
        fs.writeFileSync(path.join(root, file), JSON.stringify(content));
      };
      put("package.json", { dependencies: { "@a/b": "1.0.0" }, devDependencies: { c: "1.0.0" } });
      put("node_modules/c/package.json", {});
      fs.mkdirSync(path.join(root, "node_modules/@a/b"), { recursive: true });
      expect(isInstalled(root)).toBe(false);
      put("node_modules/@a/b/package.json", {});
      expect(isInstalled(root)).toBe(true);
      expect(isInstalled(REPOSITORY)).toBe(true);
    } finally {
      fs.rmSync(root, { recursive: true, force: true });
    }
  });
});

describe("the first line of each script", () => {
  it.each(SUPPORTED.map(({ node, npm }) => [node, npm]))("runs on Node %s with npm %s", (node, npm) => {
    expect(decide({ ...LINUX, node, npm })).toHaveProperty("run");
  });

  it.each(REFUSED.map(({ node, npm }) => [node, npm]))("refuses Node %s with npm %s", (node, npm) => {
    expect(decide({ ...LINUX, node, npm })).toEqual({ say: "node" });
  });

  it.each([
    ["20.20.0", "brought"],
    ["22.17.1", "brought"],
    ["22.18.0", "here"],
    ["23.5.0", "brought"],
    ["23.6.0", "here"],
    ["26.12.1", "here"],
  ])("takes for Node %s the one that is %s", (node, run) => {
    expect(decide({ ...LINUX, node })).toEqual({ run });
  });

  it.each<[string, Partial<HostFacts>]>([
    ["windows", { platform: "win32" }],
    ["platform", { platform: "freebsd" }],
    ["node", { node: "20.19.6" }],
    ["npm", { npm: "9.9.4" }],
    ["install", { isInstalled: false }],
    ["node", { node: "20.20.2", hasBrought: false }],
  ])("says %s for %j", (say, facts) => {
    expect(decide({ ...LINUX, ...facts })).toEqual({ say });
  });

  it("asks for no npm where node was called without it", () => {
    const { npm: _, ...direct } = LINUX;
    expect(decide(direct)).toEqual({ run: "here" });
  });

  it("says what to type in the language of the shell", () => {
    const old = { ...LINUX, node: "18.20.8" };
    expect(sentence("node", old, { LANG: "C.UTF-8" })).toBe(
      "Node 18.20.8 is not supported: type nvm install 24 (or install Node 24 from nodejs.org), then npm ci.",
    );
    expect(sentence("node", old, { LANG: "ru_RU.UTF-8" })).toContain("введите nvm install 24");
    expect(sentence("windows", old, { LC_ALL: "en_US", LANG: "ru_RU.UTF-8" })).toContain(
      "type wsl --install",
    );
  });

  it("hands the arguments on, and the exit code back", () => {
    const { status, stdout } = spawnSync(
      process.execPath,
      [RUN, "tests/unit/dev-hosts/argv-probe.ts", "--one", "two words"],
      { encoding: "utf8", cwd: REPOSITORY },
    );
    expect(JSON.parse(stdout)).toEqual(["--one", "two words"]);
    expect(status).toBe(7);
  });
});
