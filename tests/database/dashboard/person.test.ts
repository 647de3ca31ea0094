import { expect, test } from "vitest";
import { useDatabase } from "../support/database.ts";
import { openDataApi, VIEWER } from "../support/roles.ts";

const database = await useDatabase();
const { sql } = database;
const runAs = openDataApi(database);

test("a viewer sees of a person each event once, masked, and which step comes next, not before the quiet hours end", async () => {
  const [lead] =
    await sql`insert into unified_lead_tracking (email, full_name, source) values ('ada@example.com', 'Ada', 'landing') returning id`;
  const id = String(lead?.["id"]);
  await sql`insert into amocrm.mails (message_id, kind, subject_id, accepted_at) values (900, 'lead.mail', ${id}, now())`;
  await sql`insert into amocrm.mail_events (event_id, message_id, type, happened_at) values ('e1', 900, 'email.opened', now())`;
  await sql`insert into amocrm.sms (message_id, subject_id, part_count, sent_at, accepted_at) values (901, ${id}, 1, now(), now())`;
  await sql`with entered as (
      insert into amocrm.followup_entries (sequence, version, event, lead_id, entered_at) values ('welcome', 1, 'lead.created', ${id}, now()) returning id
    )
    insert into amocrm.followup_entry_steps (entry_id, step, version, channel, template_code, topic, stop_on, delay_minutes, max_delay_minutes, due_local,
      due_at, look_at, state, reason, message_id, departed_at)
    select id, step, 1, 'mail', 'hello', 'news', '{}', 60, 60, now(), now(), '2030-05-01 20:00+00', state, null, message_id, departed_at
    from entered, (values ('first', 'departed', 900::bigint, now()), ('second', 'waiting', null, null)) as steps (step, state, message_id, departed_at)`;
  const [row] = await runAs(
    VIEWER,
    (session) => session`select amocrm_person('{"email": "ada@example.com"}') as answer`,
  );
  const answer = row?.["answer"] as {
    events: { event: string }[];
    next: { step: string; expected_at: string }[];
    certificates: unknown[];
  };
  expect(answer.events.map(({ event }) => event).toSorted()).toEqual([
    "lead inserted",
    "mail opened",
    "mail sent",
    "message appended",
    "message is pending",
    "sequence step",
    "sms sent",
  ]);
  // One in the morning in Almaty: mails go from nine on, which is four in UTC.
  expect(answer.next).toMatchObject([{ step: "second", sequence: "welcome", channel: "mail" }]);
  expect(new Date(answer.next[0]?.expected_at ?? "").toISOString()).toBe("2030-05-02T04:00:00.000Z");
  expect(answer.certificates).toEqual([]);
  expect(JSON.stringify(answer)).not.toMatch(/ada@example|Ada/);
});
