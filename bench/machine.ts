import os from "node:os";

/** What the figures were measured on; shared machines drift, so compare within one run only. */
export function machine(): string {
  const [cpu] = os.cpus();
  const memoryGib = Math.round(os.totalmem() / 2 ** 30);
  return `${os.cpus().length} × ${cpu?.model ?? "unknown CPU"}, ${memoryGib} GiB, Node ${process.version}, embedded Postgres 17 with fsync off`;
}
