import { z } from "zod";
import { readClaimed } from "../outbox/claimed.ts";
import { messageEndRow } from "../outbox/message-end-row.ts";
import { failingAsStore } from "../outbox/store-failures.ts";
import type { Rpc } from "../platform/rpc.ts";
import { SmsMessage, SmsSettings } from "./message.ts";
import type { SmsHints, SmsQueue } from "./port.ts";

const Claim = z.object({
  settings: SmsSettings,
  troubles: z.array(z.string()),
  shutOutCount: z.int(),
  messages: z.array(z.unknown()),
});
const Due = z.object({ ids: z.array(z.string()), isBalanceDue: z.boolean(), needsMoney: z.boolean() });
const Recorded = z.enum(["recorded", "repeated", "unknown"]);

/** The queue of SMS over its SQL functions; see supabase/schemas/36-sms. */
export function createSmsQueue(rpc: Rpc): SmsQueue {
  return failingAsStore<SmsQueue>({
    async claim(token, limit) {
      const claim = Claim.parse(await rpc("sms_drain_claim", { p_token: token, p_limit: limit }));
      return { ...claim, ...readClaimed(claim.messages, SmsMessage) };
    },
    async intend(token, id, text) {
      const name = await rpc("sms_drain_intend", { p_token: token, p_id: id, p_body: text });
      return z.string().nullable().parse(name);
    },
    async settle(token, settlements) {
      const ids = await rpc("sms_drain_settle", {
        p_token: token,
        p_results: settlements.map((settlement) => ({
          ...messageEndRow(settlement),
          progress: settlement.progress,
          campaign_id: settlement.accepted?.campaignId ?? null,
          mobizon_id: settlement.accepted?.mobizonId ?? null,
          is_moderated: settlement.accepted?.isModerated ?? null,
        })),
      });
      return new Set(z.array(z.int()).parse(ids));
    },
    async reportsDue(limit) {
      return Due.parse(await rpc("sms_reports_due", { p_limit: limit }));
    },
    async recordReports(asked, reports) {
      await rpc("sms_record_reports", { p_asked: asked, p_reports: reports });
    },
    async recordBalance(balance) {
      await rpc("sms_record_balance", {
        p_balance: balance?.balance ?? null,
        p_currency: balance?.currency ?? null,
      });
    },
  });
}

/** The webhook's hints, each once. */
export function createSmsHints(rpc: Rpc): SmsHints {
  return {
    async record(eventId, mobizonId) {
      return Recorded.parse(await rpc("sms_record_hint", { p_event_id: eventId, p_mobizon_id: mobizonId }));
    },
  };
}
