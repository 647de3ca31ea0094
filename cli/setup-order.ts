import type { SetupRequestInput } from "#shared/admin/request.ts";
import { filled, type Text } from "#shared/platform/text.ts";
import { usageFailure } from "./failure.ts";
import { rowsOfOlderVariables } from "./older-variables.ts";
import {
  type FieldInput,
  parseField,
  parseId,
  parseStage,
  type RouteInput,
  type StageInput,
} from "./setup-rows.ts";
import type { Target } from "./target.ts";
import { FLAGS } from "./words/flags.ts";
import { SETUP } from "./words/setup.ts";

/** The flags of `setup` as they were typed. */
export interface SetupFlags {
  pipeline?: string;
  status?: string;
  responsible?: string;
  source?: string;
  onRepeat?: string;
  dealName?: string;
  tag?: string[];
  stage?: string[];
  field?: string[];
  marker?: true;
  utm?: true;
  switch?: true;
  monitorToken?: true;
  minIntervalMs?: string;
  functionsUrl?: string;
  force?: true;
  cronKey?: string;
  alertUrl?: string;
  deadManUrl?: string;
}

/** What is to be asked of amocrm-admin, and what the operator should know about it. */
export interface SetupOrder {
  request: SetupRequestInput;
  notes: Text[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const ALERT_FLAGS: readonly string[] = ["alertUrl", "deadManUrl"];
/** Whoever gives nothing else wants nothing else of Vault. */
const ASIDE_FLAGS: readonly string[] = ["switch", "monitorToken", ...ALERT_FLAGS];
/** What goes into Vault: alone it says nothing of what else is to be configured. */
const VAULT_FLAGS: readonly string[] = ["functionsUrl", "force", "cronKey", ...ALERT_FLAGS];
/** Neither does it say so which account and database are meant. */
const PLAIN_FLAGS: readonly string[] = ["switch", "monitorToken", ...VAULT_FLAGS];
const ON_REPEAT = ["note", "note_and_task", "deal"] as const;

/**
 * Turns flags and older variables into one request; a flag wins over a variable for the same row. Without any flag
 * that says what to configure, marker and utm are included, and a route for all sources if there is none yet.
 */
export function setupOrderOf(flags: SetupFlags, environment: Environment, target: Target): SetupOrder {
  const older = rowsOfOlderVariables(environment);
  const route = routeOfFlags(flags);
  const isBare = Object.keys(flags).every((name) => PLAIN_FLAGS.includes(name));
  const isVaultOnly =
    isBare && Object.keys(flags).length > 0 && older.routes.length + older.stages.length === 0;
  const isDefault = isBare && !isVaultOnly;
  const fallback: RouteInput[] = isDefault ? [{ source: "*", only_if_absent: true }] : [];
  const routes = lastWins(
    [...fallback, ...older.routes, ...(route === null ? [] : [route])],
    ({ source }) => source,
  );
  const stages = lastWins<StageInput>(
    [...older.stages, ...(flags.stage ?? []).map(parseStage)],
    ({ event }) => event,
  );
  const fields = lastWins<FieldInput>(
    (flags.field ?? []).map(parseField),
    ({ entity, path }) => `${entity}.${path}`,
  );
  const { vault, notes } = vaultOf(flags, environment, target);
  const alerts = alertsOf(flags, environment, target);
  return {
    request: {
      action: "setup",
      ...(flags.switch === true ? { switch: true } : {}),
      ...(flags.monitorToken === true ? { monitorToken: true } : {}),
      ...(flags.minIntervalMs === undefined
        ? {}
        : { settings: { min_interval_ms: parseId(flags.minIntervalMs, "--min-interval-ms") } }),
      ...(routes.length === 0 ? {} : { routes }),
      ...(stages.length === 0 ? {} : { stages }),
      ...(fields.length === 0 ? {} : { fields }),
      ...(flags.marker === true || isDefault ? { marker: true } : {}),
      ...(flags.utm === true || isDefault ? { utm: true } : {}),
      ...(vault === null ? {} : { vault }),
      ...(Object.keys(alerts).length === 0 ? {} : { alerts }),
    },
    notes,
  };
}

function routeOfFlags(flags: SetupFlags): RouteInput | null {
  const { pipeline, status, responsible, source, onRepeat, dealName, tag } = flags;
  if ([pipeline, status, responsible, source, onRepeat, dealName, tag].every((flag) => flag === undefined)) {
    return null;
  }
  if (status !== undefined && pipeline === undefined) {
    throw usageFailure(FLAGS.statusAlone);
  }
  const repeat = ON_REPEAT.find((known) => known === onRepeat);
  if (onRepeat !== undefined && repeat === undefined) {
    throw usageFailure(
      filled(FLAGS.onRepeat, { known: ON_REPEAT.join(", "), typed: JSON.stringify(onRepeat) }),
    );
  }
  return {
    source: source ?? "*",
    ...(pipeline === undefined ? {} : { pipeline_id: parseId(pipeline, "--pipeline") }),
    ...(status === undefined ? {} : { status_id: parseId(status, "--status") }),
    ...(responsible === undefined ? {} : { responsible_user_id: parseId(responsible, "--responsible") }),
    ...(repeat === undefined ? {} : { on_repeat: repeat }),
    ...(dealName === undefined ? {} : { deal_name: dealName }),
    ...(tag === undefined ? {} : { tags: tag }),
  };
}

/**
 * The local stack has its own URL, which only a flag replaces. A hosted project gets it, unless only addresses of alerts, a
 * token or an account are named.
 */
function vaultOf(
  flags: SetupFlags,
  environment: Environment,
  target: Target,
): { vault: SetupRequestInput["vault"] | null; notes: Text[] } {
  const { functionsUrl, cronKey } = flags;
  const names = Object.keys(flags);
  const isGiven = functionsUrl !== undefined || cronKey !== undefined;
  const isAside = names.length > 0 && names.every((name) => ASIDE_FLAGS.includes(name));
  if ((target.kind === "local" && !isGiven) || isAside) return { vault: null, notes: [] };
  const ofEnvironment = (name: string): string | undefined => ofHosted(name, environment, target);
  const own = `${target.url}/functions/v1`;
  if (functionsUrl !== undefined && flags.force !== true && originOf(functionsUrl) !== target.url) {
    throw usageFailure(filled(SETUP.foreignUrl, { url: functionsUrl, own }), SETUP.foreignUrlRemedy);
  }
  const url = functionsUrl ?? ofEnvironment("AMOCRM_FUNCTIONS_URL") ?? own;
  const notes = cronKey === undefined ? [] : [FLAGS.cronKey];
  return { vault: { functionsUrl: url }, notes };
}

/** Null for what is no address: amocrm-admin says what is wrong with it. */
function originOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).origin : null;
}

/** The roads of alerts: what is not given stays, and an empty flag takes one away. */
function alertsOf(
  flags: SetupFlags,
  environment: Environment,
  target: Target,
): NonNullable<SetupRequestInput["alerts"]> {
  const alertUrl = flags.alertUrl ?? ofHosted("AMOCRM_ALERT_URL", environment, target);
  const deadManUrl = flags.deadManUrl ?? ofHosted("AMOCRM_DEAD_MAN_URL", environment, target);
  return {
    ...(alertUrl === undefined ? {} : { alertUrl }),
    ...(deadManUrl === undefined ? {} : { deadManUrl }),
  };
}

/** A variable that is set; none counts for the local stack, which sets its own Vault. */
function ofHosted(name: string, environment: Environment, target: Target): string | undefined {
  return target.kind === "local" ? undefined : environment[name]?.trim() || undefined;
}

function lastWins<T>(rows: readonly T[], keyOf: (row: T) => string): T[] {
  return [...new Map(rows.map((row) => [keyOf(row), row])).values()];
}
