import { z } from "zod";

/** What came of the links that were made on one day for one target. */
export const LinkResults = z.array(
  z.object({
    day: z.string(),
    target: z.string(),
    channel: z.string().nullable(),
    links: z.int(),
    links_opened: z.int(),
    human_clicks: z.int(),
    previews: z.int(),
    scanners: z.int(),
    prefetches: z.int(),
    unknown_clicks: z.int(),
  }),
);

/** The results, the target as it was written down, or the new link; null if there is no such target. */
export const LinksAnswer = z.discriminatedUnion("mode", [
  z.object({ mode: z.literal("list"), results: LinkResults }),
  z.object({ mode: z.literal("target"), name: z.string(), url: z.string() }),
  z.object({
    mode: z.literal("make"),
    link: z.object({ code: z.string(), address: z.string() }).nullable(),
  }),
]);
export type LinksAnswer = z.infer<typeof LinksAnswer>;
