import { z } from "zod";
import { mergeDeep } from "./json.ts";
import { signInSchema } from "./sign-in/settings.ts";

const countSchema = z.int().min(0);

const rateSchema = z.strictObject({
  requests_per_second: countSchema.default(7),
  account_per_second: countSchema.default(50),
  window: z.enum(["sliding", "fixed"]).default("sliding"),
  blocks_after: z
    .strictObject({ count: z.int().min(1), window_ms: z.int().min(1) })
    .nullable()
    .default({ count: 10, window_ms: 60_000 }),
  body: z.enum(["cycle", "json", "html", "empty"]).default("cycle"),
  retry_after_s: countSchema.default(10),
  retry_after_header: z.boolean().default(false),
  refused_count_too: z.boolean().default(false),
});

const durationSchema = z.strictObject({
  base_ms: z.number().min(0).default(0),
  per_item_ms: z.number().min(0).default(0),
  per_row_ms: z.number().min(0).default(0),
  jitter_ms: z.number().min(0).default(0),
  commit_fraction: z.number().min(0).max(1).default(0.5),
  timeout_504_over_ms: z.number().min(0).nullable().default(null),
  timeout_504_writes: z.boolean().default(true),
});

const searchSchema = z.strictObject({
  lag_ms: countSchema.default(0),
  lag_jitter_ms: countSchema.default(0),
  noise_hits: countSchema.default(0),
  noise_on_miss: z.boolean().default(false),
  phone: z.enum(["as_stored", "digits"]).default("as_stored"),
  case_sensitive: z.boolean().default(false),
  min_query_chars: countSchema.default(0),
});

const listsSchema = z.strictObject({
  next_link: z.enum(["when_more", "when_full", "always"]).default("when_more"),
  over_limit: z.enum(["clamp", "refuse"]).default("clamp"),
  deleted_by_id: z.enum(["empty", "shown"]).default("empty"),
  blank_by_id: z
    .strictObject({ probability: z.number().min(0).max(1), for_ms: countSchema })
    .default({ probability: 0, for_ms: 3000 }),
  ties: z.enum(["by_id", "shuffled"]).default("by_id"),
  by_id: z.enum(["kept", "ignored"]).default("kept"),
  late_ms: countSchema.default(0),
  address_max_bytes: z.int().min(1).default(8192),
  long_address_status: z.union([z.literal(414), z.literal(400)]).default(414),
  filters_need_paid_option: z.boolean().default(false),
  is_api_filter_enabled: z.boolean().default(false),
});

const writesSchema = z.strictObject({
  bad_item: z.enum(["nothing_written", "good_written"]).default("nothing_written"),
  patch_unknown_id: z.union([z.literal(400), z.literal(404)]).default(400),
  updated_at_lock: z.boolean().default(false),
  batch_max: z.int().min(1).default(250),
  complex_max: z.int().min(1).default(50),
  complex_over_limit_status: z.union([z.literal(400), z.literal(422)]).default(422),
  complex_fields_max: z.int().min(1).default(40),
  fields_max: z.int().min(1).nullable().default(null),
  text_max_chars: z.int().min(1).default(256),
  long_text: z.enum(["refuse", "truncate"]).default("refuse"),
  empty_custom_fields: z.enum(["refuse", "accept"]).default("refuse"),
  unsorted_stage: z.enum(["refuse", "accept"]).default("refuse"),
  new_lost: z.enum(["refuse", "accept"]).default("refuse"),
  status_implies_pipeline: z.boolean().default(false),
  link_touches_updated_at: z.boolean().default(true),
  note_touches_updated_at: z.boolean().default(false),
  field_codes: z.enum(["accept", "refuse"]).default("accept"),
  field_create_status: z.union([z.literal(200), z.literal(201)]).default(200),
  duplicate_control: z.boolean().default(false),
});

/** Ways in which a text may come back otherwise than it was sent, none of them promised not to be. */
const TEXT_CHANGES = ["trim", "collapse", "entities", "emoji"] as const;

const textSchema = z.strictObject({ changes: z.array(z.enum(TEXT_CHANGES)).default([]) });

const accessTokenSchema = z.union([
  z.string().min(1),
  z.strictObject({
    token: z.string().min(1),
    client_id: z.string().optional(),
    user_id: z.int().optional(),
    expires_at: z.int().optional(),
  }),
]);

const hooksSchema = z.strictObject({
  refusal: z
    .union([z.literal(402), z.literal(403)])
    .nullable()
    .default(null),
  post_status: z.union([z.literal(200), z.literal(201)]).default(201),
  delay_ms: countSchema.default(500),
  late_ms: countSchema.default(0),
  lost: z.number().min(0).max(1).default(0),
  doubled: z.number().min(0).max(1).default(0),
  entries_max: z.int().min(1).default(10),
  order: z.enum(["kept", "shuffled"]).default("kept"),
  brackets: z.enum(["literal", "encoded", "mixed"]).default("literal"),
  on_move: z.enum(["both", "status", "update"]).default("both"),
  updated_at: z.enum(["given", "missing"]).default("given"),
  odd_values: z.boolean().default(false),
  timeout_ms: z.int().min(1).default(2000),
  disabled_after: z.int().min(1).nullable().default(100),
});

const clientSchema = z.strictObject({
  client_id: z.string().min(1),
  client_secret: z.string().min(1),
  redirect_uri: z.string().min(1),
  name: z.string().default("Integration"),
});

/** The integration that exists when the settings name none. */
export const DEFAULT_CLIENT = {
  client_id: "11111111-2222-4333-8444-555555555555",
  client_secret: "sim-client-secret",
  redirect_uri: "http://127.0.0.1:54321/functions/v1/amocrm-oauth/callback",
  name: "Simulated integration",
};

const tokensSchema = z.strictObject({
  access_tokens: z.array(accessTokenSchema).default([]),
  clients: z.array(clientSchema).default([DEFAULT_CLIENT]),
  format: z.enum(["jwt", "opaque"]).default("jwt"),
  refresh_mode: z.enum(["strict", "grace"]).default("strict"),
  grace_ends_on: z.enum(["any", "access", "refresh"]).default("any"),
  refresh_kills_old_access: z.boolean().default(false),
  access_ttl_s: z.int().min(1).default(86_400),
  access_ttl_spread_s: countSchema.default(500),
  refresh_ttl_s: z.int().min(1).default(7_776_000),
  code_ttl_s: z.int().min(1).default(1200),
  form_encoded: z.enum(["accept", "refuse"]).default("accept"),
  redirect_uri_on_refresh: z.enum(["required", "optional"]).default("required"),
  count_against_rate: z.boolean().default(true),
  consent: z.enum(["auto", "page", "deny"]).default("auto"),
  referer: z.enum(["host", "url"]).default("host"),
});

/** Every switch of the simulator; README.md has the table of meanings and of what each one rests on. */
export const settingsSchema = z.strictObject({
  language: z.enum(["ru", "en"]).default("ru"),
  rate: rateSchema.prefault({}),
  duration: durationSchema.prefault({}),
  search: searchSchema.prefault({}),
  lists: listsSchema.prefault({}),
  writes: writesSchema.prefault({}),
  text: textSchema.prefault({}),
  hooks: hooksSchema.prefault({}),
  tokens: tokensSchema.prefault({}),
  sign_in: signInSchema.prefault({}),
  is_paid: z.boolean().default(true),
  is_integration_enabled: z.boolean().default(true),
  moved_to: z.string().min(1).nullable().default(null),
  moved_status: z.union([z.literal(301), z.literal(401), z.literal(404)]).default(401),
  clock_skew_ms: z.int().default(0),
  hang_max_ms: z.int().min(1).default(600_000),
  log_bodies: z.boolean().default(false),
  log_max: z.int().min(1).default(200_000),
});

export type Settings = z.output<typeof settingsSchema>;
/** Settings as a caller writes them: every member is optional, at any depth. */
export type SettingsInput = z.input<typeof settingsSchema>;

/** Parses settings; throws a ZodError that names each wrong or unknown member. */
export function parseSettings(input: unknown): Settings {
  return settingsSchema.parse(input ?? {});
}

/** Lays a patch over the settings in force; throws like `parseSettings` and then changes nothing. */
export function patchSettings(current: Settings, patch: unknown): Settings {
  return settingsSchema.parse(mergeDeep(current, patch));
}

/** No limits at all: for benchmarks and for filling an account. */
export const UNLIMITED_SETTINGS: SettingsInput = {
  rate: { requests_per_second: 0, account_per_second: 0, blocks_after: null },
};

/** Everything uncertain at its worst: what a careful client must survive. */
export const HARSH_SETTINGS: SettingsInput = {
  rate: { refused_count_too: true, blocks_after: { count: 3, window_ms: 60_000 } },
  duration: { base_ms: 150, per_item_ms: 40, jitter_ms: 300, timeout_504_over_ms: 15_000 },
  search: { lag_ms: 5000, lag_jitter_ms: 20_000, noise_hits: 3, noise_on_miss: true },
  lists: {
    next_link: "always",
    blank_by_id: { probability: 0.2, for_ms: 3000 },
    over_limit: "refuse",
    ties: "shuffled",
    late_ms: 3000,
    address_max_bytes: 6000,
    filters_need_paid_option: true,
  },
  writes: { bad_item: "good_written", patch_unknown_id: 404 },
  text: { changes: [...TEXT_CHANGES] },
  hooks: {
    late_ms: 120_000,
    lost: 0.05,
    doubled: 0.1,
    entries_max: 50,
    order: "shuffled",
    brackets: "mixed",
    odd_values: true,
  },
  tokens: { refresh_mode: "strict", refresh_kills_old_access: true, form_encoded: "refuse" },
};
