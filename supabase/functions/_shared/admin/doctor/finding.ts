import { z } from "zod";

/** `unknown`: could not be checked, because of something that another finding says. */
const OUTCOMES = ["ok", "warning", "wrong", "unknown"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What is looked at, in the order in which it is told: what others rest on comes first. */
export const CHECKS = [
  "command",
  "functions",
  "variables",
  "database",
  "cron",
  "vault",
  "road",
  "heartbeats",
  "token",
  "amocrm",
  "clock",
  "places",
  "fields",
  "sending",
  "queue",
  "mirror",
  "channels",
  "alerts",
] as const;
export type Check = (typeof CHECKS)[number];

interface Kind {
  readonly check: Check;
  readonly outcome: Outcome;
  /** Names of what the words of this finding tell. */
  readonly facts: readonly string[];
}

function kind<const C extends Check, const O extends Outcome, const F extends readonly string[]>(
  check: C,
  outcome: O,
  ...facts: F
): { check: C; outcome: O; facts: F } {
  return { check, outcome, facts };
}

/** Everything that doctor can find. The words for each stand in cli/doctor, once for each language. */
export const KINDS = {
  command_ok: kind("command", "ok", "url", "origin"),
  project_unnamed: kind("command", "wrong", "file"),
  stack_missing: kind("command", "wrong", "file"),
  url_missing: kind("command", "wrong"),
  url_malformed: kind("command", "wrong"),
  url_of_dashboard: kind("command", "wrong", "url"),
  key_missing: kind("command", "wrong"),
  key_publishable: kind("command", "wrong"),
  key_anon: kind("command", "wrong"),
  key_service_role: kind("command", "wrong"),
  key_odd: kind("command", "warning"),
  command_clock_off: kind("command", "warning", "seconds"),

  functions_ok: kind("functions", "ok", "version"),
  host_unknown: kind("functions", "wrong", "host"),
  host_refuses: kind("functions", "wrong", "host"),
  host_tls: kind("functions", "wrong", "host", "reason"),
  host_unreachable: kind("functions", "wrong", "host", "reason"),
  stack_gone: kind("functions", "wrong", "file"),
  functions_timeout: kind("functions", "wrong"),
  functions_key_refused: kind("functions", "wrong"),
  functions_forbidden: kind("functions", "wrong"),
  functions_missing: kind("functions", "wrong", "url"),
  functions_do_not_start: kind("functions", "wrong"),
  functions_old: kind("functions", "wrong"),
  functions_failed: kind("functions", "wrong", "status"),
  rest_unasked: kind("functions", "unknown"),

  variables_ok: kind("variables", "ok"),
  variables_off: kind("variables", "wrong"),
  variable_missing: kind("variables", "wrong", "name", "example"),
  variable_misspelt: kind("variables", "wrong", "name", "found"),
  variable_malformed: kind("variables", "wrong", "name", "example"),
  variable_alike: kind("variables", "warning", "name", "found"),
  value_has_spaces: kind("variables", "warning", "name"),
  value_has_quotes: kind("variables", "warning", "name"),
  value_has_blanks: kind("variables", "warning", "name"),
  value_has_bearer: kind("variables", "warning", "name"),
  value_is_url: kind("variables", "warning", "name"),
  value_is_key: kind("variables", "warning", "name"),
  value_is_plain_http: kind("variables", "warning", "name"),

  database_ok: kind("database", "ok", "version"),
  migrations_missing: kind("database", "wrong"),
  database_failed: kind("database", "wrong", "reason"),
  database_unasked: kind("database", "unknown"),
  version_differs: kind("database", "wrong", "database", "functions"),
  extension_missing: kind("database", "wrong", "name", "remedy"),
  trigger_missing: kind("database", "wrong", "table", "name"),
  trigger_off: kind("database", "wrong", "table", "name"),

  cron_ok: kind("cron", "ok", "count"),
  cron_young: kind("cron", "ok", "count"),
  cron_unasked: kind("cron", "unknown"),
  cron_silent: kind("cron", "wrong", "minutes"),
  run_log_clashes: kind("cron", "wrong"),
  jobs_missing: kind("cron", "wrong"),
  job_missing: kind("cron", "wrong", "name"),
  job_off: kind("cron", "wrong", "name"),
  job_failing: kind("cron", "wrong", "name", "message"),
  job_silent: kind("cron", "wrong", "name", "minutes"),

  vault_ok: kind("vault", "ok", "url"),
  vault_unasked: kind("vault", "unknown"),
  vault_unreadable: kind("vault", "wrong"),
  secret_missing: kind("vault", "wrong", "name"),
  vault_other_project: kind("vault", "wrong", "url", "own"),
  vault_url_differs: kind("vault", "warning", "url", "own"),

  road_ok: kind("road", "ok"),
  road_unasked: kind("road", "unknown"),
  road_refused: kind("road", "wrong", "status"),
  road_missing: kind("road", "wrong"),
  road_failed: kind("road", "wrong", "status"),
  road_broken: kind("road", "wrong", "reason"),
  road_silent: kind("road", "wrong"),

  heartbeats_ok: kind("heartbeats", "ok", "names"),
  heartbeats_none: kind("heartbeats", "ok"),
  function_failing: kind("heartbeats", "wrong", "name", "reason"),
  function_silent: kind("heartbeats", "wrong", "name", "count"),
  function_refused: kind("heartbeats", "wrong", "name", "count", "answer"),

  token_ok: kind("token", "ok"),
  token_lasts: kind("token", "ok", "days"),
  token_connected: kind("token", "ok", "host", "days"),
  token_expires_soon: kind("token", "warning", "days"),
  token_expired: kind("token", "wrong", "days"),
  token_none: kind("token", "wrong"),
  token_reauth: kind("token", "wrong", "host", "reason"),
  token_refused: kind("token", "wrong", "since"),
  token_foreign: kind("token", "wrong", "project", "command"),
  token_restored: kind("token", "wrong", "command"),
  token_other_account: kind("token", "wrong", "id", "command"),
  token_unreadable: kind("token", "wrong"),
  token_session: kind("token", "warning", "url"),
  token_refresh_failing: kind("token", "warning", "count", "reason"),

  amocrm_ok: kind("amocrm", "ok", "name", "subdomain", "id"),
  amocrm_unasked: kind("amocrm", "unknown"),
  amocrm_paused: kind("amocrm", "unknown"),
  amocrm_no_slot: kind("amocrm", "unknown"),
  amocrm_rate_limited: kind("amocrm", "wrong"),
  amocrm_unauthorized: kind("amocrm", "wrong"),
  amocrm_no_token: kind("amocrm", "wrong", "reason"),
  amocrm_no_session: kind("amocrm", "wrong", "reason"),
  amocrm_unpaid: kind("amocrm", "wrong"),
  amocrm_forbidden: kind("amocrm", "wrong"),
  amocrm_blocked: kind("amocrm", "wrong"),
  amocrm_wrong_address: kind("amocrm", "wrong"),
  amocrm_not_found: kind("amocrm", "wrong"),
  amocrm_unreachable: kind("amocrm", "wrong"),
  amocrm_timeout: kind("amocrm", "wrong"),
  amocrm_server_error: kind("amocrm", "wrong"),
  amocrm_odd: kind("amocrm", "wrong", "code"),

  clock_ok: kind("clock", "ok"),
  clock_database_off: kind("clock", "warning", "seconds"),
  clock_amocrm_off: kind("clock", "warning", "seconds"),

  places_ok: kind("places", "ok", "routes", "stages"),
  places_unasked: kind("places", "unknown"),
  users_unasked: kind("places", "unknown"),
  routes_none: kind("places", "wrong"),
  route_for_rest_missing: kind("places", "warning"),
  place_no_main: kind("places", "wrong", "row", "where", "near"),
  place_no_pipeline: kind("places", "wrong", "row", "table", "where", "id", "near"),
  place_archived: kind("places", "wrong", "row", "table", "where", "pipeline", "near"),
  place_no_stage: kind("places", "wrong", "row", "table", "where", "id", "pipeline", "near"),
  place_stage_elsewhere: kind(
    "places",
    "wrong",
    "row",
    "table",
    "where",
    "stage",
    "pipeline",
    "other",
    "otherId",
  ),
  place_unsorted: kind("places", "wrong", "row", "table", "where", "stage", "near"),
  place_lost: kind("places", "wrong", "row", "table", "where", "stage", "near"),
  place_closed: kind("places", "warning", "row", "stage"),
  user_missing: kind("places", "wrong", "row", "where", "id", "near"),
  user_off: kind("places", "wrong", "row", "where", "user", "near"),

  fields_ok: kind("fields", "ok", "count"),
  fields_unasked: kind("fields", "unknown"),
  field_missing: kind("fields", "wrong", "row", "field", "near"),
  field_unfillable: kind("fields", "warning", "row", "field", "type"),
  field_path_unknown: kind("fields", "warning", "row", "near"),
  marker_unset: kind("fields", "warning"),
  marker_refused: kind("fields", "warning", "reason"),
  marker_type: kind("fields", "wrong", "field", "type"),

  sending_ok: kind("sending", "ok", "interval"),
  sending_paused: kind("sending", "wrong", "reason"),
  sending_stopped: kind("sending", "wrong", "code", "seconds"),
  sending_slowed: kind("sending", "warning", "interval", "set"),
  sending_small: kind("sending", "warning", "size"),

  queue_ok: kind("queue", "ok"),
  queue_dead: kind("queue", "warning", "count"),
  queue_unrouted: kind("queue", "wrong", "count"),
  queue_behind: kind("queue", "warning", "count", "minutes"),
  queue_uncertain: kind("queue", "warning", "count", "minutes"),
  queue_no_handler: kind("queue", "warning", "count", "kind"),
  logins_differ: kind("queue", "warning", "count"),
  webhook_broken: kind("queue", "warning"),
  forms_unmapped: kind("queue", "warning", "count"),
  duplicates: kind("queue", "warning", "count"),
  quarantine: kind("queue", "wrong", "count"),

  mirror_ok: kind("mirror", "ok", "minutes"),
  mirror_incomplete: kind("mirror", "warning"),
  mirror_failing: kind("mirror", "warning", "entity", "count"),
  mirror_old: kind("mirror", "warning", "minutes"),

  sms_ok: kind("channels", "ok"),
  sms_ok_without_hook: kind("channels", "ok"),
  sms_half: kind("channels", "warning", "reason"),
  sms_cannot_go: kind("channels", "wrong", "reason"),
  sequences_half: kind("channels", "warning", "reason"),
  sequences_no_mail: kind("channels", "wrong", "reason"),
  page_missing: kind("channels", "warning"),
  page_malformed: kind("channels", "warning"),
  link_address_malformed: kind("channels", "warning", "name"),
  qtickets_ok: kind("channels", "ok"),
  qtickets_ok_without_hook: kind("channels", "ok"),
  qtickets_half: kind("channels", "warning", "reason"),
  timepad_ok: kind("channels", "ok"),
  timepad_half: kind("channels", "warning", "reason"),
  unisender_ok: kind("channels", "ok"),
  unisender_half: kind("channels", "warning", "reason"),
  network_half: kind("channels", "warning", "name", "needed"),

  alerts_ok: kind("alerts", "ok", "roads"),
  alerts_nowhere: kind("alerts", "warning", "names"),
  alerts_no_mail: kind("alerts", "warning", "names", "roads"),
  alerts_by_mail_only: kind("alerts", "warning"),
  alert_road_broken: kind("alerts", "warning", "host", "reason"),
  incident: kind("alerts", "warning", "code", "detail"),
  incident_over: kind("alerts", "ok", "code", "minutes"),
} as const satisfies Record<string, Kind>;

export type Code = keyof typeof KINDS;

type Value = string | number;

/** What is to be told with a code: exactly the facts that its kind names. */
export type FactsOf<C extends Code> = Readonly<Record<(typeof KINDS)[C]["facts"][number], Value>>;

/** One finding: which check, how it ended, and what is to be told in words. */
export const Finding = z.object({
  check: z.enum(CHECKS),
  outcome: z.enum(OUTCOMES),
  code: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number()])),
});
export type Finding = z.infer<typeof Finding>;

/** A finding by its code, with the facts that its kind names; most need none. */
export function finding<C extends Code>(
  code: C,
  ...[facts]: (typeof KINDS)[C]["facts"] extends readonly [] ? [] : [FactsOf<C>]
): Finding {
  const { check, outcome } = KINDS[code];
  return { check, outcome, code, facts: { ...facts } };
}

/** What amocrm-admin answers. The times are the function's own, so that the command can compare its clock. */
export const DoctorAnswer = z.object({
  findings: z.array(Finding),
  started_at_ms: z.number(),
  ended_at_ms: z.number(),
});
export type DoctorAnswer = z.infer<typeof DoctorAnswer>;
