#!/usr/bin/env node
/** `npm run amocrm -- <command>`: the operator's command, against a hosted project or the local stack. */
import { run } from "./run.ts";

// The reader of our output has enough (… | head -1): nothing is left to be said.
process.stdout.on("error", () => process.exit());

await run(process);
