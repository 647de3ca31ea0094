import { beforeEach, expect, test } from "vitest";
import { NOON, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { openMailDrainer } from "../support/mail-drainer.ts";
import { configureVault } from "../support/vault.ts";
import { openWatchman, type Watchman } from "../support/watchman.ts";

const database = await useDatabase();
const { sql } = database;
let watchman: Watchman;

/** Everything is as it should be, at noon. */
beforeEach(async () => {
  watchman = await openWatchman(database);
  await configureVault(sql);
  await sql`select amocrm_heartbeat('amocrm-drain', 'ok', '{}', null)`;
});

const beat = (component: string, state: string, detail: string | null = null) =>
  sql`select amocrm_heartbeat(${component}, ${state}, '{}', ${detail})`;
async function killMail(): Promise<void> {
  await sql`insert into tripwire_users (email, amocrm_synced_at) values ('s@example.com', ${NOON})`;
  const drainer = openMailDrainer(database);
  await setTestClock(new Date(watchman.nowMs()), drainer.sql);
  await drainer.begin();
  const [mail] = await drainer.claim();
  await drainer.settle({ id: mail?.id ?? 0, verdict: "rejected", code: "no_login", message: "No login" });
  await drainer.end();
}

interface Case {
  code: string;
  when: string;
  severity: string;
  make: () => Promise<unknown>;
  /** How many minutes it lasts until an incident opens. */
  minutes: number;
  detail: RegExp;
  mend: () => Promise<unknown>;
}

const CASES: Case[] = [
  {
    code: "mail_unconfigured",
    when: "variables of mail are missing",
    severity: "warning",
    make: () => beat("message-drain", "unconfigured", "RESEND_API_KEY is not set"),
    minutes: 2,
    detail: /RESEND_API_KEY is not set/,
    mend: () => beat("message-drain", "ok"),
  },
  {
    code: "mail_unreachable",
    when: "message-drain gives no sign of life",
    severity: "critical",
    make: () => sql`update amocrm.heartbeats set unanswered_post_count = 3 where component = 'message-drain'`,
    minutes: 2,
    detail: /message-drain 3 times/,
    mend: () => beat("message-drain", "ok"),
  },
  {
    code: "mail_failing",
    when: "message-drain ends with an error",
    severity: "critical",
    make: () => beat("message-drain", "failed", "TypeError in deliver"),
    minutes: 2,
    detail: /TypeError in deliver/,
    mend: () => beat("message-drain", "ok"),
  },
  {
    code: "mail_breaker_open",
    when: "the breaker of mail has been open for five minutes",
    severity: "critical",
    make: () => sql`select amocrm.open_breaker('message', 'unpaid', 'Resend answered 402', 60, 300)`,
    minutes: 6,
    detail: /answered 402/,
    mend: () => sql`select amocrm.close_breaker('message')`,
  },
  {
    code: "mail_dead_letters",
    when: "a mail is dead",
    severity: "warning",
    make: killMail,
    minutes: 2,
    detail: /^1 mail is dead$/,
    mend: () => sql`select amocrm_cancel(id) from message_outbox where state = 'dead'`,
  },
  {
    code: "mail_backlog",
    when: "a mail waits for a quarter of an hour",
    severity: "warning",
    make: () => sql`insert into tripwire_users (email, amocrm_synced_at) values ('s@example.com', ${NOON})`,
    minutes: 17,
    detail: /oldest mail waits since/,
    mend: () => sql`select amocrm_cancel(id) from message_outbox where state = 'pending'`,
  },
];

test.each(CASES)("$code opens when $when, and ends once that is mended", async (one) => {
  const { code, severity, make, minutes, detail, mend } = one;
  await make();
  await watchman.pass(minutes);
  const opened = (await watchman.alerts()).find((alert) => alert.code === code);
  expect(opened).toMatchObject({ severity, detail: expect.stringMatching(detail), resolved_at: null });
  await mend();
  await watchman.pass(16);
  expect(await watchman.openCodes()).not.toContain(code);
});

test("a missing ADMIN_EMAIL is a notice of message_health", async () => {
  const notice = async () => (await sql`select notice from message_health`)[0]?.["notice"];
  expect(await notice()).toBeNull();
  await sql`select amocrm_heartbeat('message-drain', 'ok', '{ADMIN_EMAIL}', null)`;
  expect(await notice()).toContain("ADMIN_EMAIL is not set");
});
