import { refresh } from "./refresh.ts";
import { readOrTakeOver, type StoredTokensPorts } from "./stored-tokens.ts";

/** What a call by cron came to. `not_due`: somebody was faster, or this is no connection that is refreshed. */
export interface RefreshReport {
  outcome: "renewed" | "not_due" | "busy" | "not_yet" | "unusable";
  /** Why nothing was renewed; null if that needs no reason. */
  code: string | null;
}

/** Refreshes ahead of time if the database says that it is due. A drain then never meets a token that ends. */
export async function refreshDue(ports: StoredTokensPorts): Promise<RefreshReport> {
  const tokens = await readOrTakeOver(ports);
  if (!("version" in tokens)) return { outcome: "unusable", code: tokens.state };
  if (!tokens.isDue) return { outcome: "not_due", code: null };
  const end = await refresh(tokens, ports);
  switch (end.outcome) {
    case "renewed":
    case "busy":
      return { outcome: end.outcome, code: null };
    case "not_yet":
      return { outcome: "not_yet", code: end.code };
    case "ended":
      return { outcome: "unusable", code: (await ports.store.read()).state };
  }
}
