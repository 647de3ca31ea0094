import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { z } from "zod";
import type { Stop, StopNote } from "./session/port.ts";

const Kept = z.object({
  whom: z.string(),
  stop: z.object({
    state: z.enum(["password", "second_factor", "robot_check", "needs_person"]),
    reason: z.enum(["account_choice", "page_changed", "session_refused", "browser_missing"]).nullable(),
    message: z.string(),
    atMs: z.number(),
  }),
});

/**
 * Keeps in a file that a person has to act, without anything secret: a unit that is restarted by itself would else try
 * again, and amoCRM close the door. Another user or account is another matter.
 */
export function createStopNote(dir: string | null, whom: { origin: string; email: string }): StopNote {
  if (dir === null) return { read: () => null, write: () => undefined };
  const file = path.join(dir, "stopped.json");
  const key = createHash("sha256").update(`${whom.origin}\n${whom.email.toLowerCase()}`).digest("hex");
  return {
    read() {
      if (!fs.existsSync(file)) return null;
      const kept = Kept.safeParse(readJson(file));
      return kept.success && kept.data.whom === key ? kept.data.stop : null;
    },
    write(stop: Stop | null) {
      if (stop === null) {
        fs.rmSync(file, { force: true });
        return;
      }
      fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
      fs.writeFileSync(file, JSON.stringify({ whom: key, stop }), { mode: 0o600 });
    },
  };
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch {
    return null;
  }
}
