/**
 * `npm run trim-lock`: takes the engines of packages out of package-lock.json. The project's scripts run on a Node
 * that it brings if the host's is too old, so that what packages ask of the host is nothing to warn of, and
 * engine-strict in .npmrc refuses for the project's own engines only.
 */
import fs from "node:fs";
import path from "node:path";

const LOCK = path.resolve(import.meta.dirname, "../../package-lock.json");

const lock = JSON.parse(fs.readFileSync(LOCK, "utf8")) as {
  packages: Record<string, { engines?: unknown }>;
};
for (const [place, entry] of Object.entries(lock.packages)) if (place !== "") delete entry.engines;
fs.writeFileSync(LOCK, `${JSON.stringify(lock, null, 2)}\n`);
