import { z } from "zod";
import type { Rpc } from "../../platform/rpc.ts";
import type { IntakeStore } from "./port.ts";

const SourceRow = z.object({ id: z.guid(), kind: z.enum(["tilda", "taplink", "generic"]) }).nullable();
const Kept = z.enum(["stored", "duplicate", "full", "unknown"]);

/** Posted forms over the named functions of the database, as service_role. */
export function createIntakeStore(rpc: Rpc): IntakeStore {
  return {
    async sourceOfKey(keyHash) {
      return SourceRow.parse(await rpc("form_source_of_key", { p_key_hash: keyHash }));
    },
    async keep(sourceId, form) {
      return Kept.parse(await rpc("form_intake", { p_source_id: sourceId, p_event: form }));
    },
  };
}
