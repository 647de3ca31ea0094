import { underOwnNames } from "./own-names.ts";

/** The little that the edge runtime offers beyond web standards. */
interface EdgeGlobals {
  EdgeRuntime?: { waitUntil(promise: Promise<unknown>): void };
  Deno?: { env: { toObject(): Record<string, string> } };
}

const globals = globalThis as unknown as EdgeGlobals;

/** Keeps the worker alive for work that goes on after the answer. */
export function workOn(promise: Promise<unknown>): void {
  globals.EdgeRuntime?.waitUntil(promise);
}

/** All variables of the function, under the names by which they are known. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return underOwnNames(variables());
}

/** All variables as they are. */
export function variables(): Readonly<Record<string, string | undefined>> {
  return globals.Deno?.env.toObject() ?? {};
}

/** Aborted when the platform is about to end this worker, some seconds before it does. */
export function endingSignal(): AbortSignal {
  const controller = new AbortController();
  globalThis.addEventListener("beforeunload", () => controller.abort(), { once: true });
  return controller.signal;
}
