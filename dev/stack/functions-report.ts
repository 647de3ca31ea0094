import { z } from "zod";

const callSchema = z.object({
  name: z.string(),
  status: z.int(),
  startedAt: z.number(),
  wallMs: z.number(),
  cpuMs: z.number(),
  alone: z.boolean(),
});

/**
 * One finished call of a function. `startedAt` is Unix time in milliseconds; `wallMs` runs from the request to the
 * end of the last promise given to EdgeRuntime.waitUntil; `cpuMs` is the CPU time of the whole process in that
 * span, so it counts other calls' work as well unless the call was `alone`.
 */
export type FunctionCall = z.infer<typeof callSchema>;

/** What functions.deno.ts reports on stdout; it writes the same prefix. */
const REPORT_PREFIX = "::dev-stack::";
const reportSchema = z.discriminatedUnion("event", [
  z.object({ event: z.literal("ready"), port: z.int(), names: z.array(z.string()) }),
  z.object({ event: z.literal("begin"), name: z.string() }),
  z.object({ event: z.literal("call"), call: callSchema }),
]);
export type FunctionsReport = z.infer<typeof reportSchema>;

/** The report in a line of stdout; undefined for a line that a function wrote. */
export function parseReport(line: string): FunctionsReport | undefined {
  if (!line.startsWith(REPORT_PREFIX)) return undefined;
  return reportSchema.parse(JSON.parse(line.slice(REPORT_PREFIX.length)));
}
