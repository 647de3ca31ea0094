import type { SupabaseClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createStudent } from "#client/tripwire-students.ts";
import { type SchoolProject, startSchool } from "./school-project.ts";

let school: SchoolProject;
let ada: SupabaseClient;
let adaId: string;
let bobId: string;

beforeAll(async () => {
  school = await startSchool();
  const manager = await school.signIn("sales_manager");
  const make = async (email: string) => {
    const made = await createStudent(manager.client.functions, { full_name: email, email });
    if (!made.ok) throw new Error(made.message);
    return made.student;
  };
  const student = await make("ada@example.com");
  [adaId, ada] = [student.user_id, await school.signInAs(student)];
  bobId = (await make("bob@example.com")).user_id;
  await school.sql`update public.tripwire_lessons set duration_seconds = 100`;
});
afterAll(() => school?.stop());

const table = () => ada.from("tripwire_lesson_progress");

test("a student's player writes by upsert and by function, and late packets change nothing", async () => {
  const packet = (watched_seconds: number) =>
    table().upsert({ user_id: adaId, lesson_id: 67, watched_seconds }).select("watched_seconds").single();
  expect((await packet(10)).data).toEqual({ watched_seconds: 10 });
  expect((await packet(30)).data).toEqual({ watched_seconds: 30 });
  expect((await packet(20)).data).toEqual({ watched_seconds: 30 });
  const watched = await ada.rpc("tripwire_watch", { p_lesson_id: 67, p_watched_seconds: 79 }).single();
  expect(watched.data).toEqual({ lesson_id: 67, watched_seconds: 79, completed_at: null });
});

test("a student completes a lesson once enough of it is watched, and the message follows", async () => {
  const early = await ada.rpc("tripwire_complete_lesson", { p_lesson_id: 67 });
  expect(early.error).toMatchObject({ code: "23514", details: "lesson_is_watched_enough" });
  await ada.rpc("tripwire_watch", { p_lesson_id: 67, p_watched_seconds: 80 });
  const done = await ada.rpc("tripwire_complete_lesson", { p_lesson_id: 67 }).single();
  expect(done.data).toMatchObject({ lesson_id: 67, completed_at: expect.any(String) });
  expect((await ada.rpc("tripwire_complete_lesson", { p_lesson_id: 67 }).single()).data).toEqual(done.data);
  expect(await school.sql`select payload from public.amocrm_outbox where kind = 'lesson.completed'`).toEqual([
    { payload: { lessonId: 67 } },
  ]);
  expect((await ada.from("tripwire_achievements").select("code")).data).toEqual([{ code: "first_lesson" }]);
});

test("a student reaches nobody else's progress through the Data API", async () => {
  const completed_at = new Date().toISOString();
  const forged = await table().upsert({ user_id: bobId, lesson_id: 67, completed_at });
  expect(forged.error).toMatchObject({ code: "42501" });
  const taken = await table().update({ user_id: bobId }).eq("lesson_id", 67);
  expect(taken.error).toMatchObject({ code: "42501" });
  await table().update({ completed_at }).eq("user_id", bobId);
  expect(await school.sql`select from public.tripwire_lesson_progress where user_id = ${bobId}`).toHaveLength(
    0,
  );
  expect((await ada.from("tripwire_students_overview").select()).error).toMatchObject({ code: "42501" });
  expect((await ada.from("tripwire_users").select("email")).data).toEqual([{ email: "ada@example.com" }]);
});
