import { z } from "zod";

const Place = z.object({ pipeline_id: z.number().nullable(), status_id: z.number().nullable() });
export const Settings = z.object({
  settings: z.record(z.string(), z.unknown()),
  limits: z.record(z.string(), z.unknown()),
  routes: z.array(Place.extend({ source: z.string(), on_repeat: z.string() })),
  stages: z.array(Place.extend({ event: z.string() })),
  fields: z.array(
    z.object({
      entity: z.string(),
      path: z.string(),
      field_id: z.number().nullable(),
      field_code: z.string().nullable(),
    }),
  ),
  pipelines: z.array(
    z.object({
      id: z.number(),
      name: z.string(),
      is_main: z.boolean(),
      stages: z.array(z.object({ id: z.number(), name: z.string() })),
    }),
  ),
  sources: z.array(z.string()),
  custom_fields: z.record(z.string(), z.array(z.object({ id: z.number(), name: z.string() }))),
  message_settings: z.record(z.string(), z.unknown()),
  sequences: z.array(z.object({ sequence: z.string(), is_paused: z.boolean(), inside_count: z.number() })),
  steps: z.array(
    z.object({
      sequence: z.string(),
      step: z.string(),
      event: z.string(),
      channel: z.string(),
      template_code: z.string(),
      delay_minutes: z.number(),
      max_delay_minutes: z.number(),
      is_on: z.boolean(),
    }),
  ),
  texts: z.array(
    z.object({
      code: z.string(),
      channel: z.string(),
      language: z.string(),
      subject: z.string().nullable(),
      body: z.string(),
    }),
  ),
});
export type Settings = z.infer<typeof Settings>;
