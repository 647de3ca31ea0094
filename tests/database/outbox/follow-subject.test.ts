import { beforeEach, describe, expect, test } from "vitest";
import { useDatabase } from "../support/database.ts";
import { type Drainer, openDrainer } from "../support/drainer.ts";
import { messages } from "../support/leads.ts";

const database = await useDatabase();
const { sql } = database;
let drainer: Drainer;
beforeEach(async () => {
  drainer = openDrainer(database);
  await drainer.begin();
});

async function insertStudent(email: string, phone: string | null = null): Promise<string> {
  const [row] =
    await sql`insert into tripwire_users (full_name, email, phone) values ('S', ${email}, ${phone}) returning id`;
  return row?.["id"];
}
const completeLesson = (studentId: string, lessonId: number, email: string) => {
  const rows = [{ id: studentId, email, payload: { lessonId } }];
  return sql`select amocrm.append('lesson.completed', 'tripwire_users', ${JSON.stringify(rows)}::text::jsonb)`;
};

describe("a completed lesson", () => {
  test("belongs to its student's person, and waits for student.created, although the address is new", async () => {
    const id = await insertStudent("old@example.com");
    await completeLesson(id, 67, "new@example.com");
    const [created, ...others] = await drainer.claim();
    expect(others).toEqual([]);
    expect(created).toMatchObject({ kind: "student.created" });
    const [first, second] = await messages(sql);
    expect(second?.person_id).toBe(first?.person_id);
  });

  test("is sent after the ones before it, in the order of completion", async () => {
    const id = await insertStudent("s@example.com");
    await completeLesson(id, 67, "s@example.com");
    await completeLesson(id, 68, "s@example.com");
    const order = [];
    for (let round = 0; round < 3; round++) {
      const claimed = await drainer.claim();
      order.push(claimed.map(({ kind, payload }) => [kind, payload["lessonId"]]));
      await drainer.settle(claimed.map((one) => ({ id: one.id, verdict: "delivered", deal_id: 7 })));
    }
    expect(order).toEqual([
      [["student.created", undefined]],
      [["lesson.completed", 67]],
      [["lesson.completed", 68]],
    ]);
  });

  test("is told the deal of its student, and the person's contact", async () => {
    const id = await insertStudent("s@example.com");
    const [created] = await drainer.claim();
    await drainer.settle([{ id: created?.id ?? 0, verdict: "delivered", contact_id: 501, deal_id: 801 }]);
    await completeLesson(id, 67, "s@example.com");
    expect(await drainer.claim()).toMatchObject([{ kind: "lesson.completed", contactId: 501, dealId: 801 }]);
  });
});

test("a message that is over without anything in amoCRM does not mark its student as synced", async () => {
  const id = await insertStudent("s@example.com");
  const [created] = await drainer.claim();
  await drainer.settle([{ id: created?.id ?? 0, verdict: "rejected", code: "stage_not_found" }]);
  await completeLesson(id, 70, "s@example.com");
  const [lesson] = await drainer.claim();
  await drainer.settle([{ id: lesson?.id ?? 0, verdict: "delivered", code: "lesson_without_stage" }]);
  await sql`select amocrm.sweep()`;
  const [student] = await sql`select amocrm_synced_at, amocrm_deal_id from tripwire_users`;
  expect(student).toEqual({ amocrm_synced_at: null, amocrm_deal_id: null });
});
