import earlier from "./known/0.1.0.json" with { type: "json" };
import type { Payload } from "./payload.ts";

/**
 * Files that were copied by hand, as the README said before there was this command: 0.1.0 as it stood then, which had its
 * shared code in functions/_shared itself.
 */
export const BY_HAND = earlier as {
  migrations: Readonly<Record<string, string>>;
  /** Hashes by the place under supabase/. */
  files: Readonly<Record<string, string>>;
  /** Of config.toml, with the comment above each and without. */
  sections: readonly string[];
};

/** Steps by the hash of a file without a mark: those of that time, and of this package if somebody copies from it. */
export function knownSteps({ migrations }: Payload): Map<string, string> {
  return new Map([
    ...Object.entries(BY_HAND.migrations).map(([step, hash]) => [hash, step] as const),
    ...migrations.map(({ hash, step }) => [hash, step] as const),
  ]);
}

/** Names of functions that are or have been ours. */
export function everySlug({ functions }: Payload): string[] {
  const earlierOnes = Object.keys(BY_HAND.files).flatMap(
    (place) => /^functions\/([a-z][a-z-]*)\/index\.ts$/.exec(place)?.[1] ?? [],
  );
  return [...new Set([...functions.map(({ slug }) => slug), ...earlierOnes])];
}
