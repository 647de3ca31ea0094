import type { Simulator } from "#dev/amocrm-simulator/simulator.ts";
import type { OtherAccountWay } from "../people/other-account.ts";
import type { Chance } from "./chance.ts";

type FaultInput = Parameters<Simulator["control"]["addFaults"]>[number];

/** What goes wrong outside of our process for a while. */
export type Trouble = { fromMs: number; untilMs: number } & (
  | { kind: "fault"; fault: FaultInput }
  | { kind: "block" | "outage" | "no_route" | "pause" | "no_database" | "revoked_token" }
  | { kind: "clock_jump"; byMs: number }
  | { kind: "other_account"; way: OtherAccountWay }
  | { kind: SessionTrouble }
);

/** What happens to a session service: amoCRM ends all sessions, it dies and comes again, or a code is asked for. */
export type SessionTrouble = "session_end" | "service_killed" | "second_factor";

/** Every way in which amoCRM or the way to it can fail, each with its odds. */
function pickFault(chance: Chance): FaultInput {
  const probability = chance.pick([0.05, 0.2, 0.5, 1]);
  const write = { method: "POST" as const, probability };
  const path = chance.pick([{}, { path: "/api/v4/leads*" }, { path: "/api/v4/leads/notes" }]);
  return chance.pick<() => FaultInput>([
    () => ({ kind: "lost_answer", ...write, ...path }),
    () => ({ kind: "lost_answer", ...write, ...path, ending: "hang" }),
    () => ({ kind: "lost_answer", method: "PATCH", probability }),
    () => ({ kind: "status", status: 502, after_write: true, ...write, ...path }),
    () => ({ kind: "status", status: 504, after_write: true, ...write, ...path }),
    () => ({ kind: "status", status: chance.pick([500, 502, 503, 504]), probability }),
    () => ({ kind: "reset", probability }),
    () => ({ kind: "hang", probability: Math.min(probability, 0.3) }),
    () => ({
      kind: "slow",
      ms: chance.pick([3000, 11_000, 35_000, 90_000]),
      probability: Math.min(probability, 0.3),
    }),
    () => ({ kind: "rate_limit", probability, retry_after_s: chance.pick([0, 1, 5, 20]) }),
    () => ({ kind: "missing_items", ...write, ...path, count: chance.between(1, 3) }),
    () => ({ kind: "cut_body", ...write, ...path }),
    () => ({ kind: "cut_body", method: "GET", probability }),
    () => ({ kind: "unauthorized", probability: 1 }),
    () => ({ kind: "unpaid", probability: 1 }),
    () => ({ kind: "forbidden", probability: 1 }),
  ])();
}

/** How hard a run is, and by what. */
export type Weather = "calm" | "mixed" | "lost_answers" | "crashes" | "freezes";

export function planTroubles(chance: Chance, spanMs: number, weather: Weather): Trouble[] {
  if (weather === "calm") return [];
  const troubles = Array.from({ length: chance.between(0, 8) }, (): Trouble => {
    const fromMs = chance.below(spanMs);
    const lastsMs = chance.pick([5000, 30_000, 120_000, 600_000]);
    const times = { fromMs, untilMs: Math.min(spanMs, fromMs + 1 + chance.below(lastsMs)) };
    const kind = chance.pick([
      "fault",
      "fault",
      "fault",
      "fault",
      "block",
      "outage",
      "no_route",
      "pause",
    ] as const);
    return kind === "fault" ? { ...times, kind, fault: pickFault(chance) } : { ...times, kind };
  });
  if (weather !== "lost_answers") return troubles;
  // Over the whole time: each kind of lost answer now and then.
  const fault = { method: "POST" as const, probability: chance.pick([0.05, 0.15, 0.4]) };
  const lost: FaultInput[] = [
    { kind: "lost_answer", ...fault },
    { kind: "lost_answer", ...fault, ending: "hang" },
    { kind: "status", status: 502, after_write: true, ...fault },
    { kind: "missing_items", ...fault },
    { kind: "reset", ...fault },
  ];
  return [
    ...troubles,
    ...lost.map((one): Trouble => ({ kind: "fault", fault: one, fromMs: 0, untilMs: spanMs })),
  ];
}

/** Refusals that name nobody: any body, any status, of some kind of request or of all; and after the work was done as well. */
export function planRefusals(chance: Chance, spanMs: number): Trouble[] {
  return Array.from({ length: chance.pick([0, 0, 1, 2]) }, (): Trouble => {
    const fromMs = chance.below(spanMs);
    const lastsMs = chance.pick([30_000, 120_000, 600_000]);
    const fault: FaultInput = {
      kind: "status",
      status: chance.pick([400, 404, 405, 409, 410, 418, 422, 423, 451]),
      body: chance.pick([
        "json",
        "html",
        "empty",
        { json: { title: "Bad Request", detail: "244" } },
        { json: { errors: { "71": [{ message: "limit" }] } } },
      ] as const),
      probability: chance.pick([0.2, 1, 1]),
      ...chance.pick([
        {},
        { method: "GET" as const },
        { method: "POST" as const },
        { path: "/api/v4/leads*" },
        { path: "/api/v4/contacts" },
      ]),
    };
    return { kind: "fault", fault, fromMs, untilMs: Math.min(spanMs, fromMs + 1 + chance.below(lastsMs)) };
  });
}

/** What is rare enough to leave most runs alone: the functions lose the database, a token dies, the database's clock jumps. */
export function planRareTroubles(chance: Chance, spanMs: number): Trouble[] {
  return Array.from({ length: chance.pick([0, 1, 1, 2]) }, (): Trouble => {
    const fromMs = chance.below(spanMs);
    const times = { fromMs, untilMs: Math.min(spanMs, fromMs + chance.between(1000, 60_000)) };
    const kind = chance.pick(["no_database", "revoked_token", "clock_jump", "slow_writes"] as const);
    if (kind === "slow_writes") {
      // Given up here long before it is done there: the first look comes too early.
      const fault = {
        kind: "slow",
        method: "POST",
        ms: chance.pick([50_000, 90_000]),
        probability: 0.7,
      } as const;
      return { ...times, kind: "fault", fault };
    }
    if (kind !== "clock_jump") return { ...times, kind };
    // Forward and back: leases end early or live too long. Looks for lost answers allow for two minutes.
    return { ...times, kind, byMs: chance.pick([-60_000, -5000, 2000, 16_000, 60_000]) };
  });
}
