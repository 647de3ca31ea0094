import { beforeEach, expect, test } from "vitest";
import { setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { openMailDrainer } from "../support/mail-drainer.ts";
import { configureVault } from "../support/vault.ts";
import { openWatchman, type Watchman } from "../support/watchman.ts";

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
const noticeOf = async () => (await sql`select notice from amocrm_health`)[0]?.["notice"];

test("a critical incident is posted once when its mail does not get through", async () => {
  await setSecret("amocrm_alert_url", ALERT_URL);
  await fail();
  await watchman.pass(4);
  expect(await sentTo(ALERT_URL)).toEqual([]);
  await watchman.pass(30);
  const posts = await sentTo(ALERT_URL);
  expect(posts.filter(({ body }) => body?.includes("drain_failing"))).toHaveLength(1);
  expect(JSON.parse(posts[0]?.body ?? "")).toEqual({
    text: "amoCRM: drain_failing. The last drain failed: TypeError in drain. Remedy: See the logs of the function amocrm-drain",
  });
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
  await watchman.superuser`insert into net._http_response (id, status_code) values (${ping?.id ?? 0}, 404)`;
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
