import { collectEvidence, type Evidence } from "../checks/evidence.ts";
import { findViolations } from "../checks/invariants.ts";
import { judgeHooks, unreadHooks } from "../people/hooks.ts";
import { makeRowOdd } from "../people/odd-things.ts";
import { tellsOf } from "../people/tells.ts";
import type { Sabotage } from "./functions.ts";
import type { Happening, Plan } from "./plan.ts";
import { prepare } from "./prepare.ts";
import type { QueueDatabase } from "./queue-database.ts";
import { isAtRest, isTellWaiting, unfinished } from "./rest.ts";
import { RunRecord } from "./run-record.ts";
import { TICK_MS, Ticks } from "./ticks.ts";
import type { Trouble } from "./trouble.ts";
import { VirtualTime } from "./virtual-time.ts";
import { World } from "./world.ts";

/** Far from the machine's own hour, so that a forgotten clock shows. */
const START_MS = Date.UTC(2031, 4, 5, 9, 0, 0);
const SWEEP_MS = 300_000;
const PULL_TICK_MS = 60_000;
/** How soon the admin sees that amoCRM has ended the connection, or that the session service waits. */
const CONSENT_MS = 120_000;
/** From the calm on. The longest chain of waits: probes of five minutes, looks of five minutes, a backoff of an hour. */
const MAX_WAY_TO_REST_MS = 3 * 3_600_000;
/** At rest nothing may be called for so long. */
const REST_MS = 10 * 60_000;

export interface RunResult {
  seed: number;
  plan: Plan;
  record: RunRecord;
  /** What there is to judge the run by. */
  evidence: Evidence;
  /** Virtual time that passed. */
  tookMs: number;
}

/** One run: a random history of leads and troubles, then calm, then everything that must hold is checked. */
export async function simulate(
  database: QueueDatabase,
  plan: Plan,
  sabotage: Sabotage = {},
): Promise<RunResult> {
  const hasEnded = ({ told }: Pick<Played, "told">): boolean => told.evidence !== null;
  const { time, record, told, end } = await play(database, plan, sabotage, hasEnded);
  if (told.evidence === null) throw new Error(`Run ${plan.seed} came to no end, its world is ${end}`);
  return { seed: plan.seed, plan, record, evidence: told.evidence, tookMs: time.nowMs() - START_MS };
}

/** The first thing that does not hold in a run, which goes no further then; undefined if all holds to its end. */
export async function firstViolation(
  database: QueueDatabase,
  plan: Plan,
  sabotage: Sabotage,
): Promise<string | undefined> {
  const isOver = ({ told, record: { violations } }: Omit<Played, "end">): boolean =>
    told.evidence !== null || violations.length > 0;
  const { record, told, end } = await play(database, plan, sabotage, isOver);
  if (told.evidence === null && record.violations.length === 0)
    throw new Error(`Run ${plan.seed} came to no end, its world is ${end}`);
  return record.violations[0];
}

/** A run under way: what is written down of it, and its evidence as soon as it is at its end. */
interface Played {
  time: VirtualTime;
  record: RunRecord;
  told: { evidence: Evidence | null };
  /** Whether it was over, nobody would ever wake again, or it lasted too long. */
  end: Awaited<ReturnType<VirtualTime["run"]>>;
}

async function play(
  database: QueueDatabase,
  plan: Plan,
  sabotage: Sabotage,
  isOver: (played: Omit<Played, "end">) => boolean,
): Promise<Played> {
  sabotage.beginRun?.();
  await database.reset(START_MS);
  const time = new VirtualTime(START_MS);
  const record = new RunRecord(time);
  const world = new World({ plan, time, access: database.enter(time, sabotage.call), record, sabotage });
  const told: Played["told"] = { evidence: null };
  let failure: { cause: unknown } | null = null;
  tell(world, time).then(
    (evidence) => {
      told.evidence = evidence;
    },
    (cause: unknown) => {
      failure = { cause };
    },
  );
  const end = await time.run(
    () => failure !== null || isOver({ time, record, told }),
    START_MS + 24 * 3_600_000,
  );
  if (failure !== null) throw (failure as { cause: unknown }).cause;
  return { time, record, told, end };
}

async function tell(world: World, time: VirtualTime): Promise<Evidence> {
  const { plan, record } = world;
  await prepare(world, time);
  const startMs = time.nowMs();
  record.planStartMs = startMs;
  for (const happening of plan.happenings) void happen(world, time, happening);
  for (const trouble of plan.troubles) void strike(world, time, trouble);
  const isResting = { value: false };
  const ticks = new Ticks(world, time);
  void repeat(
    time,
    SWEEP_MS,
    () => isResting.value,
    async () => {
      await world.answerBell("select amocrm.sweep(), amocrm.sweep_lessons(), amocrm.sweep_certificates()");
    },
  );
  void repeat(
    time,
    TICK_MS,
    () => isResting.value,
    () => ticks.tick(),
  );
  if (plan.connection !== "long_lived")
    void repeat(
      time,
      CONSENT_MS,
      () => isResting.value,
      () => (plan.connection === "oauth" ? world.consentIfEnded() : world.sessions.lookAfter()),
    );
  if (plan.pullIntervalSeconds !== null)
    void repeat(
      time,
      PULL_TICK_MS,
      () => isResting.value,
      async () => {
        await world.answerBell("select public.amocrm_pull_tick()");
      },
    );

  await time.sleep(startMs + plan.calmFromMs - time.nowMs());
  await calm(world);
  const calmMs = time.nowMs();
  while (!(await isAtRest(world))) {
    if (time.nowMs() > calmMs + MAX_WAY_TO_REST_MS) {
      record.violate(`no rest: ${(await unfinished(world)) ?? (await unreadHooks(world))}`);
      break;
    }
    await time.sleep(TICK_MS);
  }
  record.trace("at rest");
  // Pulls go on: they are due at their times.
  const requestCount = () => record.departures.filter(({ worker }) => worker.startsWith("drain")).length;
  // What was told of a lead without a deal waits for one, and is looked at now and then.
  const isSomethingWaiting = await isTellWaiting(world);
  const before = { requests: requestCount(), drains: record.counts.drains };
  await time.sleep(REST_MS);
  if (
    record.violations.length === 0 &&
    !isSomethingWaiting &&
    (requestCount() > before.requests || record.counts.drains > before.drains)
  ) {
    record.violate("something is called although nothing is due");
  }
  record.counts.signIns += world.simulator.control.signIns().sessions;
  // Before cron stops: a pull goes on in calls of its own.
  for (const violation of await judgeHooks(world, time)) record.violate(violation);
  isResting.value = true;
  // One that looks whether there is a deal by now may be under way.
  while (world.runningCount > 0 && time.nowMs() < calmMs + MAX_WAY_TO_REST_MS) await time.sleep(TICK_MS);
  const evidence = await collectEvidence(world);
  for (const violation of findViolations(world, evidence)) record.violate(violation);
  return evidence;
}

async function happen(world: World, time: VirtualTime, happening: Happening): Promise<void> {
  await time.sleep(happening.atMs);
  if (happening.kind === "insert") return world.insert(happening.leads, happening.losesMessage);
  if (happening.kind === "student" || happening.kind === "lesson") {
    await world.school.act(happening);
    await world.answerBell();
    return;
  }
  if (happening.kind === "manager") return world.manager.edit(happening.act);
  if (happening.kind === "odd") return makeRowOdd(world, happening);
  if (happening.kind === "admin") {
    await world.admin.perform(happening.act);
    await world.answerBell();
    return;
  }
  const leads = world.plan.happenings.flatMap((other) => (other.kind === "insert" ? other.leads : []));
  const lead = leads[happening.leadIndex];
  if (lead === undefined) return;
  if (happening.kind === "update") return world.update(lead.id, happening.change);
  await tellsOf(world).tell(happening, lead.id);
  await world.answerBell();
}

async function strike(world: World, time: VirtualTime, trouble: Trouble): Promise<void> {
  await time.sleep(trouble.fromMs);
  world.record.trace(`trouble begins: ${JSON.stringify(trouble)}`);
  const end = await begin(world, trouble);
  await time.sleep(trouble.untilMs - trouble.fromMs);
  world.record.trace(`trouble ends: ${trouble.kind}`);
  await end();
}

/** Begins a trouble and answers what ends it. */
async function begin(world: World, trouble: Trouble): Promise<() => unknown> {
  const { control } = world.simulator;
  const { counts } = world.record;
  switch (trouble.kind) {
    case "fault": {
      const faults = control.addFaults(trouble.fault);
      return () => {
        for (const { id } of faults) control.clearFaults(id);
      };
    }
    case "block":
      counts.blocks += 1;
      control.block();
      return () => control.liftBlock();
    case "outage":
      counts.outages += 1;
      world.isReachable = false;
      return () => {
        world.isReachable = true;
      };
    case "no_route":
      await world.closeRoutes();
      return () => world.openRoutes();
    case "pause":
      counts.pauses += 1;
      await world.pause();
      return () => world.resume();
    case "no_database":
      counts.databaseOutages += 1;
      world.isDatabaseReachable = false;
      return () => {
        world.isDatabaseReachable = true;
      };
    case "revoked_token":
      counts.revokedTokens += 1;
      world.revokeToken();
      return () => world.renewToken();
    case "other_account":
      counts.otherAccounts += 1;
      world.otherAccount.comes(trouble.way);
      // Until an admin consents once more, each renewal brings the other's pair.
      if (trouble.way === "refresh") control.revokeTokens();
      return () => world.otherAccount.goes();
    case "session_end":
    case "service_killed":
    case "second_factor":
      counts.sessionTroubles += 1;
      return world.sessions.strike(trouble.kind);
    case "clock_jump":
      counts.clockJumps += 1;
      world.jumpClock(trouble.byMs);
      return () => world.jumpClock(0);
  }
}

async function calm(world: World): Promise<void> {
  world.isCalm = true;
  world.isReachable = true;
  world.simulator.control.clearFaults();
  world.keepRights();
  world.simulator.control.liftBlock();
  await world.openRoutes();
  world.record.trace("calm");
}

async function repeat(
  time: VirtualTime,
  everyMs: number,
  isOver: () => boolean,
  work: () => Promise<void>,
): Promise<void> {
  while (!isOver()) {
    await work();
    await time.sleep(everyMs);
  }
}
