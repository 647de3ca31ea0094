import { afterAll, beforeAll, expect, it } from "vitest";
import { type AdminProject, type CommandResult, startAdminProject } from "./admin-project.ts";

let project: AdminProject;

beforeAll(async () => {
  project = await startAdminProject();
  const { sql } = project;
  await sql`update message_settings set quiet_from = null, quiet_until = null, sms_quiet_from = null, sms_quiet_until = null`;
  await sql`insert into link_targets (name, target_url) values ('course', 'https://school.example/course')`;
  await sql`insert into followup_templates (code, channel, language, body) values
    ('hello', 'sms', 'ru', 'Здравствуйте, {name}! {link:course}'), ('hello', 'sms', 'en', 'Hello, {name}! {link:course}')`;
  await sql`insert into followup_steps (sequence, step, channel, template_code) values ('welcome', 'hello', 'sms', 'hello')`;
});
afterAll(() => project?.stop());

const documentOf = ({ stdout }: CommandResult): unknown => JSON.parse(stdout);
const run = (...words: string[]): Promise<CommandResult> => project.command(words);

it("tells how SMS are, what a text and a template cost, and lets go what is held", async () => {
  const { sql } = project;
  const status = await run("sms", "--json");
  expect(documentOf(status)).toMatchObject({
    mode: "status",
    health: { verdict: "ok", held_count: 0, balance: null },
    declined_count: 0,
  });
  expect((await run("sms", "preview", "ж".repeat(71), "--lang", "ru")).stdout).toBe(
    "✓ 2 части, 71 знак в UCS-2\n",
  );
  const template = await run("sms", "preview", "--template", "hello", "--json");
  expect([template.exitCode, documentOf(template)]).toEqual([
    0,
    {
      ...{ mode: "preview", max_parts: 3 },
      texts: [
        expect.objectContaining({ language: "en", part_count: 1 }),
        expect.objectContaining({ language: "ru", part_count: 2 }),
      ],
    },
  ]);
  expect(template.stdout).toContain("/functions/v1/go/abcdefghjk");

  const [lead] = await sql<{ id: string }[]>`
    insert into unified_lead_tracking (full_name, phone) values ('Асель', '+77010000001') returning id`;
  const [made] = await sql<{ id: string }[]>`
    select amocrm.append_sms('lead.sms', 'unified_lead_tracking', ${lead?.id ?? ""}, '+77010000001', '{"text": "Здравствуйте"}') as id`;
  const id = made?.id ?? "";
  await sql`update amocrm.outbox set last_error_code = 'sms_held', is_fresh = false, next_attempt_at = amocrm.clock() + interval '100 years',
    last_error_message = 'More SMS than message_settings allows for an hour or a day: held until a person releases or cancels it' where id = ${id}`;
  const held = await run("sms", "held", "--lang", "ru");
  expect([held.exitCode, held.stdout]).toEqual([
    1,
    expect.stringContaining("SMS больше, чем message_settings"),
  ]);
  expect(held.stdout).not.toContain("77010000001");
  expect((await run("sms", "release")).exitCode).toBe(2);
  expect(documentOf(await run("sms", "release", id, "--yes", "--json"))).toEqual({
    ...{ mode: "release", message_count: 1 },
  });

  await sql`update amocrm.outbox set state = 'dead', last_error_code = 'sms_refused',
    last_error_message = 'Mobizon refuses what was sent: check the number and the text, then requeue (code 1, recipient)' where id = ${id}`;
  const list = await run("sms", "list", "--lang", "ru");
  expect([list.exitCode, list.stdout]).toEqual([1, expect.stringContaining("(код 1, recipient)")]);
  const again = await run("sms", "again", id, "--yes");
  expect([again.exitCode, again.stdout]).toEqual([
    1,
    expect.stringContaining("is no SMS that was looked for"),
  ]);
  expect((await run("sms", "cancel", id, "--yes")).exitCode).toBe(0);
  expect((await run("sms", "list")).stdout).toBe("✓ No SMS waits, and none is dead.\n");

  expect((await run("sms", "pause", "texts")).exitCode).toBe(0);
  expect((await run("sms", "--lang", "ru")).stdout).toMatch(/SMS на паузе с .*: texts/);
  expect((await run("sms", "resume")).exitCode).toBe(0);
  expect((await sql`select paused_at from message_health`)[0]).toEqual({ paused_at: null });
});

it("tells sequences, who gets what today and why not, and does what a person decides", async () => {
  const { sql } = project;
  const [lead] = await sql<{ id: string }[]>`
    insert into unified_lead_tracking (full_name, email, phone, consent_at) values ('Асель', 'asel@example.kz', '+77010000002', now()) returning id`;
  const id = lead?.id ?? "";
  expect((await run("sequences", "enroll", "welcome", "--lead", id)).stdout).toBe(
    "✓ The lead entered welcome.\n",
  );
  expect((await run("sequences", "enroll", "welcome", "--lead", id)).stdout).toContain("Nothing was done");
  expect(documentOf(await run("sequences", "--json"))).toMatchObject({
    sequences: [{ sequence: "welcome", version: 1, step_count: 1, is_on: true, people_inside: 1 }],
  });
  expect((await run("sequences", "show", "welcome")).stdout).toMatch(/hello +lead\.created +at once +sms/);
  const plan = await run("sequences", "plan", "--json");
  expect(documentOf(plan)).toMatchObject({ mode: "plan", steps: [{ step: "hello", lead_id: id }] });
  expect(plan.stdout).not.toContain("asel@");
  expect((await run("sequences", "pause", "welcome")).stdout).toContain("welcome is paused");
  const resumed = await run("sequences", "resume", "welcome", "leave", "--yes", "--json");
  expect(documentOf(resumed)).toMatchObject({ mode: "resume", ok: true, entry_count: 1 });
  const person = await run("sequences", "plan", "--phone", "8 701 000 00 02", "--lang", "ru");
  expect(person.stdout).toMatch(/пропущен +выведен человеком/);
  expect((await run("sequences", "withdraw", "--email", "asel@example.kz")).stdout).toContain(
    "consents that changed: 1",
  );
  const wrong = await run("sequences", "withdraw", "--phone", "12", "--lang", "ru");
  expect([wrong.exitCode, wrong.stderr]).toEqual([1, expect.stringContaining("p_phone")]);
  expect((await run("sequences", "results")).exitCode).toBe(0);
  expect(project.leakedSecrets()).toEqual([]);
});
