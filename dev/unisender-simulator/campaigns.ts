/** A mail that waits for campaigns. */
export interface SimulatedMessage {
  id: string;
  listId: string;
  tag: string | null;
  subject: string;
}

export interface SimulatedCampaign {
  id: string;
  messageId: string;
  startMs: number;
  createdMs: number;
  count: number;
  /** What moderators do with it: let it pass after a minute, hold it, or decline it. */
  censorship: "pass" | "hold" | "decline";
  isCanceled: boolean;
  /** Who got it, once it has begun. */
  recipients: string[] | null;
}

const MINUTE_MS = 60_000;

/** The state by the hour, in Unisender's words. */
export function stateOf(campaign: SimulatedCampaign, nowMs: number): string {
  if (campaign.isCanceled) return "canceled";
  if (nowMs < campaign.createdMs + MINUTE_MS) return "waits_censor";
  if (campaign.censorship === "hold") return "censor_hold";
  if (campaign.censorship === "decline") return "declined";
  if (nowMs < campaign.startMs - 2 * MINUTE_MS) return "scheduled";
  if (nowMs < campaign.startMs) return "waits_schedule";
  if (nowMs < campaign.startMs + 2 * MINUTE_MS) return "in_progress";
  return nowMs < campaign.startMs + 4 * MINUTE_MS ? "analysed" : "completed";
}

export const isCancelable = (state: string): boolean =>
  ["planned", "scheduled", "waits_censor", "censor_hold"].includes(state);
