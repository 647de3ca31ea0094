import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/** What the figures were measured on; shared machines drift, so compare within one run only. */
export function machine(): string {
  const [cpu] = os.cpus();
  const memoryGib = Math.round(os.totalmem() / 2 ** 30);
  return (
    `${os.cpus().length} × ${cpu?.model ?? "unknown CPU"}, ${memoryGib} GiB, ${os.type()} ${os.release()}, Node ${process.version}, ` +
    `Postgres 17 (embedded), fsync on, synchronous_commit on, shared_buffers 1 GB; ` +
    `graphile-worker ${versionOf("graphile-worker")}, pg-boss ${versionOf("pg-boss")}`
  );
}

function versionOf(name: string): string {
  const file = path.join(import.meta.dirname, "../node_modules", name, "package.json");
  return (JSON.parse(fs.readFileSync(file, "utf8")) as { version: string }).version;
}
