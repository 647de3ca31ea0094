#!/usr/bin/env node
// In the repository the sources run; the package has the built command alone, since Node reads no TypeScript in node_modules.
import { existsSync } from "node:fs";

const source = new URL("../cli/main.ts", import.meta.url);
await import(existsSync(source) ? source : new URL("../dist/amocrm.js", import.meta.url));
