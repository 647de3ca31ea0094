import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { crmOf, populate, valuesOf } from "../support/crm.ts";
import { hurry } from "../support/hurry.ts";
import { admit, append, complete, lastMessage, setStages } from "../support/students.ts";
import { ACCOUNT, leave, type System, startSystem } from "../support/system.ts";

const BOUGHT = 62001;
const [LESSON_67, LESSON_68, LESSON_69] = [62002, 62003, 62004];
const { tripwirePipelineId: pipelineId } = ACCOUNT;

let system: System;
let crm: ReturnType<typeof crmOf>;
beforeAll(async () => {
  system = await startSystem();
  crm = crmOf(system.simulator);
});
afterAll(() => system.stop());
beforeEach(async () => {
  await setStages(system);
  await system.sql`update amocrm_settings set allow_stage_backwards = false`;
});

const control = () => system.simulator.simulator.control;
const dealOf = (dealId: number | undefined) => crm.deals().find(({ id }) => id === dealId);
const notesOf = (dealId: number | undefined) =>
  crm
    .notes()
    .filter((note) => note.entity_id === dealId)
    .map(({ params }) => params.text);
const idsOf = async (studentId: string) =>
  (
    await system.sql`select amocrm_contact_id::int as contact, amocrm_deal_id::int as deal
      from tripwire_users where id = ${studentId} and amocrm_synced_at is not null`
  )[0];
const person = (name: string) => ({ full_name: name, email: `${name}@school.example` });

async function admitOne(name: string): Promise<{ studentId: string; dealId: number }> {
  const [studentId = ""] = await admit(system, [person(name)]);
  await system.delivered();
  return { studentId, dealId: (await idsOf(studentId))?.["deal"] };
}

test("a student whom amoCRM does not know gets contact, deal at the stage, and a note with name and login", async () => {
  const [id = ""] = await admit(system, [{ ...person("Әсел"), phone: "8 701 555 00 01" }]);
  await system.delivered();
  const ids = await idsOf(id);
  const deal = dealOf(ids?.["deal"]);
  expect(deal).toMatchObject({ name: "Әсел — Tripwire", pipeline_id: pipelineId, status_id: BOUGHT });
  expect(deal && valuesOf(deal, ACCOUNT.markerFieldId)).toEqual([id]);
  const contact = crm.contacts().find((row) => row.id === ids?.["contact"]);
  expect(contact && valuesOf(contact, "PHONE")).toEqual(["+77015550001"]);
  const [note, ...others] = notesOf(ids?.["deal"]);
  expect(note?.split("\n").slice(0, 3)).toEqual([
    "Доступ к курсу Tripwire открыт",
    "Имя: Әсел",
    "Логин: Әсел@school.example",
  ]);
  expect(note?.split("\n")).toHaveLength(4);
  expect(others).toEqual([]);
});

test("a student who was a lead keeps the contact and gets a deal in the school's pipeline", async () => {
  await leave(system, { full_name: "Был", email: "was.lead@school.example", source: "site" });
  await system.delivered();
  const [id = ""] = await admit(system, [person("was.lead")]);
  await system.delivered();
  const ids = await idsOf(id);
  const [lead] = await system.sql`select amocrm_contact_id::int as contact from unified_lead_tracking
    where email = 'was.lead@school.example'`;
  expect(ids?.["contact"]).toBe(lead?.["contact"]);
  expect(dealOf(ids?.["deal"])).toMatchObject({ pipeline_id: pipelineId, status_id: BOUGHT });
  expect(
    crm.contacts().filter((row) => valuesOf(row, "EMAIL").includes("was.lead@school.example")),
  ).toHaveLength(1);
});

test("a student found by phone alone: the open deal of the pipeline moves, deals elsewhere are left alone", async () => {
  const phone = "+77015550002";
  const { contactId, dealIds } = await populate(system.simulator, { name: "По телефону", phone }, [
    { pipelineId, statusId: 62000 },
    { pipelineId: ACCOUNT.salesPipelineId, statusId: ACCOUNT.qualifiedStageId },
  ]);
  const [id = ""] = await admit(system, [{ ...person("by.phone"), phone }]);
  await system.delivered();
  expect(await idsOf(id)).toEqual({ contact: contactId, deal: dealIds[0] });
  expect(dealOf(dealIds[0])?.status_id).toBe(BOUGHT);
  expect(dealOf(dealIds[1])?.status_id).toBe(ACCOUNT.qualifiedStageId);
  expect(notesOf(dealIds[0])).toHaveLength(1);
});

test.each([
  ["won", [142], 142, "deal_won", 0],
  ["lost", [143], BOUGHT, null, 1],
  ["further on", [LESSON_68], LESSON_68, "deal_ahead", 0],
  ["at the stage already", [BOUGHT], BOUGHT, "already_there", 0],
] as const)("the deal of a new student is %s", async (what, [statusId], expected, code, moreDeals) => {
  const name = `was.${what.replaceAll(" ", ".")}`;
  const { dealIds } = await populate(system.simulator, { name, email: `${name}@school.example` }, [
    { pipelineId, statusId },
  ]);
  const before = crm.deals().length;
  const { studentId, dealId } = await admitOne(name);
  expect(crm.deals()).toHaveLength(before + moreDeals);
  expect(dealOf(dealIds[0])?.status_id).toBe(statusId);
  expect(dealOf(dealId)?.status_id).toBe(expected);
  expect(notesOf(dealId)).toHaveLength(1);
  expect(await lastMessage(system, studentId)).toMatchObject({ state: "delivered", code });
});

test("lessons move the deal on, one after the other, without a note each", async () => {
  const { studentId, dealId } = await admitOne("three.lessons");
  await complete(
    system,
    [67, 68, 69].map((lessonId) => ({ studentId, lessonId })),
  );
  await system.delivered();
  expect(dealOf(dealId)?.status_id).toBe(LESSON_69);
  expect(notesOf(dealId)).toHaveLength(1);
  const messages = await system.sql`select state, last_error_code as code from amocrm_outbox
    where subject_id = ${studentId} and kind = 'lesson.completed' order by id`;
  expect([...messages]).toEqual(Array(3).fill({ state: "delivered", code: null }));
});

test("lessons completed out of order leave the deal at the furthest, and the late ones say why", async () => {
  const { studentId, dealId } = await admitOne("out.of.order");
  await complete(system, [
    { studentId, lessonId: 69 },
    { studentId, lessonId: 67 },
  ]);
  await system.delivered();
  expect(dealOf(dealId)?.status_id).toBe(LESSON_69);
  expect(await lastMessage(system, studentId)).toMatchObject({
    state: "delivered",
    code: "deal_ahead",
    message: expect.stringContaining("Урок 69"),
  });
});

test.each([
  ["moved ahead", { action: "move_deal", pipeline_id: pipelineId, status_id: LESSON_69 }, "deal_ahead"],
  ["won", { action: "win_deal" }, "deal_won"],
  ["lost", { action: "lose_deal" }, "deal_lost"],
  [
    "moved to another pipeline",
    { action: "move_deal", pipeline_id: ACCOUNT.salesPipelineId, status_id: ACCOUNT.newStageId },
    "deal_in_other_pipeline",
  ],
] as const)("a deal that a manager has %s is not touched by a lesson", async (what, edit, code) => {
  const { studentId, dealId } = await admitOne(`hand.${what.replaceAll(" ", ".")}`);
  control().edit({ ...edit, deal_id: dealId });
  const before = dealOf(dealId);
  await complete(system, [{ studentId, lessonId: 67 }]);
  await system.delivered();
  expect(dealOf(dealId)).toEqual(before);
  expect(await lastMessage(system, studentId)).toMatchObject({
    kind: "lesson.completed",
    state: "delivered",
    code,
  });
});

test("with allow_stage_backwards a late lesson moves the deal back", async () => {
  await system.sql`update amocrm_settings set allow_stage_backwards = true`;
  const { studentId, dealId } = await admitOne("backwards");
  control().edit({ action: "win_deal", deal_id: dealId });
  await complete(system, [{ studentId, lessonId: 67 }]);
  await system.delivered();
  expect(dealOf(dealId)?.status_id).toBe(LESSON_67);
});

test("a lesson without a stage is over without a request", async () => {
  const { studentId } = await admitOne("no.stage.lesson");
  const before = system.simulator.simulator.log.entries().length;
  await complete(system, [{ studentId, lessonId: 70 }]);
  await system.delivered();
  expect(system.simulator.simulator.log.entries()).toHaveLength(before);
  expect(await lastMessage(system, studentId)).toMatchObject({
    state: "delivered",
    code: "lesson_without_stage",
  });
});

test("a deal deleted in amoCRM is made anew by the next lesson, at its stage, with a note and a warning", async () => {
  const { studentId, dealId } = await admitOne("deal.deleted");
  control().edit({ action: "delete_deal", deal_id: dealId });
  await complete(system, [{ studentId, lessonId: 68 }]);
  await system.delivered();
  const ids = await idsOf(studentId);
  expect(ids?.["deal"]).not.toBe(dealId);
  expect(dealOf(ids?.["deal"])).toMatchObject({ pipeline_id: pipelineId, status_id: LESSON_68 });
  expect(notesOf(ids?.["deal"])).toHaveLength(1);
  const message = await lastMessage(system, studentId);
  expect(message?.["warnings"]).toEqual([expect.objectContaining({ code: "deal_deleted" })]);
});

test("a deal and its contact deleted between the read and the move are made anew, whatever status amoCRM answers with", async () => {
  for (const status of [400, 404] as const) {
    control().patchSettings({ writes: { patch_unknown_id: status } });
    const { studentId, dealId } = await admitOne(`gone.${status}`);
    const contactId = (await idsOf(studentId))?.["contact"];
    // The account shows deleted deals by id until the move has failed.
    control().patchSettings({ lists: { deleted_by_id: "shown" } });
    control().edit({ action: "delete_deal", deal_id: dealId });
    control().edit({ action: "delete_contact", contact_id: contactId });
    await complete(system, [{ studentId, lessonId: 67 }]);
    await system.delivered();
    control().patchSettings({ lists: { deleted_by_id: "empty" } });
    const ids = await idsOf(studentId);
    expect(ids?.["deal"]).not.toBe(dealId);
    expect(dealOf(ids?.["deal"])).toMatchObject({ status_id: LESSON_67 });
  }
});

test("a student waits for a stage of student.created, health says so, and a new row wakes the message", async () => {
  await system.sql`delete from amocrm_stages`;
  const [id = ""] = await admit(system, [person("stageless")]);
  await expect.poll(async () => (await lastMessage(system, id))?.["code"]).toBe("no_stage");
  expect((await lastMessage(system, id))?.["state"]).toBe("pending");
  const [health] = await system.sql`select verdict, remedy from amocrm_health`;
  expect(health).toEqual({
    verdict: "unconfigured",
    remedy: expect.stringContaining("--stage student.created=<pipeline>:<stage>"),
  });
  await setStages(system);
  await system.delivered();
  expect(dealOf((await idsOf(id))?.["deal"])?.status_id).toBe(BOUGHT);
});

test("a stage or pipeline that the account does not have leaves the message dead, with the field and the value", async () => {
  const { studentId } = await admitOne("wrong.stage");
  await system.sql`update amocrm_stages set status_id = 999 where event = 'lesson.67'`;
  await complete(system, [{ studentId, lessonId: 67 }]);
  await system.delivered();
  expect(await lastMessage(system, studentId)).toMatchObject({
    state: "dead",
    code: "stage_not_found",
    message: "amocrm_stages names for lesson.67 the status_id 999, which is no stage of pipeline 4500",
  });
  await system.sql`update amocrm_stages set pipeline_id = 1, status_id = 2`;
  const [id = ""] = await admit(system, [person("wrong.pipeline")]);
  await complete(system, [{ studentId, lessonId: 68 }]);
  await system.delivered();
  expect(await lastMessage(system, studentId)).toMatchObject({ state: "dead", code: "pipeline_not_found" });
  expect(await lastMessage(system, id)).toMatchObject({
    state: "dead",
    message: expect.stringContaining("pipeline_id"),
  });
});

test("a certificate is told in a note, and moves the deal if it has a stage", async () => {
  const { studentId, dealId } = await admitOne("certified");
  const certificate = [{ id: studentId, payload: { number: "TW-2026-000001" } }];
  await append(system, "certificate.issued", certificate);
  await system.delivered();
  expect(notesOf(dealId)[1]).toContain("Номер: TW-2026-000001");
  expect(dealOf(dealId)?.status_id).toBe(BOUGHT);
  await system.sql`insert into amocrm_stages values ('certificate.issued', ${pipelineId}, 142)`;
  await append(system, "certificate.issued", certificate);
  await system.delivered();
  expect(dealOf(dealId)?.status_id).toBe(142);
  await system.sql`delete from amocrm_stages where event = 'certificate.issued'`;
});

test("two students whose phone is on one card are contacts of their own, listed, and their lessons do not run into each other", async () => {
  const phone = "+77015550003";
  const { contactId, dealIds } = await populate(
    system.simulator,
    { name: "Двое", email: "one@shared.example", phone },
    [{ pipelineId, statusId: BOUGHT }],
  );
  const hurrying = hurry(system);
  const ids = await admit(system, [
    { full_name: "Один", email: "one@shared.example" },
    { full_name: "Два", email: "two@shared.example", phone },
  ]);
  await system.delivered();
  const [one, two] = [await idsOf(ids[0] ?? ""), await idsOf(ids[1] ?? "")];
  expect(one).toEqual({ contact: contactId, deal: dealIds[0] });
  expect(two?.["contact"]).not.toBe(contactId);
  expect(await system.sql`select type, kept_id::int, other_id::int from amocrm_duplicates`).toContainEqual({
    type: "contact",
    kept_id: contactId,
    other_id: two?.["contact"],
  });
  await complete(
    system,
    ids.map((studentId, index) => ({ studentId, lessonId: 68 - index })),
  );
  await system.delivered();
  expect(dealOf(dealIds[0])?.status_id).toBe(LESSON_68);
  expect(dealOf(two?.["deal"])?.status_id).toBe(LESSON_67);
  await hurrying.stop();
});
