import type { TestProject } from "vitest/node";
import { startServer } from "./server.ts";

/** Postgres 15, which older projects still have. */
export default function startServer15(project: TestProject): Promise<() => Promise<void>> {
  return startServer(project, 15);
}
