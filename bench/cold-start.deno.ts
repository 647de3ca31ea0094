/** Run by Deno: loads a function as a new worker does, calls it twice, and writes what CPU each answer took, or all that came of it. */
import process from "node:process";

const {
  url,
  request,
  isUntilEnd = false,
} = JSON.parse(process.argv[2] ?? "{}") as {
  url?: string;
  request?: { method: string; headers: Record<string, string>; body?: string };
  isUntilEnd?: boolean;
};
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const before = cpuMs();
const answers: { status: number; ms: number }[] = [];
const background: Promise<unknown>[] = [];
Object.assign(globalThis, {
  EdgeRuntime: { waitUntil: (work: Promise<unknown>) => background.push(work) },
});
if (url !== undefined && request !== undefined) {
  let since = before;
  const entry = (await import(url)) as { default: { fetch(request: Request): Promise<Response> } };
  for (let call = 0; call < 2; call++) {
    const { status } = await entry.default.fetch(new Request("http://127.0.0.1:9/", request));
    const answeredMs = cpuMs();
    // Else what goes on after the answer is not measured; it finds no database, and fails.
    await Promise.allSettled(background);
    answers.push({ status, ms: (isUntilEnd ? cpuMs() : answeredMs) - since });
    since = cpuMs();
  }
}
console.log(JSON.stringify({ answers }));
process.exit(0);
