import { endsDrain } from "../../outbox/ends-drain.ts";
import type { Clock, Random } from "../../platform/clock.ts";
import type {
  UnisenderFailed,
  UnisenderQueue,
  UnisenderService,
  UnisenderSettlement,
} from "../unisender-port.ts";
import type { CampaignMessage } from "./message.ts";
import {
  campaignCreated,
  campaignLookFailed,
  campaignNotFound,
  failedBy,
  stumbledOver,
} from "./settlement.ts";

const CREATE = "createCampaign";
const MAIL = "createEmailMessage";
const LOOK = "getCampaigns";
/** So much later a campaign begins, that a wrong count can still be canceled. */
const AHEAD_MS = 5 * 60_000;
const MINUTE_MS = 60_000;

export interface CampaignTurn {
  /** Null: it is another drain's by now, or must not be created. */
  settlement: UnisenderSettlement | null;
  /** For the guard; null if nothing was asked. */
  answer: { verdict: "delivered" } | UnisenderFailed | null;
  operation: string;
}

interface CampaignPorts {
  service: UnisenderService;
  queue: UnisenderQueue;
  lease: { clock: Clock; token: string };
  random: Random;
}

/**
 * Creates a campaign, once. The mail comes first, and a spare one goes to nobody; the intent is committed before the one request
 * that must not be repeated. After a lost answer the campaign is looked for by its mail, and whatever comes of it, not created.
 */
export async function takeCampaign(
  campaign: CampaignMessage,
  listId: string,
  { service, queue, lease, random }: CampaignPorts,
): Promise<CampaignTurn> {
  let { isInDoubt } = campaign;
  const { id, subject, body, tag } = campaign;
  try {
    if (isInDoubt) return await lookFor(campaign, service, lease.clock, random);
    let { messageId } = campaign;
    if (messageId === null) {
      const made = await service.createMessage({ listId, tag, subject, body });
      if ("fault" in made) return { settlement: failedBy(id, made, random()), answer: made, operation: MAIL };
      messageId = made.value;
      await queue.draft(lease.token, id, messageId);
    }
    const startAtMs = Math.ceil((lease.clock.nowMs() + AHEAD_MS) / MINUTE_MS) * MINUTE_MS;
    if (!(await queue.intend(lease.token, id, startAtMs)))
      return { settlement: null, answer: null, operation: CREATE };
    // From here on nobody can tell whether it was created, unless there is an answer.
    isInDoubt = true;
    const created = await service.createCampaign(messageId, startAtMs);
    const settlement =
      "fault" in created ? failedBy(id, created, random()) : campaignCreated(id, created.value, CREATE);
    return { settlement, answer: created, operation: CREATE };
  } catch (cause) {
    if (endsDrain(cause)) throw cause;
    return { settlement: stumbledOver(id, isInDoubt, cause, random()), answer: null, operation: CREATE };
  }
}

async function lookFor(
  campaign: CampaignMessage,
  service: UnisenderService,
  clock: Clock,
  random: Random,
): Promise<CampaignTurn> {
  const { id, messageId, startAtMs } = campaign;
  const looked = await service.findCampaign(messageId ?? "", startAtMs ?? clock.nowMs());
  // Refused, and not in the way of anything: what is there cannot be told.
  if ("fault" in looked && looked.verdict === "rejected")
    return { settlement: campaignNotFound(campaign, true), answer: looked, operation: LOOK };
  if ("fault" in looked)
    return { settlement: campaignLookFailed(id, looked, random()), answer: looked, operation: LOOK };
  const { found, isUnclear } = looked.value;
  const settlement =
    found === null ? campaignNotFound(campaign, isUnclear) : campaignCreated(id, found, CREATE);
  return { settlement, answer: looked, operation: LOOK };
}
