import type { SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import type { Clock } from "../../platform/clock.ts";
import type { Rpc } from "../../platform/rpc.ts";
import { outcomeOf, rowsOf } from "../query-outcome.ts";
import { PlannedSteps, Sequences, StepResults, Steps } from "./answer.ts";
import type { SequencesStore } from "./port.ts";

const Count = z.int();
const Settings = z.tuple([z.object({ time_zone: z.string() })]);

/** Sequences over their tables, views and functions, as service_role. */
export function createSequencesStore(
  client: SupabaseClient,
  rpc: Rpc,
  clock: Pick<Clock, "nowMs">,
): SequencesStore {
  /** Today where the school is: the function's own zone says nothing. */
  const today = async (): Promise<string> => {
    const rows = rowsOf("message_settings", await client.from("message_settings").select("time_zone"));
    return dayIn(Settings.parse(rows)[0].time_zone, clock.nowMs());
  };
  return {
    async sequences(request) {
      switch (request.mode) {
        case "list": {
          const view = client.from("followup_overview").select();
          return { mode: "list", sequences: Sequences.parse(rowsOf("followup_overview", await view)) };
        }
        case "show": {
          const [overview, steps] = await Promise.all([
            client.from("followup_overview").select().eq("sequence", request.sequence),
            client
              .from("followup_steps")
              .select()
              .eq("sequence", request.sequence)
              .order("version", { ascending: false })
              .order("delay_minutes")
              .order("step"),
          ]);
          const [sequence = null] = Sequences.parse(rowsOf("followup_overview", overview));
          return { mode: "show", sequence, steps: Steps.parse(rowsOf("followup_steps", steps)) };
        }
        case "plan": {
          const { email, phone, limit } = request;
          const day = request.day ?? (email === null && phone === null ? await today() : null);
          const call = { p_email: email, p_phone: phone, p_day: day, p_limit: limit };
          const done = await outcomeOf(rpc("followup_plan", call));
          const steps = done.ok ? PlannedSteps.parse(done.value) : [];
          return { mode: "plan", ok: done.ok, reason: done.ok ? null : done.reason, day, steps };
        }
        case "pause": {
          const done = await outcomeOf(rpc("followup_pause", { p_sequence: request.sequence }));
          return done.ok
            ? { mode: "pause", ok: true, reason: null, was_running: z.boolean().parse(done.value) }
            : { mode: "pause", ok: false, reason: done.reason, was_running: false };
        }
        case "resume": {
          const call = { p_sequence: request.sequence, p_inside: request.inside };
          const done = await outcomeOf(rpc("followup_resume", call));
          return done.ok
            ? { mode: "resume", ok: true, reason: null, entry_count: Count.parse(done.value) }
            : { mode: "resume", ok: false, reason: done.reason, entry_count: 0 };
        }
        case "enroll": {
          const call = { p_sequence: request.sequence, p_lead: request.lead };
          const done = await outcomeOf(rpc("message_enroll", call));
          return done.ok
            ? { mode: "enroll", ok: true, reason: null, entry_id: Count.nullable().parse(done.value) }
            : { mode: "enroll", ok: false, reason: done.reason, entry_id: null };
        }
        case "withdraw": {
          const { email, phone, channel, topic } = request;
          const call = { p_email: email, p_phone: phone, p_channel: channel, p_topic: topic };
          const done = await outcomeOf(rpc("message_withdraw", call));
          return done.ok
            ? { mode: "withdraw", ok: true, reason: null, consent_count: Count.parse(done.value) }
            : { mode: "withdraw", ok: false, reason: done.reason, consent_count: 0 };
        }
        case "results": {
          const view = client.from("followup_results").select().limit(request.limit);
          const asked = request.sequence === null ? view : view.eq("sequence", request.sequence);
          return { mode: "results", results: StepResults.parse(rowsOf("followup_results", await asked)) };
        }
        case "release": {
          const count = await rpc("followup_release", { p_limit: request.limit });
          return { mode: "release", step_count: Count.parse(count) };
        }
      }
    },
  };
}

/** Numbers only: no words of the runtime, whose locales we do not know. */
function dayIn(timeZone: string, atMs: number): string {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  }).formatToParts(atMs);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}`;
}
