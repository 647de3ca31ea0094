import type { SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import type { Rpc } from "../../platform/rpc.ts";
import { outcomeOf, rowsOf } from "../query-outcome.ts";
import { DeliveredLeads, DuplicateRows, ForgetAnswer, HeldTells, Mails, QuarantineRows } from "./answer.ts";
import type { DecisionStore } from "./port.ts";
import type { QuarantineRequest } from "./request.ts";

const Count = z.int();

/** What a person decides, over the admin views and functions, as service_role. */
export function createDecisionStore(client: SupabaseClient, rpc: Rpc): DecisionStore {
  return {
    async quarantine(request) {
      switch (request.mode) {
        case "list": {
          const view = client.from("amocrm_quarantine").select();
          const groups = QuarantineRows.parse(rowsOf("amocrm_quarantine", await view));
          return { mode: "list", lead_count: groups.reduce((sum, row) => sum + row.lead_count, 0), groups };
        }
        case "release":
        case "discard": {
          const name = `amocrm_${request.mode}_quarantine`;
          return { mode: request.mode, lead_count: Count.parse(await rpc(name, narrowing(request))) };
        }
        case "delivered":
          return { mode: "delivered", leads: await delivered(client, request) };
      }
    },
    async duplicates(request) {
      if (request.mode === "list") {
        const view = client.from("amocrm_duplicates").select().order("id").limit(request.limit);
        return { mode: "list", duplicates: DuplicateRows.parse(rowsOf("amocrm_duplicates", await view)) };
      }
      const { id, resolution } = request;
      const done = await outcomeOf(rpc("amocrm_resolve_duplicate", { p_id: id, p_resolution: resolution }));
      return { mode: "resolve", ok: done.ok, outcome: done.ok ? z.string().parse(done.value) : done.reason };
    },
    async forget({ email, phone }) {
      return ForgetAnswer.parse(await rpc("amocrm_forget", { p_email: email, p_phone: phone }));
    },
    async tells({ mode, deal }) {
      if (mode === "list") {
        const view = client.from("amocrm_held_tells").select();
        const held = HeldTells.parse(rowsOf("amocrm_held_tells", await view));
        return { mode, held: held.filter((row) => deal === null || row.amocrm_deal_id === deal) };
      }
      const args = { p_deal_id: deal, p_cancel: mode === "cancel" };
      return { mode, message_count: Count.parse(await rpc("amocrm_release_tells", args)) };
    },
    async mails(request) {
      switch (request.mode) {
        case "list": {
          const view = client
            .from("message_outbox")
            .select()
            .eq("queue", "message")
            .in("state", ["dead", "uncertain", "pending", "leased"])
            .order("state")
            .order("id")
            .limit(request.limit);
          return { mode: "list", mails: Mails.parse(rowsOf("message_outbox", await view)) };
        }
        case "resend": {
          const done = await outcomeOf(rpc("message_resend_welcome", { p_student_id: request.student }));
          return done.ok
            ? { mode: "resend", ok: true, id: Count.parse(done.value), reason: null }
            : { mode: "resend", ok: false, id: null, reason: done.reason };
        }
        case "allow": {
          const answer = await rpc("message_allow_address", { p_email: request.email });
          return { mode: "allow", was_suppressed: z.boolean().parse(answer) };
        }
        case "pause":
          await rpc("message_pause", { p_reason: request.reason, p_queue: "message" });
          return { mode: "pause" };
        case "resume":
          await rpc("message_resume", { p_queue: "message" });
          return { mode: "resume" };
      }
    },
  };
}

function narrowing({ reason, source, email_domain: domain, since, limit }: QuarantineRequest) {
  return { p_reason: reason, p_source: source, p_email_domain: domain, p_since: since, p_limit: limit };
}

/** Leads of a domain with a deal: what a flood had brought into amoCRM before it was held up. */
async function delivered(
  client: SupabaseClient,
  { email_domain: domain, source, since, limit }: QuarantineRequest,
) {
  let query = client
    .from("unified_lead_tracking")
    .select("id, created_at, source, amocrm_contact_id, amocrm_deal_id")
    .not("amocrm_deal_id", "is", null)
    // A domain holds no pattern; what is none in its letters must not become one.
    .ilike("email", `%@${(domain ?? "").replace(/[\\%_]/g, "\\$&")}`);
  if (source !== null) query = query.eq("source", source);
  if (since !== null) query = query.gte("created_at", since);
  return DeliveredLeads.parse(rowsOf("unified_lead_tracking", await query.order("created_at").limit(limit)));
}
