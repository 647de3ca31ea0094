import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { waitFor } from "#dev/stack/wait.ts";
import { DeadAnswer, MessagesAnswer, PausedAnswer } from "#shared/admin/messages/answer.ts";
import { type AdminProject, type CommandResult, startAdminProject } from "./admin-project.ts";

let project: AdminProject;

beforeAll(async () => {
  project = await startAdminProject();
});
afterAll(() => project?.stop());
beforeEach(() => project.reset());

const GONE = { pipeline: 4400, stage: 99_999 };

/** Leads whose route names a stage that amoCRM does not have; they end as dead. */
async function killLeads(count: number): Promise<number[]> {
  await project.sql`insert into public.amocrm_routes (source, pipeline_id, status_id)
    values ('*', ${GONE.pipeline}, ${GONE.stage})`;
  await project.sql`insert into public.unified_lead_tracking (email)
    select 'lead' || n || '@example.com' from generate_series(1, ${count}) as n`;
  const dead = await waitFor(
    "all leads to be dead",
    async () => {
      const rows = await project.sql<{ id: number }[]>`
        select id::int from public.amocrm_outbox where state = 'dead' order by id`;
      return rows.length === count && rows;
    },
    { timeoutMs: 180_000 },
  );
  return dead.map(({ id }) => id);
}

const documentOf = ({ stdout }: CommandResult): unknown => JSON.parse(stdout);

const allDelivered = (count: number) =>
  waitFor(
    "the leads to arrive",
    async () => {
      const rows = await project.sql`select from public.amocrm_outbox where state = 'delivered'`;
      return rows.length === count;
    },
    { timeoutMs: 180_000 },
  );

it("dead names the cause and the remedy, and requeue --all sends them once it is mended", async () => {
  expect((await project.command(["dead"])).exitCode).toBe(0);
  const [first = 0] = await killLeads(3);
  const shown = await project.command(["dead"]);
  expect(shown.exitCode).toBe(1);
  expect(shown.stdout).toMatch(
    /^✗ 3 messages are dead\.\n\nvalidation_failed: 3\n {2}amoCRM refuses the content/,
  );
  expect(shown.stdout).toMatch(
    new RegExp(`\\n +${first} +lead\\.created +unified_lead_tracking .*status_id`),
  );
  const dead = DeadAnswer.parse(documentOf(await project.command(["dead", "--limit", "1", "--json"])));
  expect(dead).toMatchObject({ dead_count: 3, groups: [{ letter_count: 3, letters: [{ id: first }] }] });

  const unasked = await project.command(["requeue", "--all"]);
  expect([unasked.exitCode, unasked.stderr]).toEqual([2, expect.stringContaining("Add --yes")]);
  await project.sql`update public.amocrm_routes set status_id = null`;
  const again = await project.command(["requeue", "--all", "--code", "validation_failed", "--yes", "--json"]);
  expect([again.exitCode, documentOf(again)]).toEqual([0, { dead_count: 3, requeued_count: 3 }]);
  await allDelivered(3);
  expect(project.crm.simulator.state.counts()["contacts"]).toBe(3);
});

it("requeue and cancel take numbers, and name the one that is refused", async () => {
  const [first = 0, second = 0] = await killLeads(2);
  const cancelled = await project.command(["cancel", String(first), "--yes", "--json"]);
  expect(cancelled.exitCode).toBe(0);
  expect(MessagesAnswer.parse(documentOf(cancelled)).messages).toEqual([
    { id: first, outcome: "done", reason: null },
  ]);
  await project.sql`update public.amocrm_routes set status_id = null`;
  const requeued = await project.command(["requeue", String(second), "999999"]);
  expect(requeued.exitCode).toBe(1);
  expect(requeued.stdout).toMatch(
    new RegExp(`^✓ ${second} tried again\n✗ 999999 refused: no message 999999 in amocrm_outbox`),
  );
  await allDelivered(1);
  const late = await project.command(["cancel", String(second), "--yes"]);
  expect([late.exitCode, late.stdout]).toEqual([1, expect.stringContaining("is delivered")]);
  expect(project.crm.simulator.state.counts()["contacts"]).toBe(1);
});

it("pause stops what is sent and tells why, and resume goes on", async () => {
  await project.sql`insert into public.amocrm_routes (source) values ('*')`;
  const paused = await project.command(["pause", "moving", "house", "--json"]);
  expect([paused.exitCode, PausedAnswer.parse(documentOf(paused))]).toEqual([
    0,
    { paused: true, reason: "moving house" },
  ]);
  await project.sql`insert into public.unified_lead_tracking (email) values ('ada@example.com')`;
  const status = await project.command(["status"]);
  expect([status.exitCode, status.stdout]).toEqual([1, expect.stringMatching(/paused[\s\S]*moving house/)]);
  expect((await project.command(["pause"])).exitCode).toBe(2);
  expect((await project.command(["resume"])).exitCode).toBe(0);
  await allDelivered(1);
});

it("status --watch is wrong usage in a pipe, and uninstall does nothing unasked", async () => {
  const watch = await project.command(["status", "--watch"]);
  expect([watch.exitCode, watch.stderr]).toEqual([2, expect.stringContaining("--watch needs a terminal")]);
  const uninstall = await project.command(["uninstall"]);
  expect([uninstall.exitCode, uninstall.stderr]).toEqual([2, expect.stringContaining("--confirm local")]);
});

it("uninstall --dry-run on the local stack lists everything through the real CLI", async () => {
  const { exitCode, stdout } = await project.command(["uninstall", "--dry-run", "--json"], {
    HOME: project.folder,
  });
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    project: "local",
    done: false,
    functions: [],
    removed: expect.arrayContaining([{ kind: "schema", name: "amocrm" }]),
  });
});
