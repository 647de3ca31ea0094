import type { SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import type { Rpc } from "../../platform/rpc.ts";
import { outcomeOf, rowsOf } from "../query-outcome.ts";
import { FormSources, type FormsAnswer, UnmappedForms } from "./answer.ts";
import type { FormsStore } from "./port.ts";
import type { FormsRequest } from "./request.ts";

const Added = z.union([
  z.object({ id: z.string(), key: z.string() }),
  z.tuple([z.object({ id: z.string(), key: z.string() })]).transform(([row]) => row),
]);

const Maps = z.array(z.object({ id: z.string(), field_map: z.record(z.string(), z.string()) }));

/** The places whose forms post, over the table, the view and the admin functions, as service_role. */
export function createFormsStore(client: SupabaseClient, rpc: Rpc): FormsStore {
  const list = async () => FormSources.parse(await rpc("form_source_list"));
  return {
    async forms(request) {
      switch (request.mode) {
        case "list":
          return { mode: "list", sources: await list() };
        case "add":
          return await add(rpc, request);
        case "off": {
          const meant = (await list()).filter(
            ({ id, source, is_on: isOn }) => isOn && [id, source].includes(request.which),
          );
          for (const { id } of meant) await rpc("form_source_off", { p_id: id });
          return { mode: "off", off_count: meant.length };
        }
        case "unmapped": {
          const view = client.from("amocrm_unmapped_forms").select().limit(request.limit);
          return {
            mode: "unmapped",
            forms: UnmappedForms.parse(rowsOf("amocrm_unmapped_forms", await view)),
          };
        }
        case "map": {
          const meant = (await list()).filter(({ id, source }) => [id, source].includes(request.which));
          return await map(
            client,
            rpc,
            meant.map(({ id }) => id),
            request.field_map,
          );
        }
      }
    },
  };
}

async function add(
  rpc: Rpc,
  { kind, source, field_map: map }: Extract<FormsRequest, { mode: "add" }>,
): Promise<FormsAnswer> {
  const call = rpc("form_source_add", { p_kind: kind, p_source: source, p_field_map: map });
  const done = await outcomeOf(call);
  return done.ok
    ? { mode: "add", added: Added.parse(done.value), reason: null }
    : { mode: "add", added: null, reason: done.reason };
}

/** Adds to the map of each place; what the database refuses of one it refuses of the first. */
async function map(
  client: SupabaseClient,
  rpc: Rpc,
  ids: readonly string[],
  more: Readonly<Record<string, string>>,
): Promise<FormsAnswer> {
  const rows = await client
    .from("form_sources")
    .select("id, field_map")
    .in("id", [...ids]);
  let fitted = 0;
  for (const { id, field_map: known } of Maps.parse(rowsOf("form_sources", rows))) {
    const call = rpc("form_source_remap", { p_id: id, p_field_map: { ...known, ...more } });
    const done = await outcomeOf(call);
    if (!done.ok) return { mode: "map", mapped_count: 0, fitted_count: fitted, reason: done.reason };
    fitted += z.int().parse(done.value);
  }
  return { mode: "map", mapped_count: ids.length, fitted_count: fitted, reason: null };
}
