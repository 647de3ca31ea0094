import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { REPOSITORY } from "../../architecture/support/repository.ts";
import type { Answer, Commands } from "./commands.ts";
import type { InstalledPackage } from "./package.ts";
import { makeRunFolder } from "./run-folder.ts";

/** What the CLI of somebody's project has written, with a comment for each kind of place. */
export const CONFIG = `# Who we are
project_id = "theirs" # the name

[api]
schemas = ["public", "graphql_public"]

[db]
major_version = 17 # as hosted

[db.vault]
# ours alone
billing_key = "env(BILLING_KEY)" # never printed

[functions.hello]
verify_jwt = true # signed in only
# the end
`;

type Bin = "supabase-amocrm" | "amocrm";

/** Somebody's project, and the command of the package in it. */
export interface HostProject {
  folder: string;
  write(place: string, text: string): void;
  read(place: string): string;
  has(place: string): boolean;
  /** Files of migrations, in their order. */
  migrations(): string[];
  /** Hash by place of every file, but for what the CLI keeps for itself. */
  hashes(): Map<string, string>;
  /** `supabase-amocrm`, in the process of `commands` if there is one. */
  run(...args: string[]): Promise<Answer>;
  /** Either command of the package as a process of its own, with variables beside the few that it needs. */
  runWith(env: Readonly<Record<string, string>>, bin: Bin, ...args: string[]): Promise<Answer>;
  remove(): void;
}

/** An empty folder, in which the supabase folder will lie at `place`. */
export function createHostProject(
  installed: InstalledPackage,
  { place = "supabase", commands }: { place?: string; commands?: Commands } = {},
): HostProject {
  const { dir: folder, remove } = makeRunFolder("theirs");
  const at = (file: string): string => path.join(folder, place, file);
  const read = (file: string): string => fs.readFileSync(at(file), "utf8");
  const filesIn = (under: string): string[] =>
    fs.existsSync(at(under))
      ? fs
          .readdirSync(at(under), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => path.relative(at(""), path.join(entry.parentPath, entry.name)))
          .sort()
      : [];
  const environment = { PATH: process.env["PATH"] ?? "", HOME: folder, LANG: "C" };
  const runWith: HostProject["runWith"] = (env, bin, ...args) =>
    new Promise((resolve) => {
      const file = path.join(installed.folder, "bin", `${bin}.js`);
      const options = { cwd: folder, env: { ...environment, ...env }, encoding: "utf8" as const };
      execFile(process.execPath, [file, ...args], options, (error, stdout, stderr) =>
        resolve({ status: error === null ? 0 : Number(error.code), output: stdout + stderr }),
      );
    });
  return {
    folder,
    write(file, text) {
      fs.mkdirSync(path.dirname(at(file)), { recursive: true });
      fs.writeFileSync(at(file), text);
    },
    read,
    has: (file) => fs.existsSync(at(file)),
    migrations: () => filesIn("migrations").map((file) => path.basename(file)),
    hashes: () =>
      new Map(
        filesIn("")
          .filter((file) => !file.startsWith(".temp"))
          .map((file) => [file, createHash("sha256").update(read(file)).digest("hex")]),
      ),
    run: (...args) =>
      commands?.run({ cwd: folder, env: environment, args }) ?? runWith({}, "supabase-amocrm", ...args),
    runWith,
    remove,
  };
}

export const FOREIGN_COUNT = 40;

/** Forty migrations of the host, the last of them later than today, functions with shared code, and a config.toml. */
export function fillHostProject(project: HostProject): void {
  project.write("config.toml", CONFIG);
  for (let number = 1; number <= FOREIGN_COUNT; number++) {
    const version =
      number === FOREIGN_COUNT ? "20991231235900" : `202501010000${String(number).padStart(2, "0")}`;
    project.write(
      `migrations/${version}_theirs_${number}.sql`,
      `create table public.theirs_${number} (id int primary key);\n`,
    );
  }
  project.write("functions/_shared/greeting.ts", 'export const GREETING = "hello";\n');
  project.write(
    "functions/hello/index.ts",
    'import { GREETING } from "../_shared/greeting.ts";\nDeno.serve(() => new Response(GREETING));\n',
  );
}

/** Lays out 0.1.0 as it was before there was this command: copied by hand, as its README said. */
export function copyEarlierByHand(project: HostProject, sections: readonly string[]): void {
  const archive = path.join(REPOSITORY, "tests/data/supabase-0.1.0.tar.gz");
  execFileSync("tar", ["xzf", archive, "-C", project.folder, "--exclude=config.toml", "--exclude=seed.sql"]);
  project.write("config.toml", `${CONFIG}\n${sections.join("\n")}`);
}

export const slugsIn = ({ folder }: HostProject): string[] =>
  fs.readdirSync(path.join(folder, "supabase/functions")).filter((name) => !name.startsWith("_"));

/** Puts all migrations into one, each as `text` makes it of its own. */
export function squash(project: HostProject, text: (file: string) => string): void {
  const all = project.migrations().map((file) => text(project.read(`migrations/${file}`)));
  fs.rmSync(path.join(project.folder, "supabase/migrations"), { recursive: true });
  project.write("migrations/20261201000000_squashed.sql", all.join("\n"));
}

export const withoutComments = (text: string): string => text.replaceAll(/^--.*\n/gm, "");
