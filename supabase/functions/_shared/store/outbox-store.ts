import { z } from "zod";
import { StoredContact } from "../amocrm/answers.ts";
import { Configuration } from "../outbox/configuration.ts";
import { Message } from "../outbox/message.ts";
import type { Fact, Heartbeat, Outbox, Pace, Settlement, Slot } from "../outbox/port.ts";
import type { Rpc } from "./rpc.ts";

const Start = z.enum(["granted", "busy", "paused", "breaker_open"]);
const MirrorState = z.object({
  isComplete: z.boolean(),
  askedAt: z.string(),
  changedUntil: z.string().nullable(),
  ageMs: z
    .number()
    .nullable()
    .transform((ageMs) => ageMs ?? Number.POSITIVE_INFINITY),
});
const Claim = z.object({
  configuration: Configuration,
  mirror: MirrorState,
  doubts: z.array(z.object({ messageId: z.int(), contactId: z.int() })),
  messages: z.array(Message),
});
const MatchRow = z.object({
  id: z.int(),
  by: z.enum(["link", "email", "phone"]).nullable(),
  contact: StoredContact.nullable(),
  otherIds: z.array(z.int()),
  linkedIsDeleted: z.boolean().default(false),
});
const SlotRow = z.object({
  granted: z.boolean(),
  is_probe: z.boolean().nullable(),
  wait_ms: z.int().nullable(),
  interval_ms: z.int().nullable(),
  code: z.string().nullable(),
  message: z.string().nullable(),
});
const Meaning = z.enum(["stop", "counts", "harmless"]);
const Ids = z.array(z.int());

/** The queue over its SQL functions; see the migrations `drain_api`, `claim`, `settle`. */
export function createOutboxStore(rpc: Rpc): Outbox {
  return {
    async begin(token) {
      return Start.parse(await rpc("amocrm_drain_begin", { p_token: token }));
    },
    async claim(token, limit) {
      return Claim.parse(await rpc("amocrm_drain_claim", { p_token: token, p_limit: limit }));
    },
    async match(ids) {
      return z.array(MatchRow).parse(await rpc("amocrm_drain_match", { p_ids: ids }));
    },
    async storeLook(contacts, changedUntil) {
      await rpc("amocrm_drain_look", { p_contacts: contacts, p_changed_until: changedUntil });
    },
    async markSent(token, ids, step) {
      return new Set(
        Ids.parse(await rpc("amocrm_drain_mark_sent", { p_token: token, p_ids: ids, p_step: step })),
      );
    },
    async dealsOfOthers(subjectId, dealIds) {
      const args = { p_subject_id: subjectId, p_deal_ids: dealIds };
      return new Set(Ids.parse(await rpc("amocrm_drain_deals_of_others", args)));
    },
    async record(token, facts) {
      await rpc("amocrm_drain_record", { p_token: token, p_facts: facts.map(factRow) });
    },
    async settle(token, settlements) {
      return new Set(
        Ids.parse(
          await rpc("amocrm_drain_settle", { p_token: token, p_results: settlements.map(settlementRow) }),
        ),
      );
    },
    async limitBatches(size) {
      await rpc("amocrm_drain_limit_batches", { p_size: size });
    },
    async extend(token) {
      await rpc("amocrm_drain_extend", { p_token: token });
    },
    async end(token) {
      return z.boolean().parse(await rpc("amocrm_drain_end", { p_token: token }));
    },
    async lookAgain() {
      return z.boolean().parse(await rpc("amocrm_drain_look_again"));
    },
    async beginMarker(token) {
      return z.boolean().parse(await rpc("amocrm_marker_begin", { p_token: token }));
    },
    async endMarker(token, end) {
      await rpc("amocrm_marker_end", {
        p_token: token,
        p_field_id: "fieldId" in end ? end.fieldId : null,
        p_error_code: "code" in end ? end.code : null,
        p_error_message: "message" in end ? end.message : null,
      });
    },
    async storePipelines(pipelines) {
      await rpc("amocrm_store_pipelines", {
        p_pipelines: pipelines.map((pipeline) => ({
          pipeline_id: pipeline.id,
          name: pipeline.name,
          sort: pipeline.sort,
          is_main: pipeline.isMain,
          is_archive: pipeline.isArchive,
          stages: pipeline.stages,
        })),
      });
    },
  };
}

/** The pace and breaker of a queue over its SQL functions. */
export function createPaceStore(rpc: Rpc, queue: "amocrm" | "message" = "amocrm"): Pace {
  return {
    async reserveSlot(token, sinceDepartureMs, maxWaitMs) {
      return slotOf(
        await rpc(`${queue}_reserve_slot`, {
          p_token: token,
          p_since_departure_ms: sinceDepartureMs,
          p_max_wait_ms: maxWaitMs,
        }),
      );
    },
    async reserveTokenSlot(sinceDepartureMs, maxWaitMs) {
      return slotOf(
        await rpc("amocrm_reserve_token_slot", {
          p_since_departure_ms: sinceDepartureMs,
          p_max_wait_ms: maxWaitMs,
        }),
      );
    },
    async reportFault({ code, causeCode, message, toldWaitMs, count, isProbe }) {
      return Meaning.parse(
        await rpc(`${queue}_report_fault`, {
          p_code: code,
          p_cause_code: causeCode,
          p_message: message,
          p_told_wait_ms: whole(toldWaitMs),
          p_count: count,
          p_is_probe: isProbe,
        }),
      );
    },
    async closeBreaker() {
      await rpc(`${queue}_breaker_close`);
    },
  };
}

function slotOf(answer: unknown): Slot {
  const row = SlotRow.parse(answer);
  return row.granted
    ? {
        granted: true,
        isProbe: row.is_probe ?? false,
        waitMs: row.wait_ms ?? 0,
        intervalMs: row.interval_ms ?? 0,
      }
    : { granted: false, code: row.code ?? "refused", message: row.message ?? "", waitMs: row.wait_ms };
}

/** The heartbeat of one component. */
export function createHeartbeat(rpc: Rpc, component: string): Heartbeat {
  return {
    async beat(state, missing, detail) {
      await rpc("amocrm_heartbeat", {
        p_component: component,
        p_state: state,
        p_missing: missing,
        p_detail: detail,
      });
    },
  };
}

function factRow(fact: Fact): Record<string, unknown> {
  return {
    id: fact.id,
    progress: fact.progress,
    contact_id: fact.contactId ?? null,
    deal_id: fact.dealId ?? null,
    makes_contact: fact.makesContact ?? false,
    drops_contact: fact.dropsContact ?? false,
  };
}

function settlementRow(settlement: Settlement): Record<string, unknown> {
  return {
    id: settlement.id,
    verdict: settlement.verdict,
    policy: settlement.policy,
    is_sent: settlement.isSent,
    told_wait_ms: whole(settlement.toldWaitMs),
    jitter: settlement.jitter,
    code: settlement.code,
    message: settlement.message,
    contact_id: settlement.contactId,
    deal_id: settlement.dealId,
    progress: settlement.progress,
    warnings: settlement.warnings,
    duplicates: settlement.duplicates.map((duplicate) => ({
      type: duplicate.type,
      kept_id: duplicate.keptId,
      other_id: duplicate.otherId,
      reason: duplicate.reason,
    })),
  };
}

/** A server may name any number; the database takes whole milliseconds, and bounds them. */
function whole(ms: number | null): number | null {
  return ms === null || Number.isNaN(ms) ? null : Math.ceil(Math.min(ms, Number.MAX_SAFE_INTEGER));
}
