import { z } from "zod";
import { losingLease } from "../../outbox/store-failures.ts";
import { type Rpc, UnstorableError } from "../../platform/rpc.ts";
import { rowOf, storeRows } from "../drain/mirror-rows.ts";
import type { Begun, Pulls } from "./port.ts";
import { Position } from "./position.ts";

const NoPosition = z.strictObject({}).transform(() => null);
const Granted = z
  .object({
    outcome: z.literal("granted"),
    clock: z.string(),
    pipelinesReadAt: z.string().nullable(),
    isHookCheckDue: z.boolean(),
    pull: z.object({
      id: z.int(),
      entity: z.enum(["contact", "deal"]),
      kind: z.enum(["first", "window", "since"]),
      since: z.string().nullable(),
      // One of an older version cannot be gone on with: the run begins again, which repeats and skips nothing.
      position: z.union([NoPosition, Position]).catch(null),
      changedUntil: z.string().nullable(),
      deletedUntil: z.string().nullable(),
      clockOffsetMs: z.number().nullable(),
    }),
  })
  .transform(({ clock, ...granted }) => ({ ...granted, now: clock }));
const BegunAnswer: z.ZodType<Begun> = z.union([
  Granted,
  z.object({ outcome: z.literal("hints"), clockOffsetMs: z.number().nullable() }),
  z.object({ outcome: z.enum(["busy", "not_due", "paused", "breaker_open"]) }),
]);
const Taken = z.object({
  entity: z.enum(["contact", "deal"]).nullable(),
  takenAt: z.string(),
  since: z.int().nullable(),
  ids: z.array(z.int()),
  deletedIds: z.array(z.int()),
});
const PageAnswer = z.object({ isRefused: z.boolean(), deletedCount: z.int() });

/** The runs over their SQL functions; see the migration `pull_api`. */
export function createPullStore(rpc: Rpc): Pulls {
  return losingLease<Pulls>({
    async begin(token) {
      return BegunAnswer.parse(await rpc("amocrm_pull_begin", { p_token: token }));
    },
    async page(token, pullId, { rows, position, asked, pagesLeft }) {
      const store = async (part: readonly object[], next: Position | null) =>
        PageAnswer.parse(
          await rpc("amocrm_pull_page", {
            p_token: token,
            p_pull_id: pullId,
            p_rows: part,
            p_position: next,
            p_asked: next === null ? [] : asked,
            p_pages_left: pagesLeft,
          }),
        );
      try {
        return await store(rows.map(rowOf), position);
      } catch (error) {
        if (!(error instanceof UnstorableError) || rows.length === 0) throw error;
      }
      // Where the run stands next is stored when all that the database takes of the page is.
      const parts = await storeRows(
        rows,
        (part) => store(part, null),
        rpc,
        ({ isRefused }) => isRefused,
      );
      return parts?.isRefused === true ? parts : await store([], position);
    },
    async takeHints(token, limit) {
      return Taken.parse(await rpc("amocrm_hints_take", { p_token: token, p_limit: limit }));
    },
    async storeHints(token, { entity, rows, asked, takenAt, readAt }) {
      const store = (part: readonly object[], answered: readonly number[]) =>
        rpc("amocrm_hints_store", {
          p_token: token,
          p_entity: entity,
          p_rows: part,
          p_asked: answered,
          p_taken_at: takenAt,
          p_read_at: readAt,
        });
      try {
        await store(rows.map(rowOf), asked);
        return;
      } catch (error) {
        if (!(error instanceof UnstorableError) || rows.length === 0) throw error;
      }
      const stored = new Set(rows.map(({ id }) => id));
      const idsOf = (part: readonly object[]) => part.map((row) => (row as { id: number }).id);
      await storeRows(rows, (part) => store(part, idsOf(part)), rpc);
      await store(
        [],
        asked.filter((id) => !stored.has(id)),
      );
    },
    async letHintsWait(token, entity, ids) {
      await rpc("amocrm_hints_wait", { p_token: token, p_ids: ids, p_entity: entity });
    },
    async missing(limit) {
      return z.array(z.int()).parse(await rpc("amocrm_pull_missing", { p_limit: limit }));
    },
    async setAside(entity, id, reason) {
      await rpc("amocrm_mirror_set_aside", { p_entity: entity, p_id: id, p_reason: reason });
    },
    async finish(token, pullId, until) {
      await rpc("amocrm_pull_finish", { p_token: token, p_pull_id: pullId, p_until: until });
    },
    async fail(token, pullId, code, message) {
      await rpc("amocrm_pull_fail", {
        p_token: token,
        p_pull_id: pullId,
        p_code: code,
        p_message: message,
      });
    },
    async end(token, rings, clockOffsetMs) {
      const args = { p_token: token, p_rings: rings, p_clock_offset_ms: clockOffsetMs };
      return z.boolean().parse(await rpc("amocrm_pull_end", args));
    },
  });
}
