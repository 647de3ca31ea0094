import type { SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import type { Clock } from "../../platform/clock.ts";
import type { Rpc } from "../../platform/rpc.ts";
import { Mails } from "../decisions/answer.ts";
import { actOnEach } from "../messages/act.ts";
import { checked, outcomeOf, rowsOf } from "../query-outcome.ts";
import { HeldSms, SmsHealth, SmsTexts } from "./answer.ts";
import type { SmsStore } from "./port.ts";

const DAY_MS = 86_400_000;
const Settings = z.tuple([z.object({ sms_max_parts: z.int() })]);

/** The queue of SMS over its admin views and functions, as service_role. */
export function createSmsStore(
  client: SupabaseClient,
  rpc: Rpc,
  addressOf: (code: string) => string,
  clock: Pick<Clock, "nowMs">,
): SmsStore {
  return {
    async sms(request) {
      switch (request.mode) {
        case "status": {
          const since = new Date(clock.nowMs() - DAY_MS).toISOString();
          const [health, declined] = await Promise.all([
            client.from("sms_health").select(),
            client
              .from("sms_overview")
              .select("*", { count: "exact", head: true })
              .eq("outcome", "rejected")
              .gte("outcome_at", since),
          ]);
          return {
            mode: "status",
            health: z.tuple([SmsHealth]).parse(rowsOf("sms_health", health))[0],
            declined_count: checked("sms_overview", declined).count ?? 0,
          };
        }
        case "list": {
          const view = client
            .from("message_outbox")
            .select()
            .eq("queue", "sms")
            .in("state", ["dead", "uncertain", "pending", "leased"])
            .order("state")
            .order("id")
            .limit(request.limit);
          return { mode: "list", sms: Mails.parse(rowsOf("message_outbox", await view)) };
        }
        case "held": {
          const view = client.from("sms_held").select();
          return { mode: "held", held: HeldSms.parse(rowsOf("sms_held", await view)) };
        }
        case "release": {
          const count = await rpc("sms_release", { p_id: request.id, p_cancel: request.cancel });
          return { mode: "release", message_count: z.int().parse(count) };
        }
        case "again": {
          const again = async (id: number): Promise<string | null> => {
            const done = await outcomeOf(rpc("sms_send_again", { p_id: id }));
            return done.ok ? null : done.reason;
          };
          return { mode: "again", ...(await actOnEach(request.ids, again)) };
        }
        case "preview": {
          const { template } = request;
          const [settings, texts] = await Promise.all([
            client.from("message_settings").select("sms_max_parts"),
            client
              .from("followup_templates")
              .select("language, body")
              .eq("channel", "sms")
              .eq("code", template ?? "")
              .order("language"),
          ]);
          return {
            mode: "preview",
            max_parts: Settings.parse(rowsOf("message_settings", settings))[0].sms_max_parts,
            link_base: addressOf("").replace(/\/$/, ""),
            texts: SmsTexts.parse(rowsOf("followup_templates", texts)),
          };
        }
        case "pause":
          await rpc("message_pause", { p_reason: request.reason, p_queue: "sms" });
          return { mode: "pause" };
        case "resume":
          await rpc("message_resume", { p_queue: "sms" });
          return { mode: "resume" };
      }
    },
  };
}
