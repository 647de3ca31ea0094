import type { MobizonServer } from "./mobizon-simulator/server.ts";

/** A simulated Mobizon unless the variables name a real one. */
export async function startSms(
  variables: Readonly<Record<string, string>>,
  ends: (() => Promise<unknown> | unknown)[],
): Promise<MobizonServer | undefined> {
  if ("MOBIZON_API_KEY" in variables || "MOBIZON_BASE_URL" in variables) return undefined;
  const { startMobizon } = await import("./mobizon-simulator/server.ts");
  const mobizon = await startMobizon();
  ends.push(() => mobizon.close());
  return mobizon;
}
