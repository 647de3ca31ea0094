import fs from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { JOBS } from "#shared/admin/doctor/cron.ts";
import { type AdminProject, startAdminProject } from "./admin-project.ts";

const { sales, dealFields } = SEED_IDS;

const NOBODY_IS_TOLD =
  "! Alerts      Nobody is told when something breaks: not set for mail: ADMIN_EMAIL, MAIL_FROM, RESEND_API_KEY, WELCOME_PAGE_URL; no address beside it → echo 'ADMIN_EMAIL=…' >> /folder/.dev/stack.json.env and the rest of docs/areas/mail.md; npm run amocrm -- setup --alert-url https://…";

let project: AdminProject;
afterEach(() => project.stop());

/** What doctor prints, with stand-ins for what differs from run to run. */
async function doctor(...flags: string[]) {
  const { exitCode, stdout, stderr } = await project.command(["doctor", ...flags]);
  const text = stdout
    .replaceAll(project.stack.url, "http://project")
    .replaceAll(fs.realpathSync(project.folder), "/folder")
    .replace(/lasts for \d+ days/, "lasts for … days")
    .replace(/действует ещё \d+ дн/, "действует ещё … дн");
  expect(stderr).toBe("");
  return { exitCode, lines: text.trimEnd().split("\n") };
}

/** A webhook that takes everything, as a chat's does. */
async function openHook() {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += String(chunk);
    });
    request.on("end", () => {
      heard.push(body);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { heard, host: `127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => void server.close() };
}

const runJobs = async (): Promise<void> => {
  for (const job of Object.keys(JOBS)) await project.stack.worker?.runJob(job);
  await project.stack.worker?.idle();
};

describe("doctor", () => {
  it("prints for an empty setup what is to be done, and nothing else", async () => {
    project = await startAdminProject(() => ({}));
    await project.sql`delete from vault.secrets`;
    expect(await doctor()).toEqual({
      exitCode: 1,
      lines: [
        "✓ Project     http://project, by /folder/.dev/stack.json",
        "✓ Functions   amocrm-admin answers, version 0.1.0",
        "✗ Variables   AMOCRM_ACCESS_TOKEN is not set → echo 'AMOCRM_ACCESS_TOKEN=…' >> /folder/.dev/stack.json.env",
        "✗ Variables   AMOCRM_SUBDOMAIN is not set → echo 'AMOCRM_SUBDOMAIN=company' >> /folder/.dev/stack.json.env",
        "✓ Database    Migrations of version 0.1.0, extensions and triggers are there",
        `✓ Cron        All ${Object.keys(JOBS).length} jobs are there; some have not had their first turn yet`,
        "✗ Vault       The secret amocrm_functions_url is missing: the database cannot call the functions → npm run amocrm -- setup",
        "✗ Vault       The secret amocrm_call_token is missing: the database cannot call the functions → npm run amocrm -- setup",
        "– Calls       The database's call of the functions cannot be tried without pg_net and both secrets",
        "✓ Heartbeats  No function was called yet: nothing was due",
        "– amoCRM      Unknown until the variables are right",
        "✓ Clocks      Database, functions and amoCRM agree",
        "✗ Routes      amocrm_routes is empty: no lead has anywhere to go → npm run amocrm -- setup",
        "! Fields      Deals carry no marker yet; the next drain makes it → at once: npm run amocrm -- setup --marker",
        "✓ Sending     One request in 2000 ms",
        "✓ Queue       Nothing is stuck",
        "! Mirror      Not complete yet: each new person costs up to two searches → npm run amocrm -- pull",
        NOBODY_IS_TOLD,
      ],
    });

    fs.renameSync(path.join(project.folder, ".dev"), path.join(project.folder, ".gone"));
    expect(await doctor()).toEqual({
      exitCode: 1,
      lines: [
        "✗ Project    SUPABASE_URL and SUPABASE_SECRET_KEY are not set, and there is no local stack at /folder/.dev/stack.json → set both, in the environment or in .env; or for a local stack: npm run dev",
        "– Functions  Everything else is unknown until the functions answer",
      ],
    });
    expect((await doctor("--local", "none.json")).lines[0]).toBe(
      "✗ Project    There is no local stack at /folder/none.json → npm run dev",
    );
  });

  it("prints for a half-configured setup what is wrong and how to mend it, and nothing else", async () => {
    project = await startAdminProject((crm) => ({
      AMOCRM_BASE_URL: crm.url,
      AMOCRM_ACESS_TOKEN: crm.accessToken,
      AMOCRM_CLIENT_SECRET: '"quoted"',
    }));
    const { sql } = project;
    const broken = "f".repeat(64);
    await sql`select vault.update_secret(id, ${broken}) from vault.secrets where name = 'amocrm_call_token'`;
    await sql`insert into public.amocrm_routes (source, pipeline_id) values ('webinar', 77)`;
    await sql`insert into public.amocrm_fields (entity, path, field_code) values ('deal', 'utm_sourse', 'UTM_SOURCE')`;
    await sql`select cron.alter_job((select jobid from cron.job where jobname = 'amocrm-sweep'), active := false)`;
    await sql`alter table public.tripwire_users disable trigger amocrm_500_enqueue`;
    await sql`select amocrm_pause('moving')`;
    const { exitCode, lines } = await doctor();
    expect({ exitCode, lines: lines.filter((line) => !/CLIENT_ID|REDIRECT_URI/.test(line)) }).toEqual({
      exitCode: 1,
      lines: [
        "✓ Project     http://project, by /folder/.dev/stack.json",
        "✓ Functions   amocrm-admin answers, version 0.1.0",
        "✗ Variables   AMOCRM_ACCESS_TOKEN is not set, but AMOCRM_ACESS_TOKEN is: misspelt? → echo 'AMOCRM_ACCESS_TOKEN=…' >> /folder/.dev/stack.json.env; echo 'AMOCRM_ACESS_TOKEN=' >> /folder/.dev/stack.json.env",
        "! Variables   AMOCRM_CLIENT_SECRET has quotation marks around it, which belong to the value → set it anew without them",
        "✗ Database    The trigger amocrm_500_enqueue on tripwire_users is off: what is saved there may never reach amoCRM → alter table public.tripwire_users enable trigger amocrm_500_enqueue",
        "✗ Cron        The job amocrm-sweep is switched off → select cron.alter_job((select jobid from cron.job where jobname = 'amocrm-sweep'), active := true)",
        "✓ Vault       URL and key are set: http://project/functions/v1",
        "✗ Calls       401: amocrm-drain refuses the call token in Vault: it is not the one that the database knows → npm run amocrm -- setup",
        "✓ Heartbeats  No function was called yet: nothing was due",
        "– amoCRM      Unknown until the variables are right",
        "✓ Clocks      Database, functions and amoCRM agree",
        "! Routes      There is no route *: leads of other sources wait → insert into amocrm_routes (source) values ('*')",
        "– Routes      Pipelines, stages and users are unknown until amoCRM answers",
        "! Fields      deal.utm_sourse is no column of a lead and never has a value; perhaps: utm_source → delete the row of amocrm_fields, or name metadata.…",
        "! Fields      Deals carry no marker yet; the next drain makes it → at once: npm run amocrm -- setup --marker",
        "– Fields      Fields are unknown until amoCRM lists them all, 10000 at most",
        "✗ Sending     Paused: moving → npm run amocrm -- resume",
        "✓ Queue       Nothing is stuck",
        "! Mirror      Not complete yet: each new person costs up to two searches → npm run amocrm -- pull",
        NOBODY_IS_TOLD,
      ],
    });
    expect(project.leakedSecrets()).toEqual([]);
    expect(project.seen.join()).not.toContain(broken);
  });

  it("prints for a complete setup a line for each check, in both languages, and then what breaks", async () => {
    project = await startAdminProject((crm) => ({
      AMOCRM_BASE_URL: crm.url,
      AMOCRM_ACCESS_TOKEN: crm.accessToken,
      RESEND_API_KEY: "re_x",
      RESEND_BASE_URL: "http://127.0.0.1:1",
      MAIL_FROM: "School <hello@school.example>",
      WELCOME_PAGE_URL: "https://school.example/welcome.html",
      ADMIN_EMAIL: "admin@school.example",
    }));
    const { sql, crm } = project;
    await using hook = await openHook();
    const { control } = crm.simulator;
    expect(
      (
        await project.command([
          "setup",
          "--min-interval-ms",
          "150",
          "--marker",
          "--utm",
          "--pipeline",
          String(sales.pipeline),
          "--alert-url",
          `http://${hook.host}/T0/hidden-token`,
        ])
      ).exitCode,
    ).toBe(0);
    await project.stack.worker?.idle();
    expect(hook.heard).toEqual([expect.stringContaining("amoCRM: a test.")]);
    expect((await project.command(["pull"])).exitCode).toBe(0);
    await runJobs();
    expect(await doctor()).toEqual({
      exitCode: 0,
      lines: [
        "✓ Project     http://project, by /folder/.dev/stack.json",
        "✓ Functions   amocrm-admin answers, version 0.1.0",
        "✓ Variables   All that the functions need is set",
        "✓ Database    Migrations of version 0.1.0, extensions and triggers are there",
        `✓ Cron        All ${Object.keys(JOBS).length} jobs run`,
        "✓ Vault       URL and key are set: http://project/functions/v1",
        "✓ Calls       The database reaches amocrm-drain, and its key is accepted",
        "✓ Heartbeats  Last seen well: amocrm-pull",
        "✓ Token       The long-lived token lasts for … days",
        "✓ amoCRM      Account Симулятор (sim, 5550001) answers",
        "✓ Clocks      Database, functions and amoCRM agree",
        "✓ Routes      Their pipelines, stages and users exist (routes: 1, stages: 0)",
        "✓ Fields      All 6 fields exist, the marker too",
        "✓ Sending     One request in 150 ms",
        "✓ Queue       Nothing is stuck",
        "✓ Mirror      Complete, read 0 min ago",
        `✓ Alerts      Incidents are told to ADMIN_EMAIL, ${hook.host}`,
      ],
    });
    const { exitCode, lines } = await doctor("--lang", "ru");
    expect(exitCode).toBe(0);
    expect(lines.slice(6, 9)).toEqual([
      "✓ Вызовы      База достаёт до amocrm-drain, ключ принят",
      "✓ Пульс       В последний раз были в порядке: amocrm-pull",
      "✓ Токен       Долгосрочный токен действует ещё … дн.",
    ]);

    const broken = async () => (await doctor()).lines.filter((line) => !line.startsWith("✓"));
    expect((await project.command(["setup", "--alert-url", ""])).stdout).toContain(
      "amocrm_alert_url is not set",
    );
    expect(await broken()).toEqual([
      "! Alerts      Nobody is told when the functions themselves are down, since they send the mail → npm run amocrm -- setup --alert-url https://…, or --dead-man-url https://…",
    ]);
    // By hand, since `setup` waits for what comes of the test that it posts.
    await sql`select amocrm_set_alert_roads(${`http://${hook.host}/`}, null)`;
    expect(project.seen.join()).not.toContain("hidden-token");
    expect(project.stack.functionLog()).not.toContain("hidden-token");
    await sql`update public.amocrm_routes set status_id = 62001, responsible_user_id = 7009`;
    control.edit({ action: "delete_field", field_id: dealFields.utmTerm });
    expect(await broken()).toEqual([
      "✗ Routes      amocrm_routes «*»: stage 62001 «Купил» is not in pipeline 4400 «Продажи» but in 4500 «Tripwire» → update amocrm_routes set pipeline_id = 4500 where source = '*'",
      "✗ Routes      amocrm_routes «*»: user 7009 «Уволенный Сотрудник» is switched off: deals come without; perhaps: 7001 «Анна Админ», 7002 «Мария Менеджер», 7003 «Интеграция» → update amocrm_routes set responsible_user_id = <id> where source = '*'",
      "✗ Fields      deal.utm_term: there is no field UTM_TERM: its values go into the note; perhaps: 401 «utm_content» (UTM_CONTENT), 402 «utm_medium» (UTM_MEDIUM), 403 «utm_campaign» (UTM_CAMPAIGN), 404 «utm_source» (UTM_SOURCE), 406 «utm_referrer» (UTM_REFERRER) → npm run amocrm -- setup --field deal.utm_term=<id or code>; or without a field: delete from amocrm_fields where entity || '.' || path = 'deal.utm_term'",
    ]);

    const unknown = [
      "– Routes      Pipelines, stages and users are unknown until amoCRM answers",
      "– Fields      Fields are unknown until amoCRM lists them all, 10000 at most",
    ];
    control.addFaults({ kind: "unpaid", times: 1 });
    expect(await broken()).toEqual([
      "✗ amoCRM      402: the amoCRM account is not paid → pay it, then: npm run amocrm -- resume",
      ...unknown,
    ]);
    // The breaker is open now: nothing is asked, and what opened it is told again, with what the breaker does.
    const again = (await broken()).map((line) => line.replace(/in \d+ s/, "in … s"));
    expect(again).toEqual([
      "✗ amoCRM      402: the amoCRM account is not paid → pay it, then: npm run amocrm -- resume",
      ...unknown,
      "✗ Sending     Stopped after unpaid; tried again in … s → mend that, then: npm run amocrm -- resume",
    ]);
    await sql`select amocrm_resume()`;
    await crm.down();
    expect(await broken()).toEqual([
      expect.stringMatching(/^✗ amoCRM +No connection to amoCRM/),
      ...unknown,
      expect.stringMatching(/^✗ Sending +Stopped after unpaid/),
    ]);
    expect(project.leakedSecrets()).toEqual([]);
  });
});
