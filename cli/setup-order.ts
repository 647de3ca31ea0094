import type { SetupRequestInput } from "../supabase/functions/_shared/admin/request.ts";
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
  minIntervalMs?: string;
  functionsUrl?: string;
  cronKey?: string;
  alertUrl?: string;
  deadManUrl?: string;
}

/** What is to be asked of amocrm-admin, and what the operator should know about it. */
export interface SetupOrder {
  request: SetupRequestInput;
  notes: string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const ALERT_FLAGS: readonly string[] = ["alertUrl", "deadManUrl"];
/** What goes into Vault: alone it says nothing of what else is to be configured. */
const VAULT_FLAGS: readonly string[] = ["functionsUrl", "cronKey", ...ALERT_FLAGS];
const ON_REPEAT = ["note", "note_and_task", "deal"] as const;

/**
 * Turns flags and older variables into one request; a flag wins over a variable for the same row. Without any flag
 * that says what to configure, marker and utm are included, and a route for all sources if there is none yet.
 */
export function setupOrderOf(flags: SetupFlags, environment: Environment, target: Target): SetupOrder {
  const older = rowsOfOlderVariables(environment);
  const route = routeOfFlags(flags);
  const isBare = Object.keys(flags).every((name) => VAULT_FLAGS.includes(name));
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
    throw usageFailure("--status needs --pipeline: a stage is only unique in its pipeline");
  }
  const repeat = ON_REPEAT.find((known) => known === onRepeat);
  if (onRepeat !== undefined && repeat === undefined) {
    throw usageFailure(`--on-repeat must be ${ON_REPEAT.join(", ")}, not ${JSON.stringify(onRepeat)}`);
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
 * The local stack has its own URL and key, which only flags replace. A hosted project gets both, unless only addresses of
 * alerts are named: whoever sets one of these does not want another key as well.
 */
function vaultOf(
  flags: SetupFlags,
  environment: Environment,
  target: Target,
): { vault: SetupRequestInput["vault"] | null; notes: string[] } {
  const { functionsUrl, cronKey } = flags;
  const names = Object.keys(flags);
  const isGiven = functionsUrl !== undefined || cronKey !== undefined;
  const isOfAlerts = names.length > 0 && names.every((name) => ALERT_FLAGS.includes(name));
  if ((target.kind === "local" && !isGiven) || isOfAlerts) return { vault: null, notes: [] };
  const ofEnvironment = (name: string): string | undefined => ofHosted(name, environment, target);
  const url = functionsUrl ?? ofEnvironment("AMOCRM_FUNCTIONS_URL") ?? `${target.url}/functions/v1`;
  const key = cronKey ?? ofEnvironment("AMOCRM_CRON_KEY") ?? target.secretKey;
  const notes =
    key === target.secretKey && cronKey === undefined && ofEnvironment("AMOCRM_CRON_KEY") === undefined
      ? [
          "Vault gets the secret key of this command, so that the database can call the functions. A key of its own is better: make one named amocrm_cron and pass it with --cron-key or AMOCRM_CRON_KEY.",
        ]
      : [];
  return { vault: { functionsUrl: url, cronKey: key }, notes };
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
