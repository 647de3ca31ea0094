import type { OddPopulation } from "#dev/amocrm-simulator/account/odd-rows.ts";
import type { SettingsInput } from "#dev/amocrm-simulator/settings.ts";
import type { AdminAct } from "../people/admin.ts";
import { type HookPlan, withHooks } from "../people/hooks.ts";
import { MANAGER_ACTS, type ManagerEdit } from "../people/manager.ts";
import type { OddHappening } from "../people/odd-things.ts";
import { withOtherAccount } from "../people/other-account.ts";
import { type SchoolHappening, withSchool } from "../people/school.ts";
import { shareNames, withSharedPhones } from "../people/shared-phones.ts";
import { type TellHappening, withFurtherTells, withTells } from "../people/tells.ts";
import { type Chance, createChance } from "./chance.ts";
import { planTraps } from "./crash-points.ts";
import { withHarshness } from "./harshness.ts";
import { planRareTroubles, planRefusals, planTroubles, type Trouble, type Weather } from "./trouble.ts";

const SECOND_MS = 1000;

/** A lead that a visitor leaves, or an edit of one; and what people do by hand meanwhile. */
export type Happening =
  | { kind: "insert"; atMs: number; leads: LeadDraft[]; losesMessage: boolean }
  | { kind: "update"; atMs: number; leadIndex: number; change: Partial<LeadDraft> }
  | SchoolHappening
  | OddHappening
  | ManagerEdit
  | TellHappening
  | AdminAct;

export interface LeadDraft {
  id: string;
  full_name: string;
  email: string | null;
  phone: string | null;
  source: string;
  metadata: Record<string, unknown> | null;
}

/** How often a worker meets an end or a pause at one of its named points, and a call of the database fails. */
export interface Rates {
  crash: number;
  freeze: number;
  databaseFault: number;
  /** Doorbells that ring twice, and those that nobody hears. */
  secondRing: number;
  lostRing: number;
}

/** A worker ends the so-manieth time that one comes by a named point. */
export interface Trap {
  point: string;
  pass: number;
}

/** Everything random that is decided before a run; the rest is decided on the way, from the same seed. */
export interface Plan {
  seed: number;
  /** Asked for without the later ingredients (PlanOptions). */
  isPlain: boolean;
  weather: Weather;
  account: SettingsInput;
  settings: { min_interval_ms: number; batch_size: number; patch_batch_size: number };
  onRepeat: "note" | "note_and_task" | "deal";
  /** Whether deals carry our lead's id: set up; missing, so that the drain may make it; or we may not make it. */
  marker: "set" | "missing" | "refused";
  /** A token for years, pairs that end and are refreshed, or none and a session service. */
  connection: "long_lived" | "oauth" | "session";
  session?: { signInMs: number; intervalMs: number };
  hasMirror: boolean;
  /** How often the mirror is pulled in between; null for never. */
  pullIntervalSeconds: number | null;
  /** People whom a manager had typed into amoCRM before. */
  known: { email: string | null; phone: string | null }[];
  /** Rows of imports and other integrations that are there before, each odd in another way. */
  oddRows?: OddPopulation;
  /** amoCRM's hooks come here. */
  hooks?: HookPlan;
  /** Another account, whose token is here for a while, and what its tokens look like. */
  otherAccount?: { format: "jwt" | "opaque" };
  /** Leads name the e-mail of one person and the phone of another. */
  hasMixedKeys: boolean;
  happenings: Happening[];
  troubles: Trouble[];
  rates: Rates;
  traps: Trap[];
  /** From here on nothing goes wrong any more. */
  calmFromMs: number;
}

export const GOOD_SOURCES = ["landing", "webinar"] as const;
/** Its route names a stage that the account does not have. */
export const BAD_SOURCE = "misrouted";

/** Runs of a time when nobody meddled: told again as they were, whatever ingredients came later. */
export interface PlanOptions {
  isPlain?: boolean;
  /** In an account as it was drawn before the harsh traits were the default. */
  isMild?: boolean;
}

export function makePlan(seed: number, options: PlanOptions = {}): Plan {
  const plan = { ...planPlainly(seed), isPlain: options.isPlain === true };
  // Decided apart from all else, so that an ingredient more or less does not change the rest.
  const chance = createChance(seed, "meddling");
  if (plan.isPlain) return plan;
  const full = withSchool(chance.happens(0.25) ? plan : withMeddling(plan, chance));
  if (options.isMild === true) return full;
  const harsh = withHarshness(full, createChance(seed, "harshness"));
  const shared = withSharedPhones(harsh, createChance(seed, "shared phones"));
  const visited = withOtherAccount(withFurtherTells(withTells(shared)), createChance(seed, "other account"));
  return withHooks(visited, createChance(seed, "hooks"));
}

/** Adds what people, clocks and rare troubles do to a run. */
function withMeddling(plan: Plan, chance: Chance): Plan {
  const spanMs = plan.calmFromMs;
  const isCalm = plan.weather === "calm";
  const marker = chance.happens(0.8) ? "set" : chance.pick(["missing", "refused"] as const);
  const connection = chance.happens(0.3) ? "oauth" : "long_lived";
  const tokens = {
    access_ttl_s: chance.pick([150, 600, 86_400]),
    access_ttl_spread_s: 0,
    refresh_mode: chance.pick(["strict", "grace"] as const),
    refresh_kills_old_access: chance.happens(0.3),
  };
  const times = (most: number) => Array.from({ length: chance.below(most + 1) }, () => chance.below(spanMs));
  const edits = chance.happens(0.6)
    ? times(6).map((atMs): Happening => ({ kind: "manager", atMs, act: chance.pick(MANAGER_ACTS) }))
    : [];
  const acts = chance.happens(0.4)
    ? times(8).map((atMs): Happening => ({ kind: "admin", atMs, act: chance.pick(["cancel", "requeue"]) }))
    : [];
  const happenings = [
    ...(marker !== "set" && chance.happens(0.5) ? shareNames(plan.happenings, chance) : plan.happenings),
    ...edits,
    ...acts,
  ];
  // From a chance of its own, so that older seeds stay what they are.
  const refusals = planRefusals(createChance(plan.seed, "refusals"), spanMs);
  return {
    ...plan,
    marker,
    connection,
    pullIntervalSeconds: chance.happens(0.3) ? chance.pick([60, 240]) : null,
    account: {
      ...plan.account,
      writes: { bad_item: chance.pick(["nothing_written", "good_written"]) },
      // Its lists go by its own clock, which its answers tell (account-clock.ts).
      ...(connection === "oauth" ? { tokens } : {}),
      clock_skew_ms: chance.pick([0, -600_000, -40_000, 600_000]),
    },
    happenings,
    troubles: [...plan.troubles, ...(isCalm ? [] : [...planRareTroubles(chance, spanMs), ...refusals])],
    traps: isCalm ? [] : planTraps(plan.seed, chance),
  };
}

function planPlainly(seed: number): Omit<Plan, "isPlain"> {
  const chance = createChance(seed, "plan");
  const spanMs = chance.pick([30, 120, 400, 900]) * SECOND_MS;
  const people = Array.from({ length: chance.between(1, 12) }, (_, index) => ({
    email: `person${index}@example.com`,
    phone: `+7900000${String(1000 + index)}`,
  }));
  const hasMixedKeys = chance.happens(0.4);
  const happenings = planHappenings(chance, people, spanMs, hasMixedKeys);
  const weather = chance.pick<Weather>([
    "calm",
    "mixed",
    "mixed",
    "mixed",
    "lost_answers",
    "lost_answers",
    "crashes",
    "freezes",
  ]);
  return {
    seed,
    weather,
    account: planAccount(chance),
    settings: {
      min_interval_ms: chance.pick([150, 150, 300, 500, 1000, 2000]),
      batch_size: chance.pick([1, 2, 5, 10, 50]),
      patch_batch_size: chance.pick([1, 5, 50]),
    },
    onRepeat: chance.pick(["note", "note", "note_and_task", "deal"]),
    marker: "set",
    connection: "long_lived",
    hasMirror: chance.happens(0.5),
    pullIntervalSeconds: null,
    known: people.filter(() => chance.happens(0.15)).map(({ email, phone }) => keysOf(chance, email, phone)),
    hasMixedKeys,
    happenings,
    troubles: planTroubles(chance, spanMs, weather),
    rates: planRates(chance, weather),
    traps: [],
    calmFromMs: spanMs + chance.between(0, 60) * SECOND_MS,
  };
}

function planRates(chance: Chance, weather: Weather): Rates {
  if (weather === "calm") return { crash: 0, freeze: 0, databaseFault: 0, secondRing: 0.3, lostRing: 0 };
  return {
    crash: weather === "crashes" ? chance.pick([0.01, 0.03]) : chance.pick([0, 0.002, 0.005]),
    freeze: weather === "freezes" ? chance.pick([0.01, 0.03]) : chance.pick([0, 0, 0.002]),
    databaseFault: chance.pick([0, 0.002, 0.005]),
    secondRing: chance.pick([0, 0.1, 0.5]),
    lostRing: chance.pick([0, 0.1, 0.5]),
  };
}

function planAccount(chance: Chance): SettingsInput {
  return {
    log_bodies: true,
    language: chance.pick(["ru", "en"]),
    duration: {
      base_ms: chance.pick([20, 100, 400, 1200]),
      per_item_ms: chance.pick([0, 20, 100]),
      jitter_ms: chance.pick([0, 100, 600]),
      commit_fraction: chance.pick([0.1, 0.5, 0.9]),
      timeout_504_over_ms: chance.pick([null, null, 4000]),
    },
    search: {
      lag_ms: chance.pick([0, 2000, 15_000, 60_000]),
      lag_jitter_ms: chance.pick([0, 10_000]),
      noise_hits: chance.pick([0, 2]),
      phone: chance.pick(["as_stored", "digits"]),
    },
    lists: {
      filters_need_paid_option: chance.happens(0.3),
      over_limit: chance.pick(["clamp", "refuse"]),
    },
    rate: { refused_count_too: chance.happens(0.3) },
  };
}

function keysOf(
  chance: Chance,
  email: string,
  phone: string,
): { email: string | null; phone: string | null } {
  const kind = chance.below(3);
  return { email: kind === 1 ? null : email, phone: kind === 0 ? null : phone };
}

function planHappenings(
  chance: Chance,
  people: { email: string; phone: string }[],
  spanMs: number,
  isMixed: boolean,
): Happening[] {
  const happenings: Happening[] = [];
  let leadCount = 0;
  const draft = (): LeadDraft => {
    leadCount += 1;
    const person = chance.pick(people);
    // Now and then the e-mail of one and the phone of another.
    const other = isMixed && chance.happens(0.15) ? chance.pick(people) : person;
    return {
      id: chance.uuid(),
      full_name: `Lead ${leadCount}`,
      ...keysOf(chance, person.email, other.phone),
      source: chance.happens(0.05) ? BAD_SOURCE : chance.pick(GOOD_SOURCES),
      metadata: chance.pick([null, null, { proftest: { result: `r${leadCount}` } }, { budget: "a lot" }]),
    };
  };
  const count = chance.between(1, 14);
  for (let index = 0; index < count; index++) {
    const atMs = chance.below(spanMs);
    const size = chance.happens(0.2) ? chance.between(2, 12) : 1;
    happenings.push({
      kind: "insert",
      atMs,
      leads: Array.from({ length: size }, draft),
      losesMessage: chance.happens(0.05),
    });
  }
  for (let index = chance.below(4); index > 0; index--) {
    const person = chance.pick(people);
    const change = chance.pick<Partial<LeadDraft>>([
      { full_name: `Renamed ${index}` },
      { metadata: { answer: `a${index}` } },
      ...(isMixed ? [{ phone: person.phone }, { email: person.email, full_name: `Found ${index}` }] : []),
    ]);
    happenings.push({
      kind: "update",
      atMs: chance.below(spanMs),
      leadIndex: chance.below(leadCount),
      change,
    });
  }
  return happenings;
}
