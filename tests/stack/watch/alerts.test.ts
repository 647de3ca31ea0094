import { afterAll, beforeAll, expect, test } from "vitest";
import { type ResendServer, startResend } from "#dev/resend-simulator/server.ts";
import { waitFor } from "#dev/stack/wait.ts";
import { leave, type System, startSystem } from "../support/system.ts";

let resend: ResendServer;
let system: System;
beforeAll(async () => {
  resend = await startResend({ rateLimit: null });
  system = await startSystem({
    moreFunctionEnv: {
      ...resend.functionEnv,
      WELCOME_PAGE_URL: "https://school.example/welcome.html",
      ADMIN_EMAIL: "admin@school.example",
    },
  });
  // Looks only when the test says so.
  await system.sql`select cron.alter_job(jobid, schedule := '0 0 1 1 *') from cron.job where jobname = 'amocrm-watch'`;
});
afterAll(async () => {
  await system?.stop();
  await resend?.close();
});

const look = () => system.sql`select amocrm.watch()`;
const askHealth = async (key = system.stack.secretKey, method = "GET") => {
  const answer = await fetch(`${system.stack.functionsUrl}/amocrm-health`, {
    method,
    headers: { apikey: key },
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};
const mails = () => resend.simulator.mails().map(({ body }) => body);
/** As if so many minutes had gone by: what is written down happened so much earlier. */
async function minutesLater(minutes: number): Promise<void> {
  const earlier = `${minutes} minutes`;
  await system.sql`update amocrm.queue_control set breaker_opened_at = breaker_opened_at - ${earlier}::interval`;
  await system.sql`update amocrm.alert_scores set gone_since = gone_since - ${earlier}::interval`;
  await system.sql`update amocrm_alerts set resolved_at = resolved_at - ${earlier}::interval where resolved_at is not null`;
}

test("the breaker opens: an alert, a mail with the remedy, 503 for monitors; and when it closes, a mail that it is over", async () => {
  expect((await askHealth()).status).toBe(200);
  await system.sql`select amocrm_report_fault('unpaid', null, 'amoCRM answered 402: the account is not paid', null, 'send', '{1}', false)`;
  await minutesLater(6);
  await look();
  await waitFor("the mail to arrive", () => mails().length === 1);
  const [opened] = mails();
  expect(opened).toMatchObject({
    to: ["admin@school.example"],
    subject: "[Tripwire] Sending to amoCRM has stopped · Отправка в amoCRM остановлена",
  });
  expect(opened?.text).toContain("the account is not paid");
  expect(opened?.text).toContain("select amocrm_resume()");
  expect(opened?.text).toContain("docs/operate/runbook.md, breaker_open");
  expect(await askHealth()).toMatchObject({
    status: 503,
    body: { verdict: "blocked", open_alerts: [{ code: "breaker_open", severity: "critical" }] },
  });

  await system.sql`select amocrm_resume()`;
  await leave(system, { email: "a@mail.example", source: "a" });
  await system.delivered();
  await look();
  await minutesLater(16);
  await look();
  await minutesLater(61);
  await look();
  await waitFor("the second mail to arrive", () => mails().length === 2);
  expect(mails()[1]?.subject).toBe(
    "[Tripwire] Over: Sending to amoCRM has stopped · Закончилось: Отправка в amoCRM остановлена",
  );
  expect(await askHealth()).toMatchObject({ status: 200, body: { verdict: "ok", open_alerts: [] } });
});

test("a monitor needs a secret key, and GET is all there is", async () => {
  expect((await askHealth(system.stack.publishableKey)).status).toBe(401);
  expect((await askHealth("sb_secret_of_another_project")).status).toBe(401);
  expect((await askHealth(system.stack.secretKey, "POST")).status).toBe(405);
});

test("with the functions down, the incident is posted straight from the database", async () => {
  const heard: string[] = [];
  const { createServer } = await import("node:http");
  const hook = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += String(chunk);
    });
    request.on("end", () => {
      heard.push(body);
      response.end();
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, "127.0.0.1", resolve));
  const { port } = hook.address() as { port: number };
  try {
    await system.sql`select vault.create_secret(${`http://127.0.0.1:${port}/`}, 'amocrm_alert_url')`;
    await system.sql`select vault.update_secret(id, ${`${system.stack.url}/functions/v0`})
      from vault.secrets where name = 'amocrm_functions_url'`;
    await leave(system, { email: "b@mail.example", source: "a" });
    for (let round = 0; round < 3; round++) {
      await system.stack.worker?.runJob("amocrm-tick");
      await system.stack.worker?.idle();
    }
    await look();
    await look();
    await system.sql`update amocrm_alerts set opened_mail_at = opened_mail_at - interval '4 minutes' where code = 'unreachable'`;
    await look();
    await waitFor("the post to arrive", () => heard.some((body) => body.includes("unreachable")));
    await look();
    expect(heard.filter((body) => body.includes("unreachable"))).toHaveLength(1);
    expect(heard[0]).toContain("last answer 404");
  } finally {
    hook.close();
  }
});
