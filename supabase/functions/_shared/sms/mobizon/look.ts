import { z } from "zod";
import type { Looked, Sought } from "../port.ts";
import type { SmsAnswer } from "../verdict.ts";
import { Id, unexpected } from "./classify.ts";
import type { Call } from "./client.ts";

const PAGE_SIZE = 100;
/** So many campaigns of one number are asked for their names in one look, the newest first. */
const MAX_CAMPAIGNS = 10;

const Name = z.string().optional().catch(undefined);
const Listed = z.looseObject({
  items: z.array(
    z.looseObject({ id: Id, campaignId: Id, to: z.coerce.string(), campaignName: Name, name: Name }),
  ),
  totalItemCount: z.coerce.number().optional().catch(undefined),
});
const Campaign = z.looseObject({ name: Name });

/**
 * Looks for an SMS whose answer was lost: among the messages to its number, the one whose campaign has its name. The list is
 * documented without names, so the campaigns are asked one by one. A look that did not see all is unclear, and proves nothing.
 */
export async function look(
  { recipient, name, knownCampaigns }: Sought,
  call: Call,
): Promise<SmsAnswer<Looked>> {
  const answer = await call("message/list", "sms_look", {
    "criteria[to]": recipient,
    "pagination[pageSize]": String(PAGE_SIZE),
    "pagination[currentPage]": "0",
    "sort[campaignId]": "DESC",
  });
  if ("fault" in answer) return answer;
  const listed = Listed.safeParse("data" in answer ? answer.data : undefined);
  if (!listed.success) return unexpected();
  const { items, totalItemCount } = listed.data;
  // The filter takes a part of a number for a hit as well.
  const own = items.filter(({ to }) => to.replace(/\D/g, "") === recipient);
  const found = (item: (typeof own)[number]): SmsAnswer<Looked> => ({
    verdict: "delivered",
    value: { found: { campaignId: item.campaignId, mobizonId: item.id, isModerated: false } },
  });
  const named = own.find((item) => (item.campaignName ?? item.name) === name);
  if (named !== undefined) return found(named);
  const nameless = own
    .filter((item) => (item.campaignName ?? item.name) === undefined)
    .filter(({ campaignId }) => !knownCampaigns.includes(campaignId))
    .sort((a, b) => Number(b.campaignId) - Number(a.campaignId));
  let isUnclear = nameless.length > MAX_CAMPAIGNS || (totalItemCount ?? 0) > PAGE_SIZE;
  for (const item of nameless.slice(0, MAX_CAMPAIGNS)) {
    const campaign = await call("campaign/get", "sms_look", { id: item.campaignId });
    if ("fault" in campaign && campaign.fault.code !== "sms_refused") return campaign;
    const read = Campaign.safeParse("data" in campaign ? campaign.data : undefined);
    if (read.data?.name === name) return found(item);
    isUnclear ||= read.data?.name === undefined;
  }
  return { verdict: "delivered", value: { found: null, isUnclear } };
}
