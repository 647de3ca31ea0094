import { expect, test } from "vitest";
import { reasonOf } from "#shared/watch/reasons.ts";
import { HOUR_MS, MINUTE_MS, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { insertFollowedLead, writeSequence } from "../support/followups.ts";
import { openMessageTown } from "../support/message-town.ts";
import { configureVault } from "../support/vault.ts";

const database = await useDatabase();
const { sql } = database;

/** Where the reason of a step is written, and words in their sources that are something else. */
const WRITERS = [
  ...["followup_goal", "followup_verdict", "add_steps", "work_step", "move_entries", "resume_sequence"],
  ...["judge_followup", "queue_step", "skip_step"],
];
/** Answers of the functions, channels, topics, states, keys of facts, and tables. */
const NO_REASONS = new Set(
  `skip hold go mail sms message course news email mailing finish move leave waiting held queued
    departed skipped entry_id code id until inside sequence unified_lead_tracking tripwire_users
    deal entry_count followup_resume clock pending version step null`.split(/\s+/),
);

const isRussian = (code: string): boolean => /[а-яё]/i.test(reasonOf(code).ru);

test("each reason that a step may have is there in Russian", async () => {
  const rows = await sql`select pg_get_functiondef(oid) as source from pg_proc
    where pronamespace = 'amocrm'::regnamespace and proname = any (${WRITERS})`;
  expect(rows).toHaveLength(WRITERS.length);
  const named = rows.flatMap(({ source }) =>
    [...String(source).matchAll(/'([a-z][a-z_]*)'/g)].map(([, word]) => word ?? ""),
  );
  const reasons = [...new Set(named)].filter((word) => !NO_REASONS.has(word));
  expect(reasons).toEqual(
    expect.arrayContaining(["no_consent", "late", "quiet_hours", "won", "removed", "left"]),
  );
  expect(reasons.filter((word) => !isRussian(word))).toEqual([]);
});

test("each error of a mail or an SMS is there in Russian, and what Postgres says of a step that stumbled", async () => {
  const rows =
    await sql`select error_code from amocrm.error_policies where error_code ~ '^(mail|sms)_' or error_code in
    ('connection_failed', 'connection_lost', 'timeout', 'server_error', 'unexpected_answer', 'worker_died', 'worker_died_unanswered', 'fails_alone',
      'handler_failed', 'no_handler', 'slot_refused', 'refusal_unreadable')`;
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.map(({ error_code: code }) => code).filter((code) => !isRussian(code))).toEqual([]);
  const outcomes = [
    "bounced",
    "complained",
    "failed",
    "undelivered",
    "rejected",
    "expired",
    "deleted",
    "cancelled",
  ];
  expect(outcomes.filter((code) => !isRussian(code))).toEqual([]);
  expect(reasonOf("failed: division by zero").ru).toBe("сбой, повтор через десять минут: division by zero");
});

test("the plan says why an SMS waits for a person, at no hour, and of what ended in doubt that nobody knows", async () => {
  await configureVault(database.connect({ user: "supabase_admin" }));
  const start = new Date("2031-05-05T08:00:00Z");
  const town = await openMessageTown(database, { seed: 2, start, tickMs: MINUTE_MS });
  await setTestClock(start, sql);
  await writeSequence(sql, [{ step: "text", channel: "sms" }, { step: "mail" }]);
  await insertFollowedLead(sql, { phone: "+447700900123" });
  town.harshness = { lostAnswers: 1 };
  await town.pass(5 * MINUTE_MS);
  await setTestClock(new Date(town.nowMs()), sql);
  await sql`select message_withdraw(p_email => 'asel@example.kz')`;
  await town.pass(HOUR_MS);
  const plan =
    await sql`select step, state, reason, expected_at from followup_plan(p_email => 'asel@example.kz') order by step`;
  expect(plan).toEqual([
    { step: "mail", state: "uncertain", reason: "withdrew", expected_at: null },
    { step: "text", state: "waiting", reason: "sms_held", expected_at: null },
  ]);
});
