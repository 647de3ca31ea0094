import { z } from "zod";

/** A place whose forms post, with what the inbox has of it. */
export const FormSources = z.array(
  z.object({
    id: z.string(),
    kind: z.string(),
    source: z.string(),
    is_on: z.boolean(),
    created_at: z.string(),
    last_form_at: z.string().nullable(),
    form_count: z.int(),
    waiting_count: z.int(),
    unmapped_count: z.int(),
  }),
);

/** Forms that fit no lead, as they were posted. */
export const UnmappedForms = z.array(
  z.object({
    id: z.int(),
    form_source_id: z.string(),
    source: z.string(),
    received_at: z.string(),
    reason: z.string().nullable(),
    fields: z.unknown(),
  }),
);

/** The places, the new one with its key, told this once, or how many were switched off. */
export const FormsAnswer = z.discriminatedUnion("mode", [
  z.object({ mode: z.literal("list"), sources: FormSources }),
  z.object({
    mode: z.literal("add"),
    added: z.object({ id: z.string(), key: z.string() }).nullable(),
    reason: z.string().nullable(),
  }),
  z.object({ mode: z.literal("off"), off_count: z.int() }),
  z.object({ mode: z.literal("unmapped"), forms: UnmappedForms }),
  z.object({
    mode: z.literal("map"),
    mapped_count: z.int(),
    fitted_count: z.int(),
    reason: z.string().nullable(),
  }),
]);
export type FormsAnswer = z.infer<typeof FormsAnswer>;
