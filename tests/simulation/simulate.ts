import { collectEvidence, type Evidence } from "./evidence.ts";
import type { Surgery } from "./functions.ts";
import { findViolations } from "./invariants.ts";
import type { Happening, Plan } from "./plan.ts";
import { prepare } from "./prepare.ts";
import type { QueueDatabase } from "./queue-database.ts";
import { RunRecord } from "./run-record.ts";
import type { Trouble } from "./trouble.ts";
import { VirtualTime } from "./virtual-time.ts";
import { World } from "./world.ts";

/** Far from the machine's own hour, so that a forgotten clock shows. */
const START_MS = Date.UTC(2031, 4, 5, 9, 0, 0);
const TICK_MS = 10_000;
const SWEEP_MS = 300_000;
const PULL_TICK_MS = 60_000;
/** How soon the admin sees that amoCRM has ended the connection. */
const CONSENT_MS = 120_000;
/** From the calm on. The longest chain of waits: probes of five minutes, looks of five minutes, a backoff of an hour. */
const LONGEST_WAY_TO_REST_MS = 3 * 3_600_000;
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
  surgery: Surgery = {},
): Promise<RunResult> {
  surgery.beginRun?.();
  await database.reset(START_MS);
  const time = new VirtualTime(START_MS);
  const record = new RunRecord(time);
  const world = new World({ plan, time, access: database.enter(time), record, surgery });

  let evidence: Evidence | null = null;
  let failure: { cause: unknown } | null = null;
  tell(world, time).then(
    (collected) => {
      evidence = collected;
    },
    (cause: unknown) => {
      failure = { cause };
    },
  );
  const end = await time.run(() => evidence !== null || failure !== null, START_MS + 24 * 3_600_000);
  if (failure !== null) throw (failure as { cause: unknown }).cause;
  if (evidence === null) throw new Error(`Run ${plan.seed} came to no end, its world is ${end}`);
  return { seed: plan.seed, plan, record, evidence, tookMs: time.nowMs() - START_MS };
}

async function tell(world: World, time: VirtualTime): Promise<Evidence> {
  const { plan, record } = world;
  await prepare(world, time);
  const startMs = time.nowMs();
  record.planStartMs = startMs;
  for (const happening of plan.happenings) void happen(world, time, happening);
  for (const trouble of plan.troubles) void strike(world, time, trouble);
  const isResting = { value: false };
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
    () => tick(world),
  );
  if (plan.connection === "oauth")
    void repeat(
      time,
      CONSENT_MS,
      () => isResting.value,
      () => world.consentIfEnded(),
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
    if (time.nowMs() > calmMs + LONGEST_WAY_TO_REST_MS) {
      record.violate(`the system does not come to rest: ${await unfinished(world)}`);
      break;
    }
    await time.sleep(TICK_MS);
  }
  record.trace("at rest");
  // Pulls go on: they are due at their times.
  const requestCount = () => record.departures.filter(({ worker }) => worker.startsWith("drain")).length;
  const before = { requests: requestCount(), drains: record.counts.drains };
  await time.sleep(REST_MS);
  isResting.value = true;
  if (
    record.violations.length === 0 &&
    (requestCount() > before.requests || record.counts.drains > before.drains)
  ) {
    record.violate("something is called although nothing is due");
  }
  const evidence = await collectEvidence(world);
  for (const violation of findViolations(world, evidence)) record.violate(violation);
  return evidence;
}

async function happen(world: World, time: VirtualTime, happening: Happening): Promise<void> {
  await time.sleep(happening.atMs);
  if (happening.kind === "insert") return world.insert(happening.leads, happening.losesMessage);
  if (happening.kind === "student" || happening.kind === "lesson") {
    await world.school.act(happening);
    return world.answerBell();
  }
  if (happening.kind === "manager") return world.manager.edit(happening.act);
  if (happening.kind === "admin") {
    await world.admin.perform(happening.act);
    return world.answerBell();
  }
  const leads = world.plan.happenings.flatMap((other) => (other.kind === "insert" ? other.leads : []));
  const lead = leads[happening.leadIndex];
  if (lead !== undefined) await world.update(lead.id, happening.change);
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

async function tick(world: World): Promise<void> {
  await world.answerBell("select public.amocrm_tick()");
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

async function isAtRest(world: World): Promise<boolean> {
  if (world.runningCount > 0 || world.ringCount > 0) return false;
  return (await unfinished(world)) === null;
}

async function unfinished(world: World): Promise<string | null> {
  const rows = await world.access.query<{ text: string }>(`
    select outbox.id || ' ' || outbox.state || ' ' || coalesce(outbox.last_error_code, '') as text from amocrm.outbox
    where outbox.state in ('pending', 'leased', 'uncertain')
    union all
    select lead.id || ' has no message' from public.unified_lead_tracking as lead
    where lead.amocrm_synced_at is null and not exists (select from amocrm.outbox where outbox.subject_id = lead.id)
    union all
    select student.id || ' has no message' from public.tripwire_users as student
    where student.amocrm_synced_at is null and not exists (select from amocrm.outbox
      where outbox.subject_id = student.id and outbox.kind = 'student.created')
    union all
    select student.id || ' has no message of lesson ' || progress.lesson_id from public.tripwire_lesson_progress as progress
    join public.tripwire_users as student on student.user_id = progress.user_id
    where not amocrm.is_lesson_told(student.id, progress.lesson_id)
    limit 10`);
  return rows.length === 0 ? null : rows.map(({ text }) => text).join("; ");
}
