import { GATE, runParts } from "./parts.ts";

/** `npm test`: the gate, which every change passes. docs/testing.md says what it proves and what the deep run adds. */
runParts(GATE);
