import { afterAll, beforeAll, expect, it } from "vitest";
import { type AdminProject, startAdminProject } from "./admin-project.ts";

let project: AdminProject;

beforeAll(async () => {
  project = await startAdminProject();
});
afterAll(() => project?.stop());

/** Leads from before the installation: they have no message. */
async function history(count: number): Promise<void> {
  await project.sql`insert into public.unified_lead_tracking (email, created_at)
    select 'old' || n || '@example.com', now() - interval '1 year' from generate_series(1, ${count}) as n`;
  await project.sql`delete from public.amocrm_outbox`;
}

it("backfill sends what never reached amoCRM, once, and says what it will cost", async () => {
  await project.reset();
  await project.sql`select amocrm_pause('preparing')`;
  await history(30);
  const dry = await project.command(["backfill", "--dry-run", "--json"]);
  expect(dry.exitCode).toBe(0);
  expect(JSON.parse(dry.stdout)).toMatchObject({
    estimate: { message_count: 30, interval_ms: 150 },
    enqueued_count: 0,
  });
  await project.sql`insert into public.amocrm_routes (source) values ('*')`;
  await project.sql`select amocrm_resume()`;
  const started = await project.command(["backfill", "--limit", "20", "--yes"]);
  expect([started.exitCode, started.stdout]).toEqual([0, expect.stringContaining("✓ All delivered.")]);
  expect(project.crm.simulator.state.counts()["contacts"]).toBe(20);
  const again = await project.command(["backfill", "--yes", "--json"]);
  expect(JSON.parse(again.stdout)).toMatchObject({ enqueued_count: 10 });
});

it("backfill ends with 2 where nobody can be asked, and for a wrong flag", async () => {
  const unasked = await project.command(["backfill"]);
  expect([unasked.exitCode, unasked.stderr]).toEqual([2, expect.stringContaining("Add --yes")]);
  const wrong = await project.command(["backfill", "--since", "soon", "--json"]);
  expect(wrong.exitCode).toBe(2);
  expect(JSON.parse(wrong.stdout).error.message).toMatch(/--since must be/);
});
