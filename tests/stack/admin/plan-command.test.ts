import { afterAll, beforeAll, expect, it } from "vitest";
import { PlanAnswer } from "#shared/admin/answers.ts";
import { type AdminProject, startAdminProject } from "./admin-project.ts";

let project: AdminProject;

beforeAll(async () => {
  project = await startAdminProject();
});
afterAll(() => project?.stop());

it("plan shows what the deployed functions would send, in both languages, and sends nothing", async () => {
  await project.sql`select public.amocrm_pause('looking first')`;
  await project.sql`insert into public.amocrm_routes (source, pipeline_id, status_id) values ('*', 4400, 61001)`;
  const [row] = await project.sql<{ id: string }[]>`
    insert into public.unified_lead_tracking (full_name, email, source) values ('Ada', 'ada@example.com', 'landing') returning id`;
  const { stdout, exitCode } = await project.command(["plan", "--lead", String(row?.id), "--json"]);
  expect(exitCode).toBe(0);
  const plan = PlanAnswer.parse(JSON.parse(stdout));
  expect(plan.messages).toMatchObject([
    {
      kind: "lead.created",
      verdict: "delivered",
      reasons: expect.arrayContaining([expect.objectContaining({ code: "deal_new" })]),
    },
  ]);
  expect(plan.requests.map(({ method, path }) => `${method} ${path}`)).toContain(
    "POST /api/v4/leads/complex",
  );
  expect((await project.command(["plan", "--pending"])).stdout).toContain("POST /api/v4/leads/complex");
  expect((await project.command(["plan", "--lang", "ru"])).stdout).toContain("новая сделка");
  expect(await project.sql`select state, attempt_count from public.amocrm_outbox`).toEqual([
    { state: "pending", attempt_count: 0 },
  ]);
  expect(await project.sql`select from amocrm.requests where method = 'POST'`).toEqual([]);
});
