import { z } from "zod";
import { readClaimed } from "../../outbox/claimed.ts";
import { messageEndRow } from "../../outbox/message-end-row.ts";
import { failingAsStore } from "../../outbox/store-failures.ts";
import { type Rpc, UnstorableError } from "../../platform/rpc.ts";
import { StoredContact } from "../api/answers.ts";
import { ReadableConfiguration } from "../configuration.ts";
import { Message } from "../message.ts";
import { accountField } from "./account-fields.ts";
import { rowOf, storeRows } from "./mirror-rows.ts";
import type { Duplicate, Fact, Outbox, Settlement } from "./port.ts";

const MirrorState = z.object({
  isComplete: z.boolean(),
  askedAt: z.string(),
  changedUntil: z.string().nullable(),
  clockOffsetMs: z.number().nullable(),
  ageMs: z
    .number()
    .nullable()
    .transform((ageMs) => ageMs ?? Number.POSITIVE_INFINITY),
});
const Claim = z.object({
  configuration: ReadableConfiguration,
  mirror: MirrorState,
  doubts: z.array(z.object({ messageId: z.int(), contactId: z.int() })),
  troubles: z.array(z.string()),
  messages: z.array(z.unknown()),
});
const MatchRow = z.object({
  id: z.int(),
  by: z.enum(["link", "email", "phone"]).nullable(),
  contact: StoredContact.nullable(),
  otherIds: z.array(z.int()),
  linkedIsDeleted: z.boolean().default(false),
  mayBeRestored: z.boolean().default(false),
  strangerId: z.int().nullable().default(null),
});
const Ids = z.array(z.int());
const CustomFields = z
  .object({
    fields: z.array(
      z.object({
        id: z.int(),
        name: z.string(),
        code: z.string().nullable(),
        type: z.string(),
        choices: z.array(z.object({ id: z.int(), value: z.string() })),
      }),
    ),
    ageMs: z.number(),
  })
  .nullable();

/** The queue over its SQL functions; see the migrations `drain_api`, `claim`, `settle`. */
export function createOutboxStore(rpc: Rpc): Outbox {
  return failingAsStore<Outbox>({
    async claim(token, limit) {
      const claim = Claim.parse(await rpc("amocrm_drain_claim", { p_token: token, p_limit: limit }));
      return { ...claim, ...readClaimed(claim.messages, Message) };
    },
    async match(ids) {
      // Whoever's match cannot be read is searched for.
      const rows = z.array(z.unknown()).parse(await rpc("amocrm_drain_match", { p_ids: ids }));
      return rows.flatMap((row) => MatchRow.safeParse(row).data ?? []);
    },
    async storeLook(contacts, changedUntil) {
      const store = (rows: readonly object[], until: string | null) =>
        rpc("amocrm_drain_look", { p_contacts: rows, p_changed_until: until });
      try {
        await store(contacts.map(rowOf), changedUntil);
      } catch (error) {
        if (!(error instanceof UnstorableError) || contacts.length === 0) throw error;
        await storeRows(contacts, (rows) => store(rows, null), rpc);
        await store([], changedUntil);
      }
    },
    async voidLook(token, ids) {
      return new Set(Ids.parse(await rpc("amocrm_drain_void_look", { p_token: token, p_ids: ids })));
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
    async noteClock(offsetMs) {
      await rpc("amocrm_note_clock", { p_offset_ms: offsetMs });
    },
    async limitBatches(size) {
      await rpc("amocrm_drain_limit_batches", { p_size: size });
    },
    async limitLargeBatches(size) {
      await rpc("amocrm_drain_limit_batches", { p_size: size, p_is_large: true });
    },
    async storeFieldTypes(token, entity, fields) {
      await rpc("amocrm_drain_field_types", {
        p_token: token,
        p_entity: entity,
        p_fields:
          fields?.map(({ id, code, type, enums }) => ({
            id,
            code,
            type,
            choices: enums.map((one) => ({ id: one.id, value: one.value })),
          })) ?? null,
      });
    },
    async customFields(entity) {
      return CustomFields.parse(await rpc("amocrm_drain_custom_fields", { p_entity: entity }));
    },
    async storeCustomFields(token, entity, fields) {
      const args = { p_token: token, p_entity: entity, p_fields: fields.map(accountField) };
      await rpc("amocrm_drain_store_custom_fields", args);
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
  });
}

function factRow(fact: Fact): Record<string, unknown> {
  return {
    id: fact.id,
    progress: fact.progress,
    contact_id: fact.contactId ?? null,
    deal_id: fact.dealId ?? null,
    makes_contact: fact.makesContact ?? false,
    drops_contact: fact.dropsContact ?? false,
    is_alive: fact.isAlive ?? false,
    puts: fact.puts ?? null,
    takes_off: fact.takesOff ?? null,
    seen_emails: fact.seenEmails ?? [],
    yields_phone_to: fact.yieldsPhoneTo ?? null,
    duplicates: (fact.duplicates ?? []).map(duplicateRow),
  };
}

function settlementRow(settlement: Settlement): Record<string, unknown> {
  return {
    ...messageEndRow(settlement),
    failed_in_company: settlement.failedInCompany,
    contact_id: settlement.contactId,
    deal_id: settlement.dealId,
    progress: settlement.progress,
    warnings: settlement.warnings,
    duplicates: settlement.duplicates.map(duplicateRow),
  };
}

function duplicateRow({ type, keptId, otherId, reason }: Duplicate): Record<string, unknown> {
  return { type, kept_id: keptId, other_id: otherId, reason };
}
