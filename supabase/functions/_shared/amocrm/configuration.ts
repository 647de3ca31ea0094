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

/** A row of amocrm_fields: which field takes which value. */
export const MappedField = z.object({
  entity: z.enum(["contact", "deal"]),
  path: z.string(),
  field_id: z.int().nullable(),
  field_code: z.string().nullable(),
});
export type MappedField = z.infer<typeof MappedField>;

const FilledField = MappedField.extend({
  /** amoCRM's word for what the field is; null as long as nobody has read it. */
  field_type: z.string().nullable().default(null),
  choices: z.array(z.object({ id: z.int(), value: z.string() })).default([]),
});

/** The lists of rows, of which one that cannot be read is of no use, and the others are. */
const ROWS = { routes: Route, stages: EventStage, fields: FilledField, pipelines: StoredPipeline } as const;

/** Everything the admin configured, read with each claim. */
export const Configuration = z.object({
  settings: z.object({
    min_interval_ms: z.int(),
    batch_size: z.int(),
    patch_batch_size: z.int(),
    /** A database that is older than the setting has none. */
    note_batch_size: z.int().default(50),
    /** Fewer than the above while amoCRM does not cope; null when it does. */
    batch_size_in_force: z.int().nullable(),
    /** The same for requests of more items than the first two allow, such as of notes. */
    large_batch_size_in_force: z.int().nullable().default(null),
    /** How often a lost answer is looked for before the request is sent again. */
    most_looks: z.int(),
    /** How often it is looked for where looking does not tell, before it is left to a person. */
    most_unclear_looks: z.int(),
    allow_stage_backwards: z.boolean(),
  }),
  routes: z.array(Route),
  stages: z.array(EventStage),
  fields: z.array(FilledField),
  /** Of what the fields are to be read before they are filled. */
  fields_to_read: z.array(z.enum(["contact", "deal"])).default([]),
  pipelines: z.array(StoredPipeline),
  /** Sources whose route cannot be read: theirs is none, not that of all others. */
  unreadable_routes: z.array(z.string()).optional(),
});

export type Configuration = z.infer<typeof Configuration>;

/** The same as a claim tells it, where one row that cannot be read must cost nobody else's lead. */
export const ReadableConfiguration = z.preprocess(withoutUnreadable, Configuration);

function withoutUnreadable(raw: unknown): unknown {
  if (typeof raw !== "object" || raw === null) return raw;
  const told: Record<string, unknown> = { ...raw };
  const sources = rowsIn(told["routes"]).filter((row) => !Route.safeParse(row).success);
  for (const [name, row] of Object.entries(ROWS)) {
    told[name] = rowsIn(told[name]).filter((one) => row.safeParse(one).success);
  }
  told["unreadable_routes"] = sources.map((row) => String((row as { source?: unknown } | null)?.source));
  return told;
}

function rowsIn(list: unknown): unknown[] {
  return Array.isArray(list) ? list : [];
}

/** The route of a source: its own, else `*`, else none. */
export function routeOf(
  {
    routes,
    unreadable_routes = [],
  }: { routes: readonly Route[]; unreadable_routes?: readonly string[] | undefined },
  source: unknown,
): Route | null {
  if (unreadable_routes.includes(String(source))) return null;
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
