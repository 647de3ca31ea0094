/**
 * `npm run test:hosts`: what a newcomer types, from a fresh clone, on each Node and npm that the README promises.
 * Part of the deep run: an installation and a demo on each of seven hosts take some ten minutes.
 */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { englishIn } from "#tests/unit/words/english.ts";
import { type Host, REFUSED, SUPPORTED } from "./hosts.ts";
import { installHost } from "./install-host.ts";

const REPOSITORY = path.resolve(import.meta.dirname, "../..");
const COMMAND_TIMEOUT_MS = 40 * 60_000;
/** Whatever npm says but of the settings of whoever runs this, which are none of the project's. */
const OUR_WARNING = /npm (?:warn|error) (?!Unknown (?:user|global|env) config)/i;
const USAGE = `npm run test:hosts -- [--node 22] [--full]
  --node  only the hosts whose Node begins so
  --full  npm test as well, some 20 minutes on each host`;

const { values } = parseArgs({
  options: { node: { type: "string" }, full: { type: "boolean" }, help: { type: "boolean" } },
});
if (values.help) {
  console.log(USAGE);
  process.exit();
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "supabase-amocrm-hosts-"));
process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }));
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));

const chosen = (hosts: readonly Host[]): Host[] =>
  hosts.filter(({ node }) => node.startsWith(values.node ?? ""));
const faults: string[] = [];
for (const host of chosen(SUPPORTED)) report(host, faultOfSupported(host));
for (const host of chosen(REFUSED)) report(host, faultOfRefused(host));
console.log(faults.length === 0 ? "\nAll passed" : `\nFailed: ${faults.join(", ")}`);
process.exitCode = faults.length === 0 ? 0 : 1;

function report({ node, npm }: Host, fault: string | undefined): void {
  const name = `Node ${node} with npm ${npm}`;
  console.log(`${fault === undefined ? "ok  " : "FAIL"} ${name}${fault === undefined ? "" : `\n${fault}`}`);
  if (fault !== undefined) faults.push(name);
}

/** What is wrong on a host on which all must work without a warning; undefined if nothing. */
function faultOfSupported(host: Host): string | undefined {
  return onClone(host, (run) => {
    const install = run("npm", ["ci"]);
    if (install.status !== 0 || OUR_WARNING.test(install.output)) return install.output;
    // As who reads README.ru.md sees it: not one English sentence.
    const demo = run("npm", ["run", "--silent", "demo"], { LANG: "ru_RU.UTF-8" });
    if (demo.status !== 0 || englishIn(demo.output).length > 0) return demo.output;
    const commands = [["run", "check"], ...(values.full ? [["test"]] : [])];
    for (const command of commands) {
      const { status, output } = run("npm", command);
      if (status !== 0 || /EBADENGINE|ExperimentalWarning/.test(output)) return output;
    }
    return undefined;
  });
}

/** What is wrong on a host that must be refused, both by npm and by a script if npm was made to go on. */
function faultOfRefused(host: Host): string | undefined {
  return onClone(host, (run) => {
    const install = run("npm", ["ci"]);
    if (install.status === 0 || !install.output.includes("nvm install 24")) return install.output;
    const demo = run("npm", ["run", "--silent", "demo"]);
    const isSentence = demo.output.trim().split("\n").length === 1 && demo.output.includes("nvm install 24");
    return demo.status !== 0 && isSentence ? undefined : demo.output;
  });
}

/** How this machine reaches npm's registry, which is no host's own: without them npm 10 dies in the middle of npm ci. */
function networkVariables(): Record<string, string | undefined> {
  const isOne = (name: string): boolean =>
    /^(node_extra_ca_certs|ssl_cert_(file|dir)|(https?|no)_proxy)$/i.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => isOne(name)));
}

type Run = (
  command: string,
  args: readonly string[],
  more?: Readonly<Record<string, string>>,
) => { status: number | null; output: string };

function onClone(host: Host, use: (run: Run) => string | undefined): string | undefined {
  const clone = path.join(folder, `clone-${host.node}-${host.npm}`);
  const PATH = installHost(host, folder);
  // A clone has what was committed and nothing that lies about here; --no-local, so that it shares no file.
  spawnSync("git", ["clone", "--quiet", "--no-local", REPOSITORY, clone], { stdio: "inherit" });
  const env = { PATH, HOME: os.homedir(), CI: "true", ...networkVariables() };
  try {
    return use((command, args, more = {}) => {
      const { status, stdout, stderr } = spawnSync(command, args, {
        cwd: clone,
        env: { ...env, ...more },
        encoding: "utf8",
        timeout: COMMAND_TIMEOUT_MS,
        maxBuffer: 64 * 1024 * 1024,
      });
      return { status, output: `${stdout}${stderr}` };
    });
  } finally {
    fs.rmSync(clone, { recursive: true, force: true });
  }
}
