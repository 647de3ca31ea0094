import type { UnisenderServer } from "./unisender-simulator/server.ts";

/** A simulated Unisender unless the variables name a real one, or no mail can go by which it would be known. */
export async function startMailings(
  variables: Readonly<Record<string, string>>,
  mailFrom: string | undefined,
  ends: (() => Promise<unknown> | unknown)[],
): Promise<UnisenderServer | undefined> {
  if ("UNISENDER_API_KEY" in variables || "UNISENDER_BASE_URL" in variables) return undefined;
  const sender = /[^\s<>]+@[^\s<>]+/.exec(mailFrom ?? "")?.[0];
  if (sender === undefined) return undefined;
  const { startUnisender } = await import("./unisender-simulator/server.ts");
  const unisender = await startUnisender(sender);
  ends.push(() => unisender.close());
  return unisender;
}
