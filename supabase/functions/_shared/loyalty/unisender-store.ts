import { z } from "zod";
import { messageEndRow } from "../outbox/message-end-row.ts";
import { failingAsStore } from "../outbox/store-failures.ts";
import type { Rpc } from "../platform/rpc.ts";
import { CampaignMessage, ContactMessage } from "./unisender/message.ts";
import type { UnisenderEvents, UnisenderQueue } from "./unisender-port.ts";

const Claim = z.object({
  listId: z.string().nullable(),
  troubles: z.array(z.string()),
  shutOutCount: z.int(),
  contacts: z.array(ContactMessage),
  campaigns: z.array(CampaignMessage),
});
const Due = z.object({
  campaigns: z.array(
    z.object({ id: z.string(), campaignId: z.string(), cancels: z.boolean(), needsCount: z.boolean() }),
  ),
  listId: z.string().nullable(),
});

/** The queue of Unisender over its SQL functions; see supabase/schemas/60-loyalty. */
export function createUnisenderQueue(rpc: Rpc): UnisenderQueue {
  return failingAsStore<UnisenderQueue>({
    async claim(token, limit) {
      return Claim.parse(await rpc("unisender_drain_claim", { p_token: token, p_limit: limit }));
    },
    async storeList(listId) {
      await rpc("unisender_list_store", { p_list_id: listId });
    },
    async draft(token, id, messageId) {
      await rpc("unisender_campaign_draft", { p_token: token, p_id: id, p_message_id: messageId });
    },
    async intend(token, id, startAtMs) {
      const call = { p_token: token, p_id: id, p_start_at: new Date(startAtMs).toISOString() };
      return z.boolean().parse(await rpc("unisender_campaign_intend", call));
    },
    async settle(token, settlements) {
      const ids = await rpc("unisender_drain_settle", {
        p_token: token,
        p_results: settlements.map((settlement) => ({
          ...messageEndRow(settlement),
          progress: settlement.progress,
          contact_state: settlement.contact?.state ?? null,
          tags: settlement.contact?.tags ?? null,
          campaign_id: settlement.campaign?.campaignId ?? null,
          status: settlement.campaign?.status ?? null,
          counted: settlement.campaign?.count ?? null,
        })),
      });
      return new Set(z.array(z.int()).parse(ids));
    },
    async looksDue() {
      return Due.parse(await rpc("unisender_looks_due", {}));
    },
    async recordLook(id, { status, count, isCanceled }) {
      const call = { p_id: id, p_status: status, p_counted: count, p_is_canceled: isCanceled };
      await rpc("unisender_record_look", call);
    },
    async recordUnsubscribed(emails) {
      return z.int().parse(await rpc("unisender_record_unsubscribed", { p_emails: emails }));
    },
    async unsubscribedRead() {
      await rpc("unisender_unsubscribed_read", {});
    },
  });
}

/** Where the webhook's events go. */
export function createUnisenderEvents(rpc: Rpc): UnisenderEvents {
  return {
    async record(key, events) {
      const call = { p_key: key, p_events: events };
      return z.enum(["recorded", "repeated"]).parse(await rpc("unisender_record_events", call));
    },
  };
}
