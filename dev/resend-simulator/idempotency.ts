/** How long Resend remembers a key. */
const MEMORY_MS = 24 * 3_600_000;

interface Remembered {
  body: string;
  atMs: number;
  /** Null while the request is under way, and for one that was refused. */
  mailId: string | null;
  isUnderWay: boolean;
}

/** What a key means for a request that brings it. */
type KeyState = "new" | "under_way" | "other_body" | { mailId: string };

/** The keys that were used, each bound to the body that it came with. */
export interface KeyMemory {
  begin(key: string, body: string, nowMs: number): KeyState;
  end(key: string, mailId: string | null): void;
}

export function createKeyMemory(): KeyMemory {
  const known = new Map<string, Remembered>();
  return {
    begin(key, body, nowMs) {
      const earlier = known.get(key);
      if (earlier !== undefined && nowMs - earlier.atMs < MEMORY_MS) {
        if (earlier.body !== body) return "other_body";
        if (earlier.isUnderWay) return "under_way";
        if (earlier.mailId !== null) return { mailId: earlier.mailId };
      }
      known.set(key, { body, atMs: nowMs, mailId: null, isUnderWay: true });
      return "new";
    },
    end(key, mailId) {
      const entry = known.get(key);
      if (entry !== undefined) Object.assign(entry, { mailId, isUnderWay: false });
    },
  };
}
