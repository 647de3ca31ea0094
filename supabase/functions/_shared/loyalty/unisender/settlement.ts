import { failureText, stumbled } from "../../outbox/handler-failed.ts";
import { faultOf, NOTHING_SENT as NOTHING } from "../../outbox/message-end.ts";
import type { Created, UnisenderFailed, UnisenderSettlement } from "../unisender-port.ts";
import type { CampaignMessage, ContactMessage } from "./message.ts";

/** Looks that saw everything and did not find the campaign, after which a person decides. */
const MAX_LOOKS = 4;
/** Looks that could not tell, before a person decides. */
const MAX_UNCLEAR_LOOKS = 10;

const NOTHING_SENT = { ...NOTHING, progress: null };

/** A request failed: whatever it was about waits, is in doubt or dead, as the failure's policy says. */
export function failedBy(id: number, failed: UnisenderFailed, jitter: number): UnisenderSettlement {
  return {
    ...NOTHING_SENT,
    ...faultOf(failed, jitter),
    id,
    verdict: failed.verdict === "blocked" ? "retry" : failed.verdict,
    isSent: failed.fault.isSent,
  };
}

export function contactTaken({ id, tags }: ContactMessage, operation: string): UnisenderSettlement {
  return {
    ...NOTHING_SENT,
    id,
    verdict: "delivered",
    isSent: true,
    answered: [operation],
    contact: { state: "accepted", tags },
  };
}

export function contactGone({ id }: ContactMessage, operation: string): UnisenderSettlement {
  return {
    ...NOTHING_SENT,
    id,
    verdict: "delivered",
    isSent: true,
    answered: [operation],
    contact: { state: "removed", tags: [] },
  };
}

/** Refused for itself: the code is Unisender's word for why. */
export function contactRefused({ id, tags }: ContactMessage, code: string): UnisenderSettlement {
  return {
    ...NOTHING_SENT,
    id,
    verdict: "rejected",
    policy: "unisender_contact_refused",
    code: "unisender_contact_refused",
    message: `Unisender does not take this contact (${code})`,
    isSent: true,
    contact: { state: "refused", tags },
  };
}

/** There is nothing to be told any more. */
export function contactNotNeeded({ id }: ContactMessage): UnisenderSettlement {
  const message = "The member changed meanwhile, and nothing is to be told";
  return { ...NOTHING_SENT, id, verdict: "superseded", code: "superseded", message };
}

export function campaignCreated(id: number, campaign: Created, operation: string): UnisenderSettlement {
  return { ...NOTHING_SENT, id, verdict: "delivered", isSent: true, answered: [operation], campaign };
}

/** A look that failed: the campaign stays in doubt, and is looked for again. */
export function campaignLookFailed(id: number, failed: UnisenderFailed, jitter: number): UnisenderSettlement {
  // This request's end says nothing of the one that is in doubt.
  return { ...NOTHING_SENT, ...faultOf(failed, jitter), id, verdict: "uncertain" };
}

/** A look that did not find it: looked for again, and after enough looks a person decides. It is never created again by itself. */
export function campaignNotFound(
  { id, lookCount }: CampaignMessage,
  isUnclear: boolean,
): UnisenderSettlement {
  const count = lookCount + 1;
  const isOver = count >= (isUnclear ? MAX_UNCLEAR_LOOKS : MAX_LOOKS);
  return {
    ...NOTHING_SENT,
    id,
    verdict: "uncertain",
    policy: isOver ? "look_unclear" : "looked_up",
    code: isOver ? "unisender_outcome_unknown" : "looked_up",
    message: isOver
      ? "Unisender was asked and its answer was never received, and the campaign is not among its own: look there before another one is made"
      : "The answer was lost; the campaign is looked for at Unisender before anything else",
    progress: { lookCount: count },
  };
}

/** The function stumbled over the message: tried again, and dead in the end; what is in doubt stays so. */
export function stumbledOver(
  id: number,
  isInDoubt: boolean,
  cause: unknown,
  jitter: number,
): UnisenderSettlement {
  return { ...NOTHING_SENT, ...stumbled(isInDoubt, failureText(cause), jitter), id };
}
