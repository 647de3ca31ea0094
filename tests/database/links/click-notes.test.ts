import { beforeEach, expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { insertLeads, messages } from "../support/leads.ts";
import { insertStudent } from "../support/mail-drainer.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });
beforeEach(() => setTestClock(NOON, sql, superuser));

const withDeal = (table: string, subject: string, deal: number) =>
  superuser`insert into amocrm.links (subject_table, subject_id, object, amocrm_id) values (${table}, ${subject}, 'deal', ${deal})`;
const link = (code: string, lead: string | null, student: string | null = null, channel = "mail") =>
  sql`insert into short_links (code, target_url, target_name, channel, lead_id, student_id)
    values (${code}, 'https://school.example/', 'course', ${channel}, ${lead}, ${student})`;
const click = (code: string, atMs: number, verdict = "human") =>
  sql`insert into link_clicks (code, clicked_at, verdict) values (${code}, ${noonPlus(atMs)}, ${verdict})`;
const at = async (ms: number) => {
  await setTestClock(noonPlus(ms), sql, superuser);
  await sql`select amocrm.note_clicks()`;
};
const notes = async () =>
  (await messages(sql))
    .filter(({ kind }) => kind === "deal.note")
    .map(({ subject_id, payload }) => [subject_id, payload["text"]]);

test("people's clicks become notes on their deals if that is wished, each link once, and nothing else comes of them", async () => {
  const [ann = "", ben = "", waiting = ""] = await insertLeads(
    sql,
    ["ann", "ben", "waiting"].map((name) => ({ email: `${name}@example.com` })),
  );
  const student = await insertStudent(sql, { email: "student@example.com", hasLogin: false });
  await superuser`delete from amocrm.outbox where subject_id in (${ann}, ${ben}, ${student})`;
  await withDeal("unified_lead_tracking", ann, 501);
  await withDeal("tripwire_users", student, 502);
  await link("ann", ann);
  await link("machine", ann);
  await link("second", ann, null, "sms");
  await link("nodeal", ben);
  await link("waiting", waiting);
  await link("student", null, student);
  await link("nobody", null);
  const before = await sql`select id from amocrm.outbox order by id`;
  await click("ann", 0);
  await at(5 * MINUTE_MS);
  // Off by default: nothing at all comes of a click.
  expect(await sql`select id from amocrm.outbox order by id`).toEqual(before);
  expect(
    await sql`select from amocrm.followup_events where event not in ('lead.created', 'student.created')`,
  ).toEqual([]);

  await sql`update message_settings set click_notes_since = ${noonPlus(10 * MINUTE_MS)}, language = 'ru'`;
  await at(11 * MINUTE_MS);
  // What was clicked before it was wished is history.
  expect(await notes()).toEqual([]);
  await click("ann", 12 * MINUTE_MS);
  for (const verdict of ["scanner", "preview", "prefetch", "unknown"])
    await click("machine", 12 * MINUTE_MS, verdict);
  for (const code of ["nodeal", "waiting", "student", "nobody"]) await click(code, 13 * MINUTE_MS);
  await at(13 * MINUTE_MS);
  // The neighbours may still show it to be a machine's.
  expect(await notes()).toEqual([]);
  await at(16 * MINUTE_MS);
  expect(await notes()).toEqual([
    [ann, "Переход по ссылке «course» из письма: 05.05.2031 17:12"],
    [student, "Переход по ссылке «course» из письма: 05.05.2031 17:13"],
    [waiting, "Переход по ссылке «course» из письма: 05.05.2031 17:13"],
  ]);

  // Again, and again much later; another link of the same person is another note.
  await click("ann", 14 * MINUTE_MS);
  await sql`update link_clicks set verdict = 'scanner' where clicked_at = ${noonPlus(12 * MINUTE_MS)}`;
  await at(20 * MINUTE_MS);
  await click("ann", 7 * HOUR_MS);
  await sql`update message_settings set language = 'en'`;
  await click("second", 7 * HOUR_MS);
  await at(7 * HOUR_MS + 5 * MINUTE_MS);
  expect((await notes()).slice(3)).toEqual([[ann, 'Clicked the link "course" in an SMS: 06.05.2031 00:00']]);
  const kinds = await sql`select kind from amocrm.outbox where id > ${before.at(-1)?.["id"]} group by 1`;
  expect(kinds).toEqual([{ kind: "deal.note" }]);
});
