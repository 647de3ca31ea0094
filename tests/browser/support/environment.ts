import type { Environment } from "vitest/runtime";
import { WORKER_ENDS, type WorkerEnds } from "./of-worker.ts";

/** Node, and the end of what the worker's files share: no hook of a test file comes after the worker's last file. */
export default {
  name: "browser-worker",
  viteEnvironment: "ssr",
  setup(global: WorkerEnds) {
    const ends: (() => Promise<unknown>)[] = [];
    global[WORKER_ENDS] = ends;
    return {
      async teardown() {
        for (const end of ends.reverse()) await end();
      },
    };
  },
} satisfies Environment;
