import { beforeEach, expect, test } from "vitest";
import { MINUTE_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { openDrainer } from "../support/drainer.ts";
import { insertLeads, strangers } from "../support/leads.ts";
import { configureVault } from "../support/vault.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });

/** Nothing is wrong: what a notice says is no verdict. */
beforeEach(async () => {
  await setTestClock(NOON, sql);
  await configureVault(sql);
  await superuser`insert into cron.job_run_details (jobid, username, start_time, end_time)
    select jobid, username, ${NOON}, ${NOON} from cron.job where jobname = 'amocrm-tick'`;
  await sql`select amocrm_heartbeat('amocrm-drain', 'ok', '{}', null)`;
});

const health = async () => (await sql`select * from amocrm_health`)[0] ?? {};

/** An address outside the functions that is told when they are down. */
const openSecondRoad = () => sql`select vault.create_secret('https://alerts.example/', 'amocrm_alert_url')`;

test("a notice says that the promise is weaker as long as deals carry no marker field", async () => {
  expect(await health()).toMatchObject({ verdict: "ok", notice: expect.stringContaining("setup --marker") });
  await sql`insert into amocrm_fields (entity, path, field_id) values ('deal', 'id', 411)`;
  await openSecondRoad();
  await sql`insert into amocrm_routes (source) values ('*')`;
  expect(await health()).toMatchObject({ verdict: "ok", notice: null });
});

test("the notice on the marker blames rights only where amoCRM has answered so", async () => {
  const drainer = openDrainer(database);
  await setTestClock(NOON, drainer.sql);
  await drainer.begin();
  const begin = async () =>
    (await drainer.sql`select amocrm_marker_begin(${drainer.token}) as may`)[0]?.["may"];
  const end = (code: string, message: string) =>
    drainer.sql`select amocrm_marker_end(${drainer.token}, null, ${code}, ${message})`;
  const at = async (ms: number) => {
    await drainer.end();
    await setTestClock(noonPlus(ms), sql, drainer.sql);
    await drainer.begin();
  };
  expect(await begin()).toBe(true);
  // A drain is at it.
  expect((await health())["notice"]).not.toContain("marker");
  await end("not_connected", "amoCRM is not connected");
  expect((await health())["notice"]).toMatch(
    /made with the next drain after amoCRM can be asked again \(amoCRM is not connected\)/,
  );
  expect((await health())["notice"]).not.toContain("right to make fields");
  expect(await begin()).toBe(false);
  await at(16 * MINUTE_MS);
  expect(await begin()).toBe(true);
  await end("forbidden", "lack of rights (403)");
  expect((await health())["notice"]).toContain("Give the token's user the right to make fields");
  await at(60 * MINUTE_MS);
  expect(await begin()).toBe(false);
});

test("a notice says that nobody has said yet where leads go", async () => {
  expect(await health()).toMatchObject({
    verdict: "ok",
    notice: expect.stringContaining("amocrm -- setup has"),
  });
  await sql`insert into amocrm_routes (source) values ('webinar')`;
  expect((await health())["notice"]).not.toContain("amocrm_routes");
});

test("a notice says for a day that leads arrive without a field that amoCRM refuses, and names the last one", async () => {
  await insertLeads(sql, strangers(3));
  const drainer = openDrainer(database);
  await setTestClock(NOON, drainer.sql);
  await drainer.begin();
  await drainer.claim(3);
  const refused = (field: number) => [
    { code: "deal_deleted", message: "made anew" },
    { code: "field_refused", message: `amoCRM refused field ${field}` },
  ];
  await drainer.settle([
    { id: 1, verdict: "delivered", warnings: refused(414) },
    { id: 2, verdict: "delivered", warnings: [{ code: "deal_deleted", message: "made anew" }] },
  ]);
  expect((await health())["notice"]).toMatch(
    /field or user of 1 message, .* amoCRM refused field 414\. .*doctor/,
  );
  await setTestClock(noonPlus(1000), drainer.sql);
  await drainer.settle([{ id: 3, verdict: "delivered", warnings: refused(415) }]);
  expect(await health()).toMatchObject({
    verdict: "ok",
    notice: expect.stringMatching(/of 2 messages, .*refused field 415\./),
  });
  await setTestClock(noonPlus(24 * 60 * MINUTE_MS + 1000), sql);
  expect((await health())["notice"]).not.toContain("refused field");
});
