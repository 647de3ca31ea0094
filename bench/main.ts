/** `npm run bench [-- --quick] [-- --only claim,delivery] [-- --write] [-- --check]`: figures for reading; only ratios are judged. */
import fs from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { benchAdminViews } from "./admin-views.ts";
import { benchBytes } from "./bytes.ts";
import { benchChurn } from "./churn.ts";
import { benchClaim } from "./claim.ts";
import { benchColdStart } from "./cold-start.ts";
import { benchCrash } from "./crash.ts";
import { benchDashboard } from "./dashboard.ts";
import { benchDelivery } from "./delivery.ts";
import { benchFirstDay } from "./first-day.ts";
import { asMarkdown, asText } from "./format.ts";
import { benchFunnel } from "./funnel.ts";
import { benchHooks } from "./hooks.ts";
import { benchInsertCost } from "./insert-cost.ts";
import { benchLinkResults } from "./link-results.ts";
import { benchLostAnswers } from "./lost-answers.ts";
import { benchLoyalty } from "./loyalty.ts";
import { machine } from "./machine.ts";
import type { Bench, BenchOptions, Report } from "./options.ts";
import { benchRedirect } from "./redirect.ts";
import { benchSocial } from "./social.ts";
import { benchThroughput } from "./throughput.ts";
import { benchVisitCost } from "./visit-cost.ts";

const BENCHES: Readonly<Record<string, Bench>> = {
  delivery: benchDelivery,
  "first-day": benchFirstDay,
  lost: benchLostAnswers,
  crash: benchCrash,
  insert: benchInsertCost,
  visit: benchVisitCost,
  claim: benchClaim,
  bytes: benchBytes,
  "cold-start": benchColdStart,
  churn: benchChurn,
  hooks: benchHooks,
  redirect: benchRedirect,
  social: benchSocial,
  throughput: benchThroughput,
  "admin-views": benchAdminViews,
  funnel: benchFunnel,
  loyalty: benchLoyalty,
  links: benchLinkResults,
  dashboard: benchDashboard,
};
/** These wait by their nature: for a lease to run out, for a look-up to be due. */
const NOT_QUICK = ["lost", "crash"];

const program = new Command("npm run bench --")
  .option("--quick", `small counts and one run each, under a minute; without ${NOT_QUICK.join(" and ")}`)
  .option("--only <names>", `some of ${Object.keys(BENCHES).join(", ")}; separated by commas`)
  .option("--write", "write docs/benchmarks.md")
  .option("--check", "fail if a ratio, which the machine does not bend, is larger than is sound")
  .parse();
const { quick, only, write, check } = program.opts<{
  quick?: true;
  only?: string;
  write?: true;
  check?: true;
}>();
const names =
  only?.split(",") ?? Object.keys(BENCHES).filter((name) => quick !== true || !NOT_QUICK.includes(name));
const unknown = names.find((name) => !(name in BENCHES));
if (unknown !== undefined) program.error(`--only: there is no ${unknown}`);
if (write && (quick || only !== undefined))
  program.error("--write wants the whole run: without --quick and --only");

const options: BenchOptions = {
  isQuick: quick === true,
  runs: quick === true ? 1 : 3,
  say: (text) => console.error(`… ${text}`),
};
const startedAt = new Date();
const reports: Report[] = [];
for (const name of names) {
  const bench = BENCHES[name];
  if (bench !== undefined) reports.push(await bench(options));
}
const minutes = ((Date.now() - startedAt.getTime()) / 60_000).toFixed(1);
console.log(machine());
for (const report of reports) console.log(asText(report));
console.log(`\n${minutes} minutes in all. Compare within one run only: shared machines drift.`);

if (check === true) {
  const ratios = reports.flatMap((report) => report.ratios ?? []);
  if (ratios.length === 0) program.error("--check: none of these benchmarks has a ratio to judge");
  for (const { name, value, max } of ratios) {
    // Not `value > max`, which a figure that is missing would pass.
    const isSound = value <= max;
    console.log(`${isSound ? "ok  " : "FAIL"} ${name}: ${value.toFixed(3)}, at most ${max}`);
    if (!isSound) process.exitCode = 1;
  }
}

if (write === true) {
  const text = `# Benchmarks

\`npm run bench -- --write\` made this on ${startedAt.toISOString().slice(0, 10)} in ${minutes} minutes, on a shared machine:
${machine()}.

Every figure stands beside its peer from the same run: contestants took turns, medians of ${options.runs} runs. Such a
machine drifts by 30 %, so compare within this page only.

${reports.map(asMarkdown).join("\n")}`;
  fs.writeFileSync(path.join(import.meta.dirname, "../docs/benchmarks.md"), text);
}
