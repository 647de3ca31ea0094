import { z } from "zod";

const Route = z.object({
  source: z.string(),
  pipeline_id: z.int().nullable(),
  status_id: z.int().nullable(),
  responsible_user_id: z.int().nullable(),
  tags: z.array(z.string()),
  deal_name: z.string(),
  on_repeat: z.enum(["note", "note_and_task", "deal"]),
});
/** A row of amocrm_routes: where leads of a source go. */
export type Route = z.infer<typeof Route>;

const EventStage = z.object({ event: z.string(), pipeline_id: z.int(), status_id: z.int() });
/** A row of amocrm_stages: where an event of the school moves the deal. */
export type EventStage = z.infer<typeof EventStage>;

const StoredPipeline = z.object({
  pipeline_id: z.int(),
  name: z.string(),
  sort: z.int(),
  is_main: z.boolean(),
  is_archive: z.boolean(),
  stages: z.array(
    z.object({ id: z.int(), name: z.string(), sort: z.int(), isUnsorted: z.boolean().default(false) }),
  ),
  read_at: z.string(),
});
/** A pipeline of the account as it was last read. */
export type StoredPipeline = z.infer<typeof StoredPipeline>;

/** Everything the admin configured, read once at the start of a drain. */
export const Configuration = z.object({
  settings: z.object({
    min_interval_ms: z.int(),
    batch_size: z.int(),
    patch_batch_size: z.int(),
    /** Fewer than the above while amoCRM does not cope; null when it does. */
    batch_size_in_force: z.int().nullable(),
    /** How often a lost answer is looked for before the request is sent again. */
    most_looks: z.int(),
    allow_stage_backwards: z.boolean(),
  }),
  routes: z.array(Route),
  stages: z.array(EventStage),
  fields: z.array(
    z.object({
      entity: z.enum(["contact", "deal"]),
      path: z.string(),
      field_id: z.int().nullable(),
      field_code: z.string().nullable(),
    }),
  ),
  pipelines: z.array(StoredPipeline),
});
export type Configuration = z.infer<typeof Configuration>;

/** The route of a source: its own, else `*`, else none. */
export function routeOf({ routes }: { routes: readonly Route[] }, source: unknown): Route | null {
  return (
    routes.find((route) => route.source === source) ?? routes.find((route) => route.source === "*") ?? null
  );
}

/** Where an event of the school moves the deal; null if the admin set nothing for it. */
export function stageOf(configuration: Configuration, event: string): EventStage | null {
  return configuration.stages.find((stage) => stage.event === event) ?? null;
}

/** The custom field that carries our row's id on a deal, by which a lost answer is looked up; null if none is set. */
export function markerField(configuration: Configuration): Configuration["fields"][number] | null {
  return configuration.fields.find((field) => field.entity === "deal" && field.path === "id") ?? null;
}
