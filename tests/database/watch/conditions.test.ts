import { beforeEach, describe, expect, test } from "vitest";
import { sized } from "../../support/sizes.ts";
import { DAY_MS, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { openDrainer } from "../support/drainer.ts";
import { insertLeads, strangers } from "../support/leads.ts";
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
  await sql`update amocrm.installation set installed_at = ${noonPlus(-30 * DAY_MS)}`;
});

const beat = (component: string, state: string, detail: string | null = null) =>
  sql`select amocrm_heartbeat(${component}, ${state}, '{}', ${detail})`;
const unanswered = (component: string) =>
  sql`update amocrm.heartbeats set unanswered_post_count = 3, last_request_id = 9, last_request_at = '-infinity' where component = ${component}`;
const answered = (statusCode: number) =>
  watchman.superuser`insert into net._http_response (id, status_code) values (9, ${statusCode})`;
const openBreaker = (queue: string) =>
  sql`select amocrm.open_breaker(${queue}, 'unpaid', 'amoCRM answered 402', 60, 300)`;
const closeBreaker = (queue: string) => sql`select amocrm.close_breaker(${queue})`;

/** Claims the only message of amoCRM and settles it. */
async function settleOne(result: Record<string, unknown>): Promise<void> {
  const drainer = openDrainer(database);
  await setTestClock(new Date(watchman.nowMs()), drainer.sql);
  await drainer.begin();
  await drainer.claim();
  await drainer.settle([{ id: 1, verdict: "retry", ...result }]);
  await drainer.end();
}
const leadsAt = (ats: readonly Date[]) =>
  sql`insert into unified_lead_tracking (email, source, created_at, amocrm_synced_at)
    select 'l' || row_number() over () || '@example.com', 'a', at, at from unnest(${ats.map((at) => at.toISOString())}::timestamptz[]) as at`;
/** A lead each hour up to noon of the weeks before. */
const fourWeeksOfLeads = () =>
  leadsAt(Array.from({ length: 28 * 24 }, (_, index) => noonPlus((index - 28 * 24 + 1) * 3_600_000)));

interface Case {
  code: string;
  when: string;
  severity: string;
  make: () => Promise<unknown>;
  /** How many minutes it lasts until an incident opens. */
  minutes: number;
  everyMinutes?: number;
  each?: () => Promise<unknown>;
  isTicking?: boolean;
  detail: RegExp;
  mend: () => Promise<unknown>;
}

const nothing = async () => {};
const CASES: Case[] = [
  {
    code: "no_leads",
    when: "no lead comes in hours that had many in each week before",
    severity: "critical",
    make: fourWeeksOfLeads,
    minutes: 14 * 60,
    everyMinutes: sized(10, 1),
    detail: /No lead has come since 2031-05-05 .* about \d+ were to be expected/,
    mend: () => leadsAt([new Date(watchman.nowMs())]),
  },
  {
    code: "backlog",
    when: "a live message waits for a quarter of an hour and nothing says why",
    severity: "warning",
    make: () => insertLeads(sql, strangers(1)),
    minutes: 17,
    each: () => beat("amocrm-drain", "ok"),
    detail: /waits since 2031-05-05/,
    mend: () => settleOne({ verdict: "delivered" }),
  },
  {
    code: "dead_letters",
    when: "a message is dead",
    severity: "warning",
    make: async () => {
      await insertLeads(sql, strangers(1));
      await settleOne({ verdict: "rejected", code: "bad" });
    },
    minutes: 2,
    detail: /^1 message is dead$/,
    mend: () => sql`select amocrm_cancel(1)`,
  },
  {
    code: "breaker_open",
    when: "the breaker has been open for five minutes",
    severity: "critical",
    make: () => openBreaker("amocrm"),
    minutes: 6,
    detail: /\(unpaid\): amoCRM answered 402$/,
    mend: () => closeBreaker("amocrm"),
  },
  {
    code: "no_route",
    when: "a lead has no route",
    severity: "critical",
    make: async () => {
      await insertLeads(sql, strangers(1));
      await settleOne({ code: "no_route", message: "No route for the source tripwire, and none for *" });
    },
    minutes: 2,
    detail: /No route for the source tripwire/,
    mend: () => sql`select amocrm_cancel(1)`,
  },
  {
    code: "token_unusable",
    when: "the long-lived token has ended",
    severity: "critical",
    make: () => longLived(noonPlus(-1)),
    minutes: 2,
    detail: /AMOCRM_ACCESS_TOKEN ended at/,
    mend: () => longLived(noonPlus(365 * DAY_MS)),
  },
  {
    code: "token_at_risk",
    when: "the long-lived token ends within two weeks",
    severity: "warning",
    make: () => longLived(noonPlus(13 * DAY_MS)),
    minutes: 2,
    detail: /AMOCRM_ACCESS_TOKEN ends at/,
    mend: () => longLived(noonPlus(365 * DAY_MS)),
  },
  {
    code: "cron_stopped",
    when: "the tick does not run, although the watch does",
    severity: "critical",
    make: nothing,
    minutes: 3,
    isTicking: false,
    detail: /amocrm-tick has not run since/,
    mend: nothing,
  },
  {
    code: "vault_incomplete",
    when: "Vault has no key",
    severity: "critical",
    make: () => watchman.superuser`delete from vault.secrets where name = 'amocrm_cron_key'`,
    minutes: 2,
    detail: /^Vault has no secret amocrm_cron_key$/,
    mend: () => sql`select vault.create_secret('sb_secret_test', 'amocrm_cron_key')`,
  },
  {
    code: "unreachable",
    when: "the function is not there",
    severity: "critical",
    make: async () => {
      await unanswered("amocrm-drain");
      await answered(404);
    },
    minutes: 2,
    detail: /3 times without a sign of life, last answer 404$/,
    mend: () => beat("amocrm-drain", "ok"),
  },
  {
    code: "pg_net_silent",
    when: "calls are queued and never answered",
    severity: "critical",
    make: () => unanswered("amocrm-drain"),
    minutes: 2,
    detail: /pg_net has no answer/,
    mend: () => beat("amocrm-drain", "ok"),
  },
  {
    code: "functions_unconfigured",
    when: "a variable is misspelt",
    severity: "critical",
    make: () =>
      beat(
        "amocrm-drain",
        "unconfigured",
        "AMOCRM_ACCESS_TOKEN is not set (AMOCRM_ACESS_TOKEN is set: misspelt?)",
      ),
    minutes: 2,
    detail: /AMOCRM_ACESS_TOKEN is set: misspelt/,
    mend: () => beat("amocrm-drain", "ok"),
  },
  {
    code: "drain_failing",
    when: "the drain ends with an error",
    severity: "critical",
    make: () => beat("amocrm-drain", "failed", "TypeError in drain"),
    minutes: 2,
    detail: /TypeError in drain$/,
    mend: () => beat("amocrm-drain", "ok"),
  },
  {
    code: "pull_failing",
    when: "three pulls have failed",
    severity: "warning",
    make: () => sql`update amocrm.cursors set failure_count = 3 where entity = 'deal'`,
    minutes: 2,
    detail: /The last 3 pulls of deals failed/,
    mend: () => sql`update amocrm.cursors set failure_count = 0`,
  },
];

async function longLived(endsAt: Date): Promise<void> {
  await sql`insert into amocrm.accounts (queue, host, access, access_expires_at)
    values ('amocrm', 'https://company.amocrm.ru', 'long_lived', ${endsAt})
    on conflict (queue) do update set access_expires_at = excluded.access_expires_at`;
}

describe("an incident", () => {
  test("opens for nothing while all is well, over midnight", async () => {
    await watchman.pass(sized(13, 24) * 60, { everyMinutes: sized(5, 1) });
    expect(await watchman.alerts()).toEqual([]);
    expect(await watchman.mailKinds()).toEqual([]);
  });

  test.each(CASES)("$code opens when $when, and ends once that is mended", async (one) => {
    const { code, severity, make, minutes, each, isTicking = true, everyMinutes = 1, detail, mend } = one;
    const passing = { isTicking, everyMinutes, ...(each !== undefined && { each }) };
    await make();
    await watchman.pass(minutes, passing);
    const opened = (await watchman.alerts()).find((alert) => alert.code === code);
    expect(opened).toMatchObject({ severity, detail: expect.stringMatching(detail), resolved_at: null });
    expect(await watchman.mailKinds()).toContain("alert.opened");
    await mend();
    await watchman.pass(16);
    expect(await watchman.openCodes()).not.toContain(code);
  });
});

test("sending that is paused for more than a day, or switched off while leads wait, is told", async () => {
  await sql`select amocrm_pause('moving')`;
  await sql`select message_pause('a mistake in the text')`;
  await insertLeads(sql, strangers(1));
  await beat("amocrm-drain", "disabled");
  await watchman.pass(10);
  expect(await watchman.openCodes()).toEqual([]);
  await setTestClock(noonPlus(DAY_MS + 1), sql);
  const codes =
    await sql`select code from amocrm.alert_conditions() where code <> 'cron_stopped' order by code`;
  expect(codes.map((row) => row["code"])).toEqual(["disabled", "mail_paused", "paused", "sms_paused"]);
});

test("what cannot be asked is named and hides nothing else", async () => {
  await unanswered("amocrm-drain");
  await sql`alter function amocrm.pull_conditions() rename to pull_conditions_gone`;
  try {
    await watchman.pass(2);
    expect(await watchman.openCodes()).toEqual(["pg_net_silent", "watch_broken"]);
  } finally {
    await sql`alter function amocrm.pull_conditions_gone() rename to pull_conditions`;
  }
});
