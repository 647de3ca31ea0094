import { seededRandom } from "#dev/amocrm-simulator/ports.ts";

/** Randomness of one part of a run; parts have their own, so that a change in one does not shift the others. */
export interface Chance {
  /** From 0 (inclusive) to 1 (exclusive). */
  next: () => number;
  /** An integer from 0 to below the limit. */
  below(limit: number): number;
  between(low: number, high: number): number;
  pick<T>(from: readonly T[]): T;
  happens(probability: number): boolean;
  uuid(): string;
}

export function createChance(seed: number, part: string): Chance {
  let mixed = seed >>> 0;
  for (const char of part) mixed = (Math.imul(mixed ^ char.charCodeAt(0), 0x9e37_79b1) + 0x7f4a_7c15) >>> 0;
  const next = seededRandom(mixed);
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    between: (low, high) => low + below(high - low + 1),
    pick<T>(from: readonly T[]): T {
      return from[below(from.length)] as T;
    },
    happens: (probability) => next() < probability,
    uuid() {
      const hex = Array.from({ length: 32 }, () => below(16).toString(16)).join("");
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
  };
}
