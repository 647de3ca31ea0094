import { z } from "zod";
import type { Rpc } from "../../platform/rpc.ts";
import type { Inbox } from "./port.ts";

const AppendedRow = z.enum(["stored", "duplicate", "full"]);
const ClaimedRows = z.array(
  z.object({
    id: z.int(),
    attempt: z.int(),
    key: z.string(),
    origin: z.string().nullable(),
    body: z.unknown(),
    received_at: z.string(),
  }),
);

/** The inbox of a source over its SQL functions; the source is a row of `amocrm.inbox_sources`. */
export function createInbox(rpc: Rpc, source: string): Inbox {
  return {
    async append({ key, body, isUnreadable = false, origin = null, error = null }) {
      return AppendedRow.parse(
        await rpc("inbox_append", {
          p_source: source,
          p_key: key,
          p_body: body,
          p_state: isUnreadable ? "unreadable" : "waiting",
          p_origin: origin,
          p_error: error,
        }),
      );
    },
    async claim(limit, seconds) {
      const call = { p_source: source, p_limit: limit, p_seconds: seconds };
      return ClaimedRows.parse(await rpc("inbox_claim", call));
    },
    async settle(settlements) {
      return z.int().parse(await rpc("inbox_settle", { p_results: settlements }));
    },
  };
}
