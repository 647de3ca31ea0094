import { z } from "zod";
import type { Contact, Deal } from "../amocrm/entities.ts";
import type { Pace } from "../outbox/port.ts";
import type { Begun, Pulls } from "../pull/port.ts";
import { Position } from "../pull/position.ts";
import { createPaceStore } from "./outbox-store.ts";
import type { Rpc } from "./rpc.ts";

const NoPosition = z.strictObject({}).transform(() => null);
const Granted = z
  .object({
    outcome: z.literal("granted"),
    clock: z.string(),
    pipelinesReadAt: z.string().nullable(),
    pull: z.object({
      id: z.int(),
      entity: z.enum(["contact", "deal"]),
      kind: z.enum(["first", "window", "since"]),
      since: z.string().nullable(),
      // One of an older version cannot be gone on with: the run begins again, which repeats and skips nothing.
      position: z.union([NoPosition, Position]).catch(null),
      changedUntil: z.string().nullable(),
      deletedUntil: z.string().nullable(),
    }),
  })
  .transform(({ clock, ...granted }) => ({ ...granted, now: clock }));
const BegunAnswer: z.ZodType<Begun> = z.union([
  Granted,
  z.object({ outcome: z.enum(["busy", "not_due", "paused", "breaker_open"]) }),
]);
const PageAnswer = z.object({ isRefused: z.boolean(), deletedCount: z.int() });

/** The runs over their SQL functions; see the migration `pull_api`. */
export function createPullStore(rpc: Rpc): Pulls {
  return {
    async begin(token) {
      return BegunAnswer.parse(await rpc("amocrm_pull_begin", { p_token: token }));
    },
    async page(token, pullId, { rows, position, asked, pagesLeft }) {
      return PageAnswer.parse(
        await rpc("amocrm_pull_page", {
          p_token: token,
          p_pull_id: pullId,
          p_rows: rows.map(rowOf),
          p_position: position,
          p_asked: asked,
          p_pages_left: pagesLeft,
        }),
      );
    },
    async missing(limit) {
      return z.array(z.int()).parse(await rpc("amocrm_pull_missing", { p_limit: limit }));
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
    async end(token, rings) {
      return z.boolean().parse(await rpc("amocrm_pull_end", { p_token: token, p_rings: rings }));
    },
  };
}

/** The account's pace in the pull lane: a slot only while nothing live is due. */
export function createPullPaceStore(rpc: Rpc): Pace {
  return createPaceStore((name, args) =>
    rpc(name === "amocrm_reserve_slot" ? "amocrm_reserve_pull_slot" : name, args),
  );
}

/** Without what the mirror does not keep; half of the bytes. */
function rowOf(row: Contact | Deal): object {
  const { fields: _, ...kept } = row;
  return kept;
}
