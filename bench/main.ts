import { benchClaim } from "./claim.ts";
import { machine } from "./machine.ts";

/** `npm run bench`: all benchmarks in one run. Figures are for reading; no test asserts wall-clock times. */
console.log(machine());
await benchClaim(console.log);
