import fs from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { MODULES } from "#installer/modules.ts";
import { functionSlugs } from "../architecture/support/repository.ts";
import { COLLISIONS, ENTRY, SHARED } from "./support/collisions.ts";
import { type Commands, startCommands } from "./support/commands.ts";
import {
  CONFIG,
  createHostProject,
  FOREIGN_COUNT,
  fillHostProject,
  type HostProject,
  slugsIn,
  squash,
  withoutComments,
} from "./support/host-project.ts";
import { type InstalledPackage, installedPackage } from "./support/package.ts";

let installed: InstalledPackage;
let commands: Commands;
let project: HostProject;
let opened: HostProject[];
beforeAll(async () => {
  installed = await installedPackage();
  commands = startCommands(installed);
});
afterAll(() => commands.stop());
beforeEach(() => {
  project = createHostProject(installed, { commands });
  opened = [project];
});
afterEach(() => {
  for (const one of opened) one.remove();
});

const oursIn = (one: HostProject): string[] => one.migrations().filter((file) => file.includes("_amocrm_"));

describe("supabase-amocrm init", () => {
  it("makes a project of an empty folder, and finds nothing to do the second time", async () => {
    const first = await project.runWith({}, "supabase-amocrm", "init", "--yes");
    expect(first.status).toBe(0);
    expect(slugsIn(project)).toEqual(functionSlugs());
    expect(project.read("config.toml")).toContain("project_id = ");
    const before = project.hashes();
    const again = await project.run("init", "--yes");
    expect(again).toMatchObject({ status: 0, output: expect.stringContaining("nothing to do") });
    expect(project.hashes()).toEqual(before);
  });

  it("adds to a project with migrations and functions of its own, behind them, and touches none of them", async () => {
    fillHostProject(project);
    const before = project.hashes();
    expect((await project.run("init", "--yes")).status).toBe(0);
    const after = project.hashes();
    for (const [place, hash] of before)
      if (place !== "config.toml") expect(after.get(place), place).toBe(hash);
    const files = project.migrations();
    expect(files.slice(0, FOREIGN_COUNT).every((file) => file.includes("theirs"))).toBe(true);
    expect(files.slice(FOREIGN_COUNT)).toEqual(oursIn(project));
    expect(oursIn(project)[0]).toMatch(/^20991231235901_amocrm_/);
    const added = project
      .read("config.toml")
      .split("\n")
      .filter((line) => !CONFIG.split("\n").includes(line));
    const rest = project
      .read("config.toml")
      .split("\n")
      .filter((line) => !added.includes(line));
    expect(rest.filter((line) => line !== "")).toEqual(CONFIG.split("\n").filter((line) => line !== ""));
  });

  it("marks each file with version and hash, and writes down what it has written", async () => {
    await project.run("init", "--yes");
    for (const file of oursIn(project)) {
      expect(project.read(`migrations/${file}`), file).toMatch(
        /^-- supabase-amocrm \d+\.\d+\.\d+ \d+_\w+ sha256:[0-9a-f]{64}\n/,
      );
    }
    expect(project.read(ENTRY)).toMatch(/^\/\/ supabase-amocrm .* amocrm-drain\/index\.ts sha256:/);
    const record = JSON.parse(project.read("supabase-amocrm.json"));
    expect(record).toMatchObject({ package: "supabase-amocrm", modules: MODULES });
    expect(Object.keys(record.files)).toContain(`${SHARED}/deno.json`);
  });

  it("finds the folder of a monorepo", async () => {
    const monorepo = createHostProject(installed, { place: "apps/web/supabase", commands });
    opened.push(monorepo);
    monorepo.write("config.toml", CONFIG);
    expect((await monorepo.run("init", "--yes", "--supabase-dir", "apps/web/supabase")).status).toBe(0);
    expect(monorepo.has(ENTRY)).toBe(true);
    expect((await monorepo.run("doctor", "--supabase-dir", "apps/web")).status).toBe(0);
    expect(fs.readdirSync(monorepo.folder)).toEqual(["apps"]);
  });

  it("keeps comments and line endings of a config.toml from Windows, byte for byte", async () => {
    const windows = CONFIG.replaceAll("\n", "\r\n");
    project.write("config.toml", windows);
    await project.run("init", "--yes");
    const patched = project.read("config.toml");
    expect(patched.replaceAll("\r\n", "")).not.toContain("\n");
    expect(patched).toContain("[functions.amocrm-drain]\r\n");
    await project.run("uninstall", "--yes");
    expect(project.read("config.toml")).toBe(windows);
  });

  it("takes files that Git has given other line endings for its own", async () => {
    await project.run("init", "--yes");
    for (const [place] of project.hashes()) {
      project.write(place, project.read(place).replaceAll("\n", "\r\n"));
    }
    expect(await project.run("init", "--yes")).toMatchObject({
      status: 0,
      output: expect.stringContaining("nothing to do"),
    });
  });

  it("prints all that it would do with --dry-run, with a code for pipelines, and does nothing", async () => {
    fillHostProject(project);
    const before = project.hashes();
    const { status, output } = await project.run("init", "--dry-run");
    expect(status).toBe(2);
    expect(project.hashes()).toEqual(before);
    const told = [...output.matchAll(/^ {2}[+~] (\S+)$/gm)].map(([, place = ""]) => place);
    await project.run("init", "--yes");
    const changed = [...project.hashes()].filter(([place, hash]) => before.get(place) !== hash);
    const untimed = (place: string): string => place.replace(/\d{14}/, "");
    expect(told.map(untimed).sort()).toEqual(changed.map(([place]) => untimed(place)).sort());
    expect((await project.run("init", "--dry-run")).status).toBe(0);
  });

  it("writes the functions of the modules that are named, and of those that they need", async () => {
    const { output } = await project.run("init", "--yes", "--modules", "school");
    expect(output).toContain("The module school needs amocrm: both are taken.");
    expect(output).toContain("The module school needs mail: both are taken.");
    expect(slugsIn(project)).not.toContain("form-submit");
    expect(slugsIn(project)).toContain("tripwire-students");
    expect((await project.run("init", "--yes", "--modules", "forms,links,loyalty,sms")).status).toBe(0);
    expect(slugsIn(project)).toEqual(functionSlugs());
    await project.run("uninstall", "--yes", "--modules", "school");
    expect(slugsIn(project).filter((slug) => slug.startsWith("tripwire-"))).toEqual([]);
    expect(slugsIn(project)).toContain("form-submit");
  });

  it("takes the dashboard with what its page asks, and with nothing else", async () => {
    const { status, output } = await project.run("init", "--yes", "--modules", "dashboard");
    expect(status).toBe(0);
    for (const needed of ["amocrm", "analytics"])
      expect(output).toContain(`The module dashboard needs ${needed}: both are taken.`);
    expect(slugsIn(project)).toEqual(functionSlugs().filter((slug) => slug.startsWith("amocrm-")));
    const record = JSON.parse(project.read("supabase-amocrm.json"));
    expect(record.modules).toEqual(["amocrm", "analytics", "dashboard"]);
    const migrations = oursIn(project)
      .map((file) => project.read(`migrations/${file}`))
      .join("\n");
    for (const name of ["amocrm_dashboard", "amocrm_settings_now", "landing_funnel_sums"])
      expect(migrations).toContain(`create function public.${name}(`);
    expect((await project.run("init", "--yes", "--modules", "dashboard")).output).toContain("nothing to do");
    expect((await project.run("uninstall", "--yes", "--modules", "dashboard")).status).toBe(0);
    expect(slugsIn(project)).toContain("amocrm-admin");
  });

  it("refuses a module that there is not by its name", async () => {
    const { status, output } = await project.run("init", "--yes", "--modules", "amocrm,sales");
    expect(status).toBe(1);
    expect(output).toContain("sales");
    expect(fs.readdirSync(project.folder)).toEqual([]);
  });

  it("asks nobody where nobody can be asked", async () => {
    const { status, output } = await project.run("init");
    expect({ status, output }).toMatchObject({ status: 1, output: expect.stringContaining("add --yes") });
    expect(fs.readdirSync(project.folder)).toEqual([]);
  });

  it("leaves all as it was when it fails half-way", async () => {
    fillHostProject(project);
    fs.rmSync(path.join(project.folder, "supabase/functions"), { recursive: true });
    // Migrations are written before the folder turns out to be a file.
    project.write("functions", "a file");
    const before = project.hashes();
    const { status, output } = await project.run("init", "--yes");
    expect({ status, output }).toMatchObject({
      status: 1,
      output: expect.stringContaining("all is as it was"),
    });
    expect(project.hashes()).toEqual(before);
    expect(project.has(".temp")).toBe(false);
  });

  it("answers in Russian where it is asked to", async () => {
    expect((await project.run("init", "--dry-run", "--lang", "ru")).output).toContain("ничего не записано");
    expect((await project.run("start", "--lang=ru")).output).toBe(
      "✗ Команды start нет: supabase-amocrm --help\n",
    );
  });
});

describe("a collision", () => {
  it.each(COLLISIONS)("of a %s is told before anything is written", async (_, place, text, told) => {
    project.write(place, text);
    const before = project.hashes();
    const { status, output } = await project.run("init", "--yes");
    expect({ status, output }).toMatchObject({ status: 1, output: expect.stringContaining(told) });
    expect(project.hashes()).toEqual(before);
  });

  it("is none in a comment, nor in a name that only begins like ours", async () => {
    project.write(
      "migrations/20250101000000_own.sql",
      "-- create schema amocrm;\ncreate schema amocrm_archive;\ncreate table public.landing_leads (id uuid primary key);\n",
    );
    expect((await project.run("init", "--yes")).status).toBe(0);
  });
});

describe("what the host has changed", () => {
  it("is not overwritten nor taken away: the files to compare are named", async () => {
    await project.run("init", "--yes");
    project.write(ENTRY, `${project.read(ENTRY)}// mine\n`);
    const before = project.hashes();
    for (const command of ["update", "uninstall"]) {
      const { status, output } = await project.run(command, "--yes");
      expect({ status, output }).toMatchObject({ status: 1, output: expect.stringContaining(ENTRY) });
      const [, ours = ""] = /see diff (\S+) /.exec(output) ?? [];
      expect(project.read(ENTRY)).toBe(
        `${fs.readFileSync(path.join(project.folder, ours), "utf8")}// mine\n`,
      );
      expect(project.hashes()).toEqual(before);
    }
    expect((await project.run("doctor")).status).toBe(1);
    fs.rmSync(path.join(project.folder, "supabase", ENTRY));
    expect((await project.run("doctor")).output).toContain(`+ ${ENTRY}`);
    expect((await project.run("update", "--yes")).status).toBe(0);
    expect((await project.run("doctor")).status).toBe(0);
  });
});

describe("what is not there", () => {
  it("is neither updated nor taken out, before init and after uninstall", async () => {
    fillHostProject(project);
    const isAbsent = async () => {
      expect(await project.run("update", "--yes")).toMatchObject({
        status: 1,
        output: expect.stringContaining("init"),
      });
      expect(await project.run("uninstall", "--yes")).toMatchObject({
        status: 0,
        output: expect.stringContaining("Nothing of it is here"),
      });
    };
    await isAbsent();
    await project.run("init", "--yes");
    await project.run("uninstall", "--yes");
    const before = project.hashes();
    await isAbsent();
    expect(project.hashes()).toEqual(before);
  });

  it("is a downgrade, which is refused, where a newer version is installed", async () => {
    await project.run("init", "--yes");
    project.write(
      "supabase-amocrm.json",
      project.read("supabase-amocrm.json").replace(/"version": "[^"]+"/, '"version": "99.0.0"'),
    );
    expect(await project.run("update", "--yes")).toMatchObject({
      status: 1,
      output: expect.stringContaining("99.0.0"),
    });
  });
});

describe("a squashed history", () => {
  it("that kept our marks is taken for what it is", async () => {
    await project.run("init", "--yes");
    squash(project, (text) => text);
    expect(await project.run("update", "--yes")).toMatchObject({
      status: 0,
      output: expect.stringContaining("nothing to do"),
    });
    expect(project.migrations()).toEqual(["20261201000000_squashed.sql"]);
  });

  it("that lost them is known by our record, and without it by a person's word", async () => {
    await project.run("init", "--yes");
    squash(project, withoutComments);
    expect((await project.run("update", "--yes")).status).toBe(0);
    expect(project.migrations()).toEqual(["20261201000000_squashed.sql"]);

    fs.rmSync(path.join(project.folder, "supabase/supabase-amocrm.json"));
    const { status, output } = await project.run("init", "--yes");
    expect(status).toBe(1);
    const [, remedy = ""] = /supabase-amocrm (init --baseline \S+), else/.exec(output) ?? [];
    expect((await project.run("init", "--yes", "--baseline", "9.9.9")).status).toBe(1);
    expect((await project.run(...remedy.split(" "), "--yes")).status).toBe(0);
    expect(project.migrations()).toEqual(["20261201000000_squashed.sql"]);
    await project.run("uninstall", "--yes");
    expect(project.migrations().at(-1)).toContain("_amocrm_uninstall.sql");
  });
});
