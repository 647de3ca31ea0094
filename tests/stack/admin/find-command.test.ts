import { afterAll, beforeAll, expect, it } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { waitFor } from "#dev/stack/wait.ts";
import { type AdminProject, startAdminProject } from "./admin-project.ts";

const { sales } = SEED_IDS;
let project: AdminProject;

beforeAll(async () => {
  project = await startAdminProject();
  await project.reset();
  await project.sql`insert into public.amocrm_routes (source, pipeline_id, status_id)
    values ('*', ${sales.pipeline}, ${sales.qualified})`;
});
afterAll(() => project?.stop());

async function leave(lead: { email: string; source: string }): Promise<string> {
  const [row] = await project.sql`insert into public.unified_lead_tracking ${project.sql(lead)} returning id`;
  await waitFor("the lead's delivery", async () => {
    const synced = await project.sql`select from public.unified_lead_tracking
      where id = ${row?.["id"]} and amocrm_synced_at is not null`;
    return synced.length === 1;
  });
  return String(row?.["id"]);
}

it("find shows the person, the deal that the next lead would get, and the drain then takes that very deal", async () => {
  const id = await leave({ email: "ada@example.com", source: "site" });
  const plain = await project.command(["find", "--email", "ADA@example.com"]);
  expect([plain.exitCode, plain.stdout]).toEqual([0, expect.stringContaining("→ Contact")]);
  const { stdout } = await project.command(["find", "--lead", id, "--json"]);
  const { choice, contacts } = JSON.parse(stdout);
  expect(choice).toMatchObject({
    contact_why: "link",
    deal_why: "open",
    source: "site",
    pipeline: "Продажи",
  });
  expect(plain.stdout).toMatch(
    new RegExp(
      `Contact: ${choice.contact_id}, because this person is linked to it\\nDeal: ${choice.deal_id}: a next lead of source «site» would go there, the only open deal in pipeline «Продажи» \\(route \\*\\)`,
    ),
  );
  expect(plain.stdout).toMatch(/lead\.created +delivered/);
  expect(contacts[0].deals).toMatchObject([{ stage: "Квалификация", state: "open", is_used: true }]);

  await leave({ email: "ada@example.com", source: "site" });
  const deals =
    await project.sql`select distinct amocrm_deal_id::int as id from public.unified_lead_tracking`;
  expect(deals).toEqual([{ id: choice.deal_id }]);
});

it("find ends with 1 where nobody is, and with 2 without anything to look for", async () => {
  const nobody = await project.command(["find", "--phone", "8 (999) 000-00-00"]);
  expect(nobody.exitCode).toBe(1);
  expect(nobody.stdout).toContain("Nobody here has this e-mail, phone or id.");
  expect((await project.command(["find"])).exitCode).toBe(2);
});

it("find leaves no address in the log of the functions", () => {
  expect(project.stack.functionLog()).toContain('"action":"find"');
  expect(project.stack.functionLog()).not.toMatch(/ada@example|ADA@example|999.*000-00/);
});

it("pipelines prints ids, names and which rows use them, and as JSON", async () => {
  const { exitCode, stdout } = await project.command(["pipelines"]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("Pipeline 4400 «Продажи»: main\n  stage  name ");
  expect(stdout).toMatch(/\n {2}61002 {2}Квалификация +open +route \*\n/);
  const json = await project.command(["pipelines", "--json"]);
  expect(JSON.parse(json.stdout).pipelines).toMatchObject([{ id: 4400, is_main: true }, { id: 4500 }]);
  project.crm.simulator.control.addFaults({ kind: "unauthorized", times: 1 });
  const refused = await project.command(["pipelines"]);
  expect(refused.exitCode).toBe(3);
  expect(refused.stderr).toMatch(/✗ amoCRM cannot be asked: .*401.*\n {2}npm run amocrm -- doctor/);
});
