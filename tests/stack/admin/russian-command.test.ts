import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { waitFor } from "#dev/stack/wait.ts";
import { englishIn } from "../../unit/words/english.ts";
import { type AdminProject, startAdminProject } from "./admin-project.ts";

let project: AdminProject;

beforeAll(async () => {
  project = await startAdminProject();
});
afterAll(() => project?.stop());
beforeEach(() => project.reset());

/** What an admin reads who has a Russian shell. */
async function read(...args: string[]): Promise<string> {
  const { stdout, stderr } = await project.command(args, { LANG: "ru_RU.UTF-8" });
  return `${stdout}\n${stderr}`;
}

async function readAll(): Promise<string> {
  const outputs = [];
  for (const command of ["status", "doctor", "dead", "quarantine", "duplicates", "mails"]) {
    outputs.push(await read(command));
  }
  return outputs.join("\n");
}

async function lead(email: string): Promise<void> {
  await project.sql`insert into public.unified_lead_tracking (email, source) values (${email}, 'landing')`;
}

it("has no English sentence before anything is set up, nor in what setup and find say", async () => {
  const output = await readAll();
  expect(englishIn(output)).toEqual([]);
  expect(output).toContain("Таблица amocrm_routes пуста");
  expect(englishIn(await read("setup", "--yes"))).toEqual([]);
  expect(englishIn(await read("setup", "--pipeline", "99999"))).toEqual([]);
  expect(englishIn(await read("pipelines"))).toEqual([]);
  await lead("ada@example.com");
  await waitFor("the lead to arrive", async () => {
    const rows = await project.sql`select from public.amocrm_outbox where state = 'delivered'`;
    return rows.length === 1;
  });
  expect(englishIn(await read("find", "--email", "ada@example.com"))).toEqual([]);
  expect(englishIn(await read("find", "--phone", "+79160000000"))).toEqual([]);
  expect(englishIn(await readAll())).toEqual([]);
});

it("has none while leads have no route, or are dead", async () => {
  await lead("no-route@example.com");
  await waitFor("the lead to wait for a route", async () => {
    const rows = await project.sql`select from public.amocrm_outbox where last_error_code = 'no_route'`;
    return rows.length === 1;
  });
  const waiting = await readAll();
  expect(englishIn(waiting)).toEqual([]);
  expect(waiting).toContain("ни для источника");
  await project.sql`insert into public.amocrm_routes (source, pipeline_id, status_id) values ('*', 4400, 99999)`;
  await waitFor(
    "the lead to be dead",
    async () => {
      const rows = await project.sql`select from public.amocrm_outbox where state = 'dead'`;
      return rows.length === 1;
    },
    { timeoutMs: 180_000 },
  );
  const dead = await readAll();
  expect(englishIn(dead)).toEqual([]);
  expect(dead).toContain("amoCRM не принимает содержимое");
});

it("has none while sending is paused or amoCRM refuses the account, nor in what is wrong", async () => {
  expect(englishIn(await read("pause", "переезд"))).toEqual([]);
  const paused = await readAll();
  expect(englishIn(paused)).toEqual([]);
  expect(paused).toMatch(/Отправка на паузе с \d{4}-\d\d-\d\d \d\d:\d\d: переезд/);
  await project.sql`insert into public.amocrm_routes (source) values ('*')`;
  project.crm.simulator.control.patchSettings({ is_paid: false });
  expect(englishIn(await read("resume"))).toEqual([]);
  await lead("unpaid@example.com");
  await waitFor("the breaker to open", async () => {
    const rows = await project.sql`select from public.amocrm_health where breaker_code = 'unpaid'`;
    return rows.length === 1;
  });
  // No cron runs here, and a slow machine must not make that the worst of it.
  await project.sql`update amocrm.installation set installed_at = amocrm.clock()`;
  const unpaid = await readAll();
  expect(englishIn(unpaid)).toEqual([]);
  expect(unpaid).toContain("Оплатите аккаунт amoCRM, затем: npm run amocrm -- resume");
  for (const wrong of [
    ["stats"],
    ["find"],
    ["requeue"],
    ["find", "--email", "x"],
    ["status", "--wat"],
    ["setup", "--stage", "x"],
  ]) {
    expect(englishIn(await read(...wrong))).toEqual([]);
  }
});
