import { createHash } from "node:crypto";

/** The platform gives a call two seconds of CPU (reference/supabase-platform.md). */
const PLATFORM_CPU_MAX_MS = 2000;
/** What `referenceWork` costs a machine on which a call may take all of that. */
const REFERENCE_CPU_MS = 100;

/** What a function does most: builds objects, writes and reads JSON, takes hashes. */
function referenceWork(): number {
  const began = process.cpuUsage();
  let text = "";
  for (let round = 0; round < 160; round++) {
    const rows = Array.from({ length: 1000 }, (_, id) => ({
      id,
      name: `row ${id}`,
      values: [text.length, round],
    }));
    text = createHash("sha256").update(JSON.stringify(rows)).digest("hex");
    if (JSON.parse(JSON.stringify(rows)).length !== rows.length) throw new Error("JSON lost a row");
  }
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000;
}

/**
 * The CPU that a call may take on this machine as it is now, in ms: the platform's two seconds, and as much more as the
 * same work takes here. A limit in plain milliseconds would judge the machine.
 */
export function callCpuMaxMs(): number {
  const costs = Array.from({ length: 5 }, referenceWork).sort((a, b) => a - b);
  const slowness = Math.max(1, (costs[2] as number) / REFERENCE_CPU_MS);
  return Math.round(PLATFORM_CPU_MAX_MS * slowness);
}
