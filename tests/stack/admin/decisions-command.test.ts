import { afterAll, beforeAll, expect, it } from "vitest";
import { type AdminProject, type CommandResult, startAdminProject } from "./admin-project.ts";

let project: AdminProject;

beforeAll(async () => {
  project = await startAdminProject();
});
afterAll(() => project?.stop());

const documentOf = ({ stdout }: CommandResult): unknown => JSON.parse(stdout);

/** Leads that lie in quarantine: as a flood leaves them. */
async function quarantine(domain: string, count: number): Promise<void> {
  await project.sql`select amocrm_pause('test')`;
  const rows = await project.sql<{ id: string }[]>`
    insert into public.unified_lead_tracking (email)
    select 'lead' || n || '@' || ${domain}::text from generate_series(1, ${count}) as n returning id`;
  const ids = rows.map(({ id }) => id);
  await project.sql`delete from amocrm.outbox where subject_id = any (${ids})`;
  await project.sql`insert into amocrm.quarantined_leads (lead_id, reason, key_hash, quarantined_at)
    select id, 'flood', sha256(id::text::bytea), amocrm.clock() from unnest(${ids}::uuid[]) as id`;
}

it("lists what lies in quarantine, discards junk and releases the rest, in the reader's language", async () => {
  expect((await project.command(["quarantine"])).exitCode).toBe(0);
  await quarantine("junk.example", 3);
  await quarantine("human.example", 1);
  const listed = await project.command(["quarantine", "--lang", "ru"]);
  expect([listed.exitCode, listed.stdout]).toEqual([1, expect.stringMatching(/^! В карантине 4 заявки\.\n/)]);
  const doctor = await project.command(["doctor", "--lang", "ru"]);
  expect([doctor.exitCode, doctor.stdout]).toEqual([
    1,
    expect.stringContaining("✗ Очередь     В карантине 4 заявки"),
  ]);

  const discard = ["quarantine", "discard", "--email-domain", "junk.example"];
  expect((await project.command(discard)).exitCode).toBe(2);
  const discarded = await project.command([...discard, "--yes", "--json"]);
  expect(documentOf(discarded)).toEqual({ mode: "discard", lead_count: 3 });
  const released = await project.command(["quarantine", "release", "--yes", "--json"]);
  expect(documentOf(released)).toEqual({ mode: "release", lead_count: 1 });
  expect((await project.command(["quarantine"])).stdout).toBe("✓ Nothing lies in quarantine.\n");

  await project.sql`update public.unified_lead_tracking set amocrm_deal_id = 77, amocrm_contact_id = 7 where email like '%human.example'`;
  const delivered = await project.command([
    "quarantine",
    "delivered",
    "--email-domain",
    "human.example",
    "--json",
  ]);
  expect(documentOf(delivered)).toMatchObject({ leads: [{ amocrm_deal_id: 77 }] });
});

it("settles pairs, forgets a person and lists mails", async () => {
  const [pair] = await project.sql<{ id: number }[]>`
    insert into amocrm.duplicates (type, kept_id, other_id, reason) values ('deal', 1, 2, 'one name')
    returning id::int`;
  const id = String(pair?.id);
  expect(documentOf(await project.command(["duplicates", "--json"]))).toMatchObject({
    duplicates: [{ id: pair?.id, type: "deal" }],
  });
  expect((await project.command(["duplicates", "resolve", id, "same"])).stdout).toMatch(
    /^✓ \d+: merge deal 1 and 2/,
  );
  const again = await project.command(["duplicates", "resolve", id, "different"]);
  expect([again.exitCode, again.stdout]).toEqual([1, expect.stringContaining("was resolved")]);

  await project.sql`insert into public.unified_lead_tracking (email) values ('gone@example.com')`;
  const forgotten = await project.command(["forget", "--email", "Gone@Example.com", "--yes"]);
  expect([forgotten.exitCode, forgotten.stdout]).toEqual([0, expect.stringContaining("Forgotten: 1 lead, ")]);
  expect(
    await project.sql`select from public.unified_lead_tracking where email = 'gone@example.com'`,
  ).toHaveLength(0);

  expect((await project.command(["mails", "pause", "texts"])).exitCode).toBe(0);
  await project.sql`insert into public.tripwire_users (full_name, email) values ('Ada', 'ada@example.com')`;
  const mails = await project.command(["mails", "--json"]);
  expect(documentOf(mails)).toMatchObject({ mails: [{ kind: "student.welcome", state: "pending" }] });
  expect(mails.stdout).not.toContain("ada@example.com");
  expect((await project.command(["mails", "resume"])).exitCode).toBe(0);
  expect((await project.command(["mails", "allow", "ada@example.com"])).stdout).toContain(
    "Nothing was in the way",
  );
  const unknown = await project.command(["mails", "resend", "7f1c0a6e-3c1a-4a59-9d0e-5d8f3f1b2a77"]);
  expect([unknown.exitCode, unknown.stdout]).toEqual([1, expect.stringContaining("Refused: no student")]);
});
