import { GATE, runParts } from "./parts.ts";

/** `npm run test:deep`: the gate's tests in full size, and what takes too long for each change. It runs at night. */
const SEEDS_A_DAY = 5_000;
const DAY_MS = 86_400_000;
/** Of the day (UTC), so that each night tries other histories and a failed one can be repeated by its number. */
const firstSeed = Math.floor(Date.now() / DAY_MS) * SEEDS_A_DAY;

const simulation = (...flags: string[]) => ["tests/simulation/main.ts", ...flags];

runParts(
  [
    ...GATE,
    {
      name: `${SEEDS_A_DAY} simulated runs from seed ${firstSeed}`,
      args: simulation("--seed", String(firstSeed), "--runs", String(SEEDS_A_DAY), "--keep-going"),
    },
    // npm's packages of Node that it takes are those for Linux.
    ...(process.platform === "linux"
      ? [{ name: "installation, check and demo on each Node and npm", args: ["dev/hosts/main.ts"] }]
      : []),
    { name: "every mutant noticed by random runs", args: simulation("--mutants", "--runs", "200") },
    {
      name: "benchmarks, judged by ratios",
      args: ["bench/main.ts", "--check", "--only", "delivery,insert,claim"],
    },
  ],
  { TEST_SIZES: "deep" },
);
