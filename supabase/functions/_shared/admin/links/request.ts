import { z } from "zod";

const Name = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,59}$/, "must be a word of Latin letters");

/** Short links. `list` tells what came of them, `target` writes down where they may lead, `make` makes one. */
export const LinksRequest = z.discriminatedUnion("mode", [
  z.strictObject({ action: z.literal("links"), mode: z.literal("list") }),
  z.strictObject({
    action: z.literal("links"),
    mode: z.literal("target"),
    name: Name,
    url: z
      .string()
      .max(2000)
      .regex(/^https?:\/\/[^\s/?#@<>"\\]+([/?#][^\s<>"\\]*)?$/i, "must be an http or https address"),
  }),
  z.strictObject({
    action: z.literal("links"),
    mode: z.literal("make"),
    target: Name,
    lead_id: z.guid().nullable().default(null),
  }),
]);
export type LinksRequest = z.output<typeof LinksRequest>;
