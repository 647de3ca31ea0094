import type { Chance } from "./chance.ts";
import type { Trap } from "./plan.ts";

/** The calls of the database that a drain or a pull makes, by their names without `amocrm_` and `drain_`. */
const CALLS = [
  "heartbeat",
  "begin",
  "claim",
  "match",
  "look",
  "mark_sent",
  "record",
  "settle",
  "limit_batches",
  "extend",
  "end",
  "look_again",
  "reserve_slot",
  "reserve_token_slot",
  "report_fault",
  "breaker_close",
  "store_pipelines",
  "log_requests",
  "field_types",
  "marker_begin",
  "marker_end",
  "account_look_up",
  "tokens_note_long_lived",
  "tokens_read",
  "tokens_claim",
  "tokens_store",
  "tokens_fail",
  "pull_begin",
  "pull_page",
  "pull_missing",
  "pull_finish",
  "pull_fail",
  "pull_end",
  "reserve_pull_slot",
] as const;

/** The requests that they send, numbers left out. */
const REQUESTS = [
  "GET contacts",
  "GET contacts/N",
  "GET leads",
  "GET leads/N",
  "GET leads/notes",
  "GET leads/pipelines",
  "GET leads/custom_fields",
  "GET tasks",
  "POST leads",
  "POST leads/complex",
  "POST leads/notes",
  "POST tasks",
  "POST leads/custom_fields",
  "POST /oauth2/access_token",
  "PATCH contacts",
] as const;

/** While a request is on its way; its moment is drawn, so no trap can be set there. */
export const DURING_A_REQUEST = "during a request";

/** Every moment at which a worker can be told to end: before and after each call, after each request. */
export const CRASH_POINTS: readonly string[] = [
  ...CALLS.flatMap((call) => [`before ${call}`, `after ${call}`]),
  ...REQUESTS.map((request) => `after ${request}`),
];

/** Those that came later: apart, so that the traps of older seeds stay where they are. */
export const LATER_CRASH_POINTS: readonly string[] = [
  "after PATCH leads",
  "before deals_of_others",
  "after deals_of_others",
  "before report_answer",
  "after report_answer",
  "before hints_take",
  "after hints_take",
  "before hints_store",
  "after hints_store",
  "before void_look",
  "after void_look",
];

/** Those that no trap is set at: hooks have something to tell just while the account is in trouble, and a first pull went before. */
export const RARE_POINTS: readonly string[] = ["before hints_wait", "after hints_wait"];

/** The name of a call of the database in the list. */
export function callName(rpc: string): string {
  return rpc.replace(/^amocrm_(drain_)?/, "");
}

/** The name of a request in the list. */
export function requestName(method: string, url: string): string {
  return `${method} ${new URL(url).pathname.replace(/^\/api\/v4\//, "").replace(/\/\d+/g, "/N")}`;
}

/** Each seed sets traps at points of its own, so that a few dozen runs have them everywhere. */
export function planTraps(seed: number, chance: Chance): Trap[] {
  return [0, 1, 2].map((index) => ({
    point: CRASH_POINTS[(3 * seed + index) % CRASH_POINTS.length] as string,
    pass: chance.between(1, 3),
  }));
}
