import type { SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import type { Rpc } from "../../platform/rpc.ts";
import { checked, rowsOf } from "../query-outcome.ts";
import { LinkResults } from "./answer.ts";
import type { LinksStore } from "./port.ts";

/** As many groups as somebody reads; link_results has them all. */
const SHOWN_MAX = 100;

/** Short links over tables, view and functions, as service_role; the address of a code is the function's to know. */
export function createLinksStore(
  client: SupabaseClient,
  rpc: Rpc,
  addressOf: (code: string) => string,
): LinksStore {
  return {
    async links(request) {
      switch (request.mode) {
        case "list": {
          const view = client.from("link_results").select().limit(SHOWN_MAX);
          return { mode: "list", results: LinkResults.parse(rowsOf("link_results", await view)) };
        }
        case "target": {
          const { name, url } = request;
          checked("link_targets", await client.from("link_targets").upsert({ name, target_url: url }));
          return { mode: "target", name, url };
        }
        case "make": {
          const known = client.from("link_targets").select("name").eq("name", request.target);
          if (z.array(z.unknown()).parse(rowsOf("link_targets", await known)).length === 0) {
            return { mode: "make", link: null };
          }
          const call = { p_target: request.target, p_lead_id: request.lead_id };
          const code = z.string().parse(await rpc("short_link_make", call));
          return { mode: "make", link: { code, address: addressOf(code) } };
        }
      }
    },
  };
}
