import type { Inbox, Source } from "../../outbox/inbox.ts";
import type { Log } from "../../platform/log.ts";
import { sha256Of } from "../../platform/secrets.ts";
import { type Change, changesOf, type Told } from "./change.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What the door of a network needs; variables are read as they are set. */
export interface DoorPorts {
  environment: Environment;
  inbox: Inbox;
  log: Log;
}

/** A delivery as it is kept. */
export interface Kept {
  key: string;
  /** Null: the right sender sent what nobody can read. */
  changes: Change[] | null;
}

/** A variable as it is set; empty if it is not. */
export function setting(environment: Environment, name: string): string {
  return environment[name]?.trim() ?? "";
}

/** The ids of a variable such as VK_GROUP_IDS; null if it is not set, which lets every one in. */
export function idsOf(environment: Environment, name: string): ReadonlySet<string> | null {
  const ids = setting(environment, name)
    .split(/[\s,;]+/)
    .filter((id) => id !== "");
  return ids.length === 0 ? null : new Set(ids);
}

/** Keeps a delivery; its origin says whether the door is open to any community, of which health warns. */
export function keepIn(inbox: Inbox, isOpen: boolean): Source<null, Kept, "stored" | "duplicate">["append"] {
  const origin = isOpen ? "any" : "named";
  return ({ key, changes }) =>
    inbox.append(
      changes === null
        ? { key, origin, body: null, isUnreadable: true, error: "unexpected_shape" }
        : { key, origin, body: { changes } },
    );
}

/** What is kept of what was told; of chatter nothing is, which is answered at once. */
export async function kept(key: string, told: readonly Told[] | null) {
  const changes = told === null ? null : await changesOf(told);
  return changes?.length === 0
    ? { keep: false as const, answer: new Response("ok") }
    : { keep: true as const, event: { key, changes } };
}

/** The sender's id of a delivery, or a hash of it where there is none that could be a key. */
export async function keyOf(id: string | undefined, text: string): Promise<string> {
  return id !== undefined && /^[\w:-]{1,100}$/.test(id) ? id : await sha256Of(text);
}
