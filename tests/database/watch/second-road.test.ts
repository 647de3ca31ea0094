import { beforeEach, expect, test } from "vitest";
import { englishIn } from "../../unit/words/english.ts";
import { setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { insertLeads, strangers } from "../support/leads.ts";
import { openMailDrainer } from "../support/mail-drainer.ts";
import { configureVault } from "../support/vault.ts";
import { openWatchman, type Watchman } from "../support/watchman.ts";

const HOST = "127.0.0.1:54321";
const ALERT_URL = "https://alerts.example/hook";
const DEAD_MAN_URL = "https://monitor.example/ping";

const database = await useDatabase();
const { sql } = database;
let watchman: Watchman;
beforeEach(async () => {
  watchman = await openWatchman(database);
  await configureVault(sql);
  await sql`select amocrm_heartbeat('amocrm-drain', 'ok', '{}', null)`;
});

const setSecret = (name: string, value: string) => sql`select vault.create_secret(${value}, ${name})`;
const sentTo = async (url: string) =>
  await sql<{ id: number; method: string; body: string | null }[]>`
    select id, method, convert_from(body, 'UTF8') as body from net.http_request_queue where url = ${url} order by id`;
const fail = () => sql`select amocrm_heartbeat('amocrm-drain', 'failed', '{}', 'TypeError in drain')`;
const textOf = (post: { body: string | null } | undefined): string => JSON.parse(post?.body ?? "{}").text;
const noticeOf = async () => (await sql`select notice from amocrm_health`)[0]?.["notice"];

test("a critical incident is posted once when its mail does not get through", async () => {
  await setSecret("amocrm_alert_url", ALERT_URL);
  await fail();
  await watchman.pass(4);
  expect(await sentTo(ALERT_URL)).toEqual([]);
  await watchman.pass(30);
  const posts = await sentTo(ALERT_URL);
  expect(posts.filter(({ body }) => body?.includes("drain_failing"))).toHaveLength(1);
  const [english, russian, ...more] = textOf(posts[0]).split("\n");
  expect(english).toBe(
    `amoCRM (${HOST}): drain_failing. The last drain failed: TypeError in drain. Remedy: See the logs of the function amocrm-drain`,
  );
  expect(russian).toContain(
    `amoCRM (${HOST}): drain_failing. Последняя отправка завершилась ошибкой: TypeError in drain. Что делать: `,
  );
  expect(more).toEqual([]);
});

test("it is posted in the admin's language where one is set, with times of the school", async () => {
  await sql`update public.message_settings set alert_language = 'ru', time_zone = 'Europe/Moscow' where is_the_only_row`;
  await setSecret("amocrm_alert_url", ALERT_URL);
  await fail();
  await watchman.pass(10);
  const texts = (await sentTo(ALERT_URL)).map(textOf);
  expect(texts.length).toBeGreaterThan(0);
  for (const text of texts) {
    expect(englishIn(text)).toEqual([]);
    expect(text).toMatch(/[а-яё]{3}/i);
  }
});

test("nothing is posted when the mail went out, nor for a warning", async () => {
  await setSecret("amocrm_alert_url", ALERT_URL);
  await fail();
  await sql`update amocrm.cursors set failure_count = 3`;
  await watchman.pass(2);
  const drainer = openMailDrainer(database);
  await setTestClock(new Date(watchman.nowMs()), drainer.sql);
  await drainer.begin();
  for (const { id } of await drainer.claim()) {
    await drainer.intend(id);
    await drainer.settle({ id, verdict: "delivered", is_sent: true, resend_id: `r${id}` });
  }
  await drainer.end();
  await watchman.pass(10);
  expect(await watchman.openCodes()).toEqual(["drain_failing", "pull_failing"]);
  expect(await sentTo(ALERT_URL)).toEqual([]);
});

test("the dead-man address is called each five minutes while all is well, and not while anything critical is open", async () => {
  await setSecret("amocrm_dead_man_url", DEAD_MAN_URL);
  await watchman.pass(11);
  expect((await sentTo(DEAD_MAN_URL)).map(({ method }) => method)).toEqual(["GET", "GET", "GET"]);
  await fail();
  await watchman.pass(20);
  expect((await sentTo(DEAD_MAN_URL)).length).toBeLessThanOrEqual(4);
  const callCount = (await sentTo(DEAD_MAN_URL)).length;
  await watchman.pass(20);
  expect(await sentTo(DEAD_MAN_URL)).toHaveLength(callCount);
});

test("health says when neither address is set or works, and never what it is", async () => {
  expect(await noticeOf()).toContain(
    "Vault has no secret amocrm_alert_url; Vault has no secret amocrm_dead_man_url",
  );
  await setSecret("amocrm_dead_man_url", DEAD_MAN_URL);
  expect(await noticeOf()).not.toContain("Nobody is told");
  await watchman.pass(1);
  const [ping] = await sentTo(DEAD_MAN_URL);
  await watchman.superuser`insert into net._http_response (id, status_code, created) values (${ping?.id ?? 0}, 404, 'infinity')`;
  expect(await noticeOf()).toContain("amocrm_dead_man_url answered 404");
  expect(await noticeOf()).not.toContain("monitor.example");
  await setSecret("amocrm_alert_url", ALERT_URL);
  expect(await noticeOf()).not.toContain("Nobody is told");
});

test("a broken pg_net keeps no mail from being enqueued", async () => {
  await setSecret("amocrm_alert_url", ALERT_URL);
  await setSecret("amocrm_dead_man_url", DEAD_MAN_URL);
  await fail();
  await watchman.superuser`alter table net.http_request_queue rename to http_request_queue_gone`;
  try {
    await watchman.pass(10);
    expect(await watchman.openCodes()).toContain("drain_failing");
    expect(await watchman.mailKinds()).toContain("alert.opened");
  } finally {
    await watchman.superuser`alter table net.http_request_queue_gone rename to http_request_queue`;
  }
});

test("a critical incident is posted when its mail has bounced", async () => {
  await setSecret("amocrm_alert_url", ALERT_URL);
  await fail();
  await watchman.pass(2);
  const drainer = openMailDrainer(database);
  await setTestClock(new Date(watchman.nowMs()), drainer.sql);
  await drainer.begin();
  for (const { id, subjectId: subject } of await drainer.claim()) {
    await drainer.intend(id);
    await drainer.settle({ id, verdict: "delivered", is_sent: true, resend_id: `r${id}` });
    const event = {
      event_id: `e${id}`,
      type: "email.bounced",
      outcome: "bounced",
      resend_id: `r${id}`,
      message_id: id,
      subject_id: subject,
      happened_at: new Date(watchman.nowMs()).toISOString(),
      is_permanent: true,
      reason: "Suppressed",
    };
    expect(await drainer.event(event)).toBe("recorded");
  }
  await drainer.end();
  await watchman.pass(10);
  expect(await sentTo(ALERT_URL)).toHaveLength(1);
});

const report = async () =>
  (
    await sql<
      { report: { is_well: boolean; verdict: string; open_alerts: { over_since: string | null }[] } }[]
    >`
      select amocrm_health_report() as report`
  )[0]?.report;
const ok = () => sql`select amocrm_heartbeat('amocrm-drain', 'ok', '{}', null)`;

test("what is mended is over at the next look: the monitor is green and the dead-man address hears of it", async () => {
  await setSecret("amocrm_dead_man_url", DEAD_MAN_URL);
  await fail();
  await watchman.pass(3);
  expect(await report()).toMatchObject({ is_well: false, open_alerts: [{ over_since: null }] });
  const callCount = (await sentTo(DEAD_MAN_URL)).length;
  await ok();
  await watchman.pass(1);
  expect(await report()).toMatchObject({ is_well: true, open_alerts: [{ over_since: expect.any(String) }] });
  await watchman.pass(5);
  expect((await sentTo(DEAD_MAN_URL)).length).toBeGreaterThan(callCount);
  await fail();
  await watchman.pass(1);
  expect(await report()).toMatchObject({ is_well: false, open_alerts: [{ over_since: null }] });
});

test("a monitor is told when a lead has waited for an hour and none got through, although every part says ok", async () => {
  await setSecret("amocrm_dead_man_url", DEAD_MAN_URL);
  await insertLeads(sql, strangers(1));
  await watchman.pass(59, { each: ok });
  expect(await report()).toMatchObject({ is_well: true, verdict: "behind" });
  const callCount = (await sentTo(DEAD_MAN_URL)).length;
  await watchman.pass(10, { each: ok });
  expect(await report()).toMatchObject({ is_well: false, verdict: "behind" });
  expect((await watchman.alerts())[0]).toMatchObject({
    code: "backlog",
    severity: "critical",
    detail: expect.stringContaining("none has got through for an hour"),
  });
  expect((await sentTo(DEAD_MAN_URL)).length).toBeLessThanOrEqual(callCount + 1);
});

test("one lead that waits for its own trouble makes no monitor red while others get through", async () => {
  await insertLeads(sql, strangers(1));
  await sql`update amocrm.outbox set is_fresh = false where id = 1`;
  await watchman.pass(70, {
    each: async () => {
      await ok();
      await sql`update amocrm.queue_control set live_delivered_at = amocrm.clock() where queue = 'amocrm'`;
    },
  });
  expect(await report()).toMatchObject({ is_well: true });
});

test("a watch that fails is told by the monitor, which still answers", async () => {
  await sql`alter function amocrm.judge_conditions(amocrm.alert_condition[]) rename to judge_conditions_gone`;
  try {
    await setTestClock(new Date(watchman.nowMs() + 5 * 60_000), sql);
    await ok();
    expect(await report()).toMatchObject({
      is_well: false,
      verdict: "broken",
      problem: expect.stringContaining("The watch fails, so nobody is told of what is wrong"),
    });
  } finally {
    await sql`alter function amocrm.judge_conditions_gone(amocrm.alert_condition[]) rename to judge_conditions`;
  }
});

test("a read-only database is named, and asking writes nothing", async () => {
  const reader = database.connect({ user: "postgres" });
  await setTestClock(new Date(watchman.nowMs() + 5 * 60_000), reader);
  await reader`set default_transaction_read_only = on`;
  expect((await reader`select verdict, problem from amocrm_health`)[0]).toEqual({
    verdict: "stopped",
    problem: expect.stringContaining("The database is read-only"),
  });
  expect((await reader`select amocrm_health_report() as report`)[0]?.["report"]).toMatchObject({
    is_well: false,
    verdict: "stopped",
  });
});
