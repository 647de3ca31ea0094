import { afterAll, beforeAll, expect, it } from "vitest";
import { type AdminProject, type CommandResult, startAdminProject } from "./admin-project.ts";

let project: AdminProject;

beforeAll(async () => {
  project = await startAdminProject();
});
afterAll(() => project?.stop());

const documentOf = ({ stdout }: CommandResult): { address: string; id: string } => JSON.parse(stdout);

it("adds a place whose printed address takes forms, tells of those that fit no lead, and switches it off", async () => {
  await project.sql`select amocrm_pause('test')`;
  expect((await project.command(["forms"])).stdout).toContain("No form posts yet");
  const added = await project.command([
    ...["forms", "add", "tilda", "--source", "landing", "--map", "full_name=Как к вам обращаться"],
    ...["--map", "metadata.course=Course", "--json"],
  ]);
  expect(added.exitCode).toBe(0);
  const { address, id } = documentOf(added);
  const post = async (form: Record<string, string>) =>
    (await fetch(address, { method: "POST", body: new URLSearchParams(form) })).status;

  expect(await post({ test: "test" })).toBe(200);
  const form = { "Как к вам обращаться": "Ада", Phone: "87011112233", Course: "SQL", tranid: "1" };
  expect(await post(form)).toBe(200);
  expect(await project.sql`select full_name, phone, metadata from unified_lead_tracking`).toEqual([
    { full_name: "Ада", phone: "+77011112233", metadata: { course: "SQL", tranid: "1" } },
  ]);

  expect(await post({ q: "87011112234", tranid: "2" })).toBe(200);
  const listed = await project.command(["forms", "list", "--lang", "ru"]);
  expect([listed.exitCode, listed.stdout]).toEqual([1, expect.stringContaining("Не подошла 1 форма")]);
  expect(listed.stdout).toMatch(new RegExp(`tilda +landing +включена .* 1 +0 +1 +${id}`));
  const doctor = await project.command(["doctor"]);
  expect(doctor.stdout).toContain("1 posted form fits no lead");

  const unmapped = await project.command(["forms", "unmapped"]);
  expect([unmapped.exitCode, unmapped.stdout]).toEqual([1, expect.stringContaining("  q = 87011112234\n")]);
  const mapped = await project.command(["forms", "map", "landing", "--map", "phone=q", "--json"]);
  expect(JSON.parse(mapped.stdout)).toMatchObject({ mapped_count: 1, fitted_count: 1 });
  const [source] = await project.sql`select field_map from form_sources`;
  expect(source?.["field_map"]).toMatchObject({ phone: "q", "metadata.course": "Course" });

  expect((await project.command(["forms", "off", "landing"])).exitCode).toBe(0);
  expect(await post({ Phone: "87011112235" })).toBe(401);
  expect((await project.command(["forms", "off", id])).exitCode).toBe(1);
});

it("says in words what the database refuses of a map", async () => {
  const refused = await project.command([
    ...["forms", "add", "generic", "--source", "quiz", "--map", "fullname=Name", "--lang", "ru"],
  ]);
  expect([refused.exitCode, refused.stderr]).toEqual([
    1,
    expect.stringContaining("в field_map есть fullname, а такой колонки у заявки нет"),
  ]);
});
