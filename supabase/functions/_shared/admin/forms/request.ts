import { z } from "zod";

const Name = z.string().trim().min(1).max(200);

/**
 * Forms that post by themselves. `list` tells the places, `add` makes one and its key, `off` ends those with an id or source.
 * `unmapped` tells the forms that fit no lead, with what was typed; `map` adds names of fields to the places' maps and reads
 * what was kept again. Which names a map may have is the database's rule.
 */
export const FormsRequest = z.discriminatedUnion("mode", [
  z.strictObject({ action: z.literal("forms"), mode: z.literal("list") }),
  z.strictObject({
    action: z.literal("forms"),
    mode: z.literal("add"),
    kind: z.enum(["tilda", "taplink", "generic"]),
    source: Name,
    field_map: z.record(Name, Name).default({}),
  }),
  z.strictObject({ action: z.literal("forms"), mode: z.literal("off"), which: Name }),
  z.strictObject({
    action: z.literal("forms"),
    mode: z.literal("unmapped"),
    limit: z.int().min(1).max(1000).default(20),
  }),
  z.strictObject({
    action: z.literal("forms"),
    mode: z.literal("map"),
    which: Name,
    field_map: z.record(Name, Name),
  }),
]);
export type FormsRequest = z.output<typeof FormsRequest>;
