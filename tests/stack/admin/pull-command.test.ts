import { afterAll, beforeAll, expect, it } from "vitest";
import { type AdminProject, startAdminProject } from "./admin-project.ts";

let project: AdminProject;

beforeAll(async () => {
  project = await startAdminProject();
  await project.reset();
});
afterAll(() => project?.stop());

it("pull reads everything the first time, shows how far it is, and only what changed afterwards", async () => {
  const { control } = project.crm.simulator;
  const { contact_ids: contactIds } = control.populate({ contacts: 2600, deals: 300 });
  const first = await project.command(["pull"]);
  expect([first.exitCode, first.stderr]).toEqual([0, expect.not.stringContaining("✗")]);
  expect(first.stdout).toMatch(/contacts: page \d+, \d+ new, \d+ updated; (about \d+ pages left|the rest)/);
  expect(first.stdout).toMatch(/contacts +\d+ +2600 +0 +0 +2600 +complete/);
  expect(first.stdout).toMatch(/deals +\d+ +300 +0 +0 +300 +complete/);

  control.edit({ action: "change_email", contact_id: contactIds[4] ?? 0, email: "new@mail.example" });
  const second = await project.command(["pull", "--json"]);
  expect(second.exitCode).toBe(0);
  expect(JSON.parse(second.stdout)).toMatchObject({
    is_due: false,
    hindrance: null,
    entities: [
      {
        entity: "contact",
        is_complete: true,
        run: { kind: "window", state: "done", new_count: 0, changed_count: 1 },
      },
      { entity: "deal", is_complete: true, run: { kind: "window", state: "done", changed_count: 0 } },
    ],
  });
});

it("pull --since reads older deals that no contact names", async () => {
  await project.sql`delete from public.amocrm_deals`;
  const answer = await project.command(["pull", "--since", "2020-01-01", "--json"]);
  expect(answer.exitCode).toBe(0);
  expect(JSON.parse(answer.stdout)).toMatchObject({
    entities: [{}, { entity: "deal", run: { kind: "since", new_count: 300 } }],
  });
});

it("pull ends with 1 and names what is in the way", async () => {
  await project.sql`select amocrm_pause('moving house')`;
  const paused = await project.command(["pull", "--json"]);
  expect(paused.exitCode).toBe(1);
  expect(JSON.parse(paused.stdout).error).toMatchObject({
    code: "hindered",
    message: "Sending is paused: moving house",
  });
  await project.sql`select amocrm_resume()`;
});

it("pull ends with 1 when a run fails, and goes on with it the next time", async () => {
  project.crm.simulator.control.addFaults({ kind: "status", status: 400, path: "/api/v4/leads", times: 1 });
  const failed = await project.command(["pull", "--json"]);
  expect(failed.exitCode).toBe(1);
  expect(JSON.parse(failed.stdout).error.code).toBe("refusal_unexplained");
  const again = await project.command(["pull", "--json"]);
  expect([again.exitCode, JSON.parse(again.stdout).is_due]).toEqual([0, false]);
});

it("pull ends with 2 for a wrong flag", async () => {
  const wrong = await project.command(["pull", "--since", "soon"]);
  expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining("--since must be")]);
});
