import { afterAll, beforeAll, expect, test } from "vitest";
import { createStudent } from "#client/tripwire-students.ts";
import { type ResendServer, startResend } from "#dev/resend-simulator/server.ts";
import { waitFor } from "#dev/stack/wait.ts";
import { sized } from "../../support/sizes.ts";
import { crmOf } from "../support/crm.ts";
import { hurry } from "../support/hurry.ts";
import { setStages } from "../support/students.ts";
import { ACCOUNT, type System, startSystem } from "../support/system.ts";
import { type People, peopleOf } from "./school-project.ts";

const STUDENT_COUNT = sized(60, 200);
const CALLER_COUNT = 20;
/** So many of them go on to watch the first two lessons while nothing outside works. */
const LEARNER_COUNT = sized(4, 10);
const BOUGHT = 62001;
const LESSON_68 = 62003;

let resend: ResendServer;
let system: System;
let people: People;
beforeAll(async () => {
  resend = await startResend({ rateLimit: null });
  system = await startSystem({
    moreFunctionEnv: { ...resend.functionEnv, WELCOME_PAGE_URL: "https://school.example/welcome.html" },
  });
  people = peopleOf(system.stack);
  await setStages(system);
  await system.sql`alter table public.message_settings drop constraint min_interval_keeps_resends_limit`;
  await system.sql`update public.message_settings set min_interval_ms = 1`;
  await system.sql`update tripwire_lessons set duration_seconds = 600`;
  // What a first pull would have done in an empty account.
  await system.sql`update amocrm.cursors set is_complete = true, changed_until = clock_timestamp() where entity = 'contact'`;
});
afterAll(async () => {
  await system?.stop();
  await resend?.close();
});

const orders = Array.from({ length: STUDENT_COUNT }, (_, index) => ({
  email: `student${index}@school.example`,
  full_name: `Оқушы ${index}`,
  phone: `+7707${String(1_000_000 + index)}`,
}));
const shareOf = (sortedMs: readonly number[], share: number) =>
  Math.round(sortedMs[Math.ceil(sortedMs.length * share) - 1] ?? 0);

/** Twenty callers, each call sent twice: half of the doubles at the very moment, half after the answer. */
async function createAll(): Promise<number[]> {
  const { client } = await people.signIn("sales_manager");
  const tookMs: number[] = [];
  const send = async (order: (typeof orders)[number]) => {
    const began = performance.now();
    const result = await createStudent(client.functions, order);
    tookMs.push(performance.now() - began);
    expect(result).toMatchObject({ ok: true });
  };
  const waiting = orders.map((order, index) => ({ order, isAtOnce: index % 2 === 0 }));
  await Promise.all(
    Array.from({ length: CALLER_COUNT }, async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const { order, isAtOnce } = next;
        if (isAtOnce) await Promise.all([send(order), send(order)]);
        else for (let time = 0; time < 2; time++) await send(order);
      }
    }),
  );
  return tookMs.sort((a, b) => a - b);
}

/** As a player does it, signed in as the student. */
async function learn(email: string): Promise<void> {
  const [student] = await system.sql<{ user_id: string }[]>`
    select user_id from tripwire_users where email = ${email}`;
  const client = await people.signInAs({ user_id: student?.user_id ?? "", email });
  for (const lesson of [67, 68]) {
    for (const seconds of [10, 300, 600]) {
      const watched = await client.rpc("tripwire_watch", { p_lesson_id: lesson, p_watched_seconds: seconds });
      expect(watched.error).toBeNull();
    }
    expect((await client.rpc("tripwire_complete_lesson", { p_lesson_id: lesson })).error).toBeNull();
  }
}

test("with amoCRM and Resend down students are created and learn; then everything goes out once, and in order", async () => {
  await system.simulator.down();
  await resend.down();
  const tookMs = await createAll();
  console.log(
    `${tookMs.length} calls by ${CALLER_COUNT} callers: median ${shareOf(tookMs, 0.5)} ms, ` +
      `95 % within ${shareOf(tookMs, 0.95)} ms, longest ${shareOf(tookMs, 1)} ms`,
  );
  const learners = orders.slice(0, LEARNER_COUNT).map(({ email }) => email);
  const began = performance.now();
  await Promise.all(learners.map(learn));
  console.log(
    `${LEARNER_COUNT} students watched and completed two lessons in ${Math.round(performance.now() - began)} ms`,
  );
  const [before] =
    await system.sql`select count(*)::int as count from amocrm.outbox where state = 'delivered'`;
  expect(before).toEqual({ count: 0 });

  await system.simulator.up();
  await resend.up();
  const hurrying = hurry(system);
  await waitFor(
    "every message of both queues to be delivered",
    async () => {
      const [left] =
        await system.sql`select count(*)::int as count from amocrm.outbox where state <> 'delivered'`;
      return left?.["count"] === 0;
    },
    { timeoutMs: 180_000 },
  );
  await hurrying.stop();
  // A row that the other queue's write-back held at that moment is passed over, and gets its time by the sweep.
  await system.sql`select amocrm.sweep(), amocrm.sweep_mail()`;

  const [rows] = await system.sql`select count(*)::int as students, count(distinct user_id)::int as accounts,
      count(distinct amocrm_deal_id)::int as deals, count(welcome_email_sent_at)::int as mails from tripwire_users`;
  expect(rows).toEqual({
    students: STUDENT_COUNT,
    accounts: STUDENT_COUNT,
    deals: STUDENT_COUNT,
    mails: STUDENT_COUNT,
  });
  const mails = resend.simulator.mails();
  expect(mails).toHaveLength(STUDENT_COUNT);
  expect(new Set(mails.map(({ body }) => String(body.to))).size).toBe(STUDENT_COUNT);

  const crm = crmOf(system.simulator);
  const deals = crm.deals().filter((deal) => deal.pipeline_id === ACCOUNT.tripwirePipelineId);
  expect(deals).toHaveLength(STUDENT_COUNT);
  expect(deals.filter((deal) => deal.status_id === BOUGHT)).toHaveLength(STUDENT_COUNT - LEARNER_COUNT);
  expect(deals.filter((deal) => deal.status_id === LESSON_68)).toHaveLength(LEARNER_COUNT);
  expect(crm.contacts()).toHaveLength(STUDENT_COUNT);
  const noted = crm.notes().map(({ entity_id }) => entity_id);
  expect(noted).toHaveLength(STUDENT_COUNT);
  expect(new Set(noted).size).toBe(STUDENT_COUNT);
  const [order] = await system.sql`select bool_and(ids = sorted) as is_kept from (
      select array_agg(id order by delivered_at, id) as ids, array_agg(id order by id) as sorted
      from amocrm_outbox group by subject_id) as told`;
  expect(order).toEqual({ is_kept: true });
});
