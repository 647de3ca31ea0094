import { z } from "zod";
import { isSafeUrl, UNSAFE } from "../platform/safe-url.ts";
import {
  DuplicatesRequest,
  ForgetRequest,
  MailsRequest,
  QuarantineRequest,
  TellsRequest,
} from "./decisions/request.ts";
import { FormsRequest } from "./forms/request.ts";
import { LinksRequest } from "./links/request.ts";
import {
  CancelRequest,
  DeadRequest,
  PauseRequest,
  RequeueDeadRequest,
  RequeueRequest,
  ResumeRequest,
} from "./messages/request.ts";
import { PlanRequest } from "./plan/request.ts";
import { SequencesRequest } from "./sequences/request.ts";
import { SmsRequest } from "./sms/request.ts";
import { WebhookRequest } from "./webhook/request.ts";

/** Ids are amoCRM's; whether one exists is asked there. */
const Id = z.int().positive();
const Name = z.string().trim().min(1).max(255);
/** A time that the database knows as well: it has no year 0, and no zone beyond 15 hours. */
const Moment = z.iso
  .datetime({ offset: true, error: "must be a time such as 2026-01-31T00:00:00Z" })
  .refine((text) => text >= "1970" && !/[+-](1[6-9]|2\d):\d\d$/.test(text), {
    error: "must be a time of the years since 1970, in a zone that there is",
  });

/** As `amocrm_routes` has them: a column that is not given goes back to its default. */
const ROUTE_DEFAULTS = { deal_name: "{name} — {source}", on_repeat: "note" } as const;

const RouteInput = z
  .strictObject({
    source: Name,
    pipeline_id: Id.nullable().default(null),
    status_id: Id.nullable().default(null),
    responsible_user_id: Id.nullable().default(null),
    tags: z.array(Name).max(50).default([]),
    deal_name: Name.default(ROUTE_DEFAULTS.deal_name),
    on_repeat: z.enum(["note", "note_and_task", "deal"]).default(ROUTE_DEFAULTS.on_repeat),
    /** True: a route that is there already stays as it is. */
    only_if_absent: z.boolean().default(false),
  })
  .refine((route) => route.status_id === null || route.pipeline_id !== null, {
    path: ["status_id"],
    error: "needs pipeline_id: a stage is only unique together with its pipeline",
  });

const StageInput = z.strictObject({
  event: z
    .string()
    .regex(/^[a-z]+(\.[a-z0-9_-]+)+$/, "must be an event such as student.created or lesson.67"),
  pipeline_id: Id,
  status_id: Id,
});

const FieldInput = z
  .strictObject({
    entity: z.enum(["contact", "deal"]),
    path: z
      .string()
      .max(255)
      .regex(/^([a-z][a-z0-9_]*|metadata\..+)$/, "must be id, a column, or a path such as metadata.a.b"),
    field_id: Id.nullable().default(null),
    field_code: Name.nullable().default(null),
  })
  .refine((field) => (field.field_id === null) !== (field.field_code === null), {
    error: "needs either field_id or field_code",
  });

const SettingsInput = z
  .strictObject({
    min_interval_ms: z.int().min(150).max(600_000),
    batch_size: z.int().min(1).max(50),
    patch_batch_size: z.int().min(1).max(250),
    note_batch_size: z.int().min(1).max(250),
    max_attempts: z.int().min(1).max(100),
    pull_interval_seconds: z.int().min(60).max(86_400),
    allow_stage_backwards: z.boolean(),
    keep_delivered_days: z.int().min(1).max(3650),
    keep_requests_days: z.int().min(3).max(365),
  })
  .partial();

const VaultInput = z.strictObject({
  functionsUrl: z
    .url({ protocol: /^https?$/, error: "must be an http or https URL" })
    .refine(isSafeUrl, UNSAFE)
    .refine((url) => /^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/i.test(url), {
      error: "must be a plain address such as https://<project>.supabase.co/functions/v1",
    }),
  /** Of no effect any more: the database has a token of its own. Older commands send it. */
  cronKey: z
    .string()
    .max(4096)
    .regex(/^[\x21-\x7e]+$/, "must be a key without blanks")
    .optional(),
});

/** As amocrm_set_alert_roads takes it. Path and query may be a token, so no message repeats them. */
const ROAD = /^(https:\/\/[^\s/?#@]+|http:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?)([/?][^\s#]*)?$/i;

/** An address by which an alert goes around the functions; empty takes it away. */
export const RoadUrl = z
  .string()
  .trim()
  .max(2000)
  .refine((text) => text === "" || (ROAD.test(text) && URL.canParse(text)), {
    error: "must be an https URL such as https://hooks.example/…, or empty",
  });

const AlertsInput = z.strictObject({ alertUrl: RoadUrl, deadManUrl: RoadUrl }).partial();

function areUnique(keys: readonly string[]): boolean {
  return new Set(keys).size === keys.length;
}

/** Writes configuration. A route, stage or field that is given replaces that row, all others stay. */
export const SetupRequest = z.strictObject({
  action: z.literal("setup"),
  routes: z
    .array(RouteInput)
    .max(200)
    .refine((rows) => areUnique(rows.map(({ source }) => source)), "names a source twice")
    .optional(),
  stages: z
    .array(StageInput)
    .max(200)
    .refine((rows) => areUnique(rows.map(({ event }) => event)), "names an event twice")
    .optional(),
  fields: z
    .array(FieldInput)
    .max(200)
    .refine((rows) => areUnique(rows.map(({ entity, path }) => `${entity}.${path}`)), "names a path twice")
    .optional(),
  settings: SettingsInput.optional(),
  vault: VaultInput.optional(),
  /** Sends to the account of AMOCRM_ACCESS_TOKEN and from this database from here on, whatever it was before. */
  switch: z.boolean().optional(),
  /** The roads of alerts beside mail; one that is not given stays. */
  alerts: AlertsInput.optional(),
  /** Makes a token for outside monitors, told once. */
  monitorToken: z.boolean().optional(),
  /** Makes or finds the field that carries our lead's id on a deal. */
  marker: z.boolean().optional(),
  /** Maps the utm columns to the fields that the account has for them. */
  utm: z.boolean().optional(),
});
export type SetupRequest = z.output<typeof SetupRequest>;

/** Asks how things are; changes nothing. */
const StatusRequest = z.strictObject({ action: z.literal("status") });

/** Sends history: rows that never reached amoCRM, oldest first. `estimate` tells what that would be, `start` does it. */
export const BackfillRequest = z.strictObject({
  action: z.literal("backfill"),
  mode: z.enum(["estimate", "start"]),
  table: z.enum(["unified_lead_tracking", "tripwire_users"]).default("unified_lead_tracking"),
  /** Rows created then or later; null for all. */
  since: Moment.nullable().default(null),
  limit: z.int().min(1).max(100_000).default(1000),
});
export type BackfillRequest = z.output<typeof BackfillRequest>;

/** Reads changed contacts and deals back. `start` calls the pull, `progress` only tells how it stands. */
export const PullRequest = z.strictObject({
  action: z.literal("pull"),
  mode: z.enum(["start", "progress"]),
  /** Deals changed then or later; null for those since the last pull, or of the last week at first. */
  since: Moment.nullable().default(null),
  /** True: more than a fifth of the mirror may have been deleted in amoCRM. */
  accept_deletions: z.boolean().default(false),
});
export type PullRequest = z.output<typeof PullRequest>;

/** All pipelines and stages of the account; changes nothing but our own copy of them. */
const PipelinesRequest = z.strictObject({ action: z.literal("pipelines") });

/** Who somebody is, here and in amoCRM; changes nothing. The answer holds personal data. */
export const FindRequest = z
  .strictObject({
    action: z.literal("find"),
    email: Name.nullable().default(null),
    phone: Name.nullable().default(null),
    /** The id of a lead or student. */
    lead: z.uuid("must be the id of a lead or student").nullable().default(null),
  })
  .refine(({ email, phone, lead }) => (lead === null) === (email !== null || phone !== null), {
    error: "needs email or phone or both, or else lead",
  });
export type FindRequest = z.output<typeof FindRequest>;

/** Looks at the whole setup; changes nothing. */
const DoctorRequest = z.strictObject({ action: z.literal("doctor") });
/** Makes a link with which somebody connects amoCRM. `switch`: also to another account than the one connected before. */
export const ConnectRequest = z.strictObject({
  action: z.literal("connect"),
  switch: z.boolean().default(false),
});
export type ConnectRequest = z.output<typeof ConnectRequest>;

/** Asks who is connected, and what became of a link; changes nothing. */
export const ConnectionRequest = z.strictObject({
  action: z.literal("connection"),
  link_id: Id.nullable().default(null),
});
export type ConnectionRequest = z.output<typeof ConnectionRequest>;

/** What a setup has to choose from; changes nothing but our own copy of the pipelines. */
const ChoicesRequest = z.strictObject({ action: z.literal("choices") });

/** Everything that amocrm-admin can be asked, by `action`. */
export const AdminRequest = z.discriminatedUnion("action", [
  SetupRequest,
  StatusRequest,
  BackfillRequest,
  PullRequest,
  PipelinesRequest,
  ChoicesRequest,
  FindRequest,
  DoctorRequest,
  ConnectRequest,
  ConnectionRequest,
  DeadRequest,
  RequeueRequest,
  RequeueDeadRequest,
  CancelRequest,
  PauseRequest,
  ResumeRequest,
  QuarantineRequest,
  DuplicatesRequest,
  ForgetRequest,
  MailsRequest,
  TellsRequest,
  FormsRequest,
  LinksRequest,
  WebhookRequest,
  PlanRequest,
  SmsRequest,
  SequencesRequest,
]);
export type AdminRequest = z.output<typeof AdminRequest>;
/** The same as a caller writes it. */
export type AdminRequestInput = z.input<typeof AdminRequest>;
export type SetupRequestInput = z.input<typeof SetupRequest>;

/** What is wrong with a request, one line each, without the values: one of them may be a key. */
export function faultsOf(error: z.ZodError): string[] {
  return error.issues.map(({ path, message }) => {
    const place = path.map(String).join(".");
    return place === "" ? message : `${place}: ${message}`;
  });
}
