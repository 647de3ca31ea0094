import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { crmOf, populate, valuesOf } from "../support/crm.ts";
import { ACCOUNT, leave, type System, startSystem } from "../support/system.ts";

let system: System;
let crm: ReturnType<typeof crmOf>;
beforeAll(async () => {
  system = await startSystem({ simulator: { settings: { search: { noise_hits: 3 } } } });
  crm = crmOf(system.simulator);
});
afterAll(() => system.stop());
beforeEach(async () => {
  await system.sql`update amocrm_routes set on_repeat = 'note', responsible_user_id = null, tags = '{}'`;
});

const dealsOf = (contactId: number) =>
  crm.deals().filter((deal) => deal._embedded.contacts.some((contact) => contact.id === contactId));

test("a contact that stands in amoCRM with the e-mail is used, and the new phone is added to it", async () => {
  const { contactId } = await populate(system.simulator, { name: "Старый", email: "Old@Mail.example" });
  await leave(system, { full_name: "Новый", email: "old@mail.example", phone: "+79990000001", source: "a" });
  await system.delivered();
  expect(dealsOf(contactId)).toHaveLength(1);
  const contact = crm.contacts().find(({ id }) => id === contactId);
  expect(contact && valuesOf(contact, "PHONE")).toEqual(["+79990000001"]);
  expect(contact?.name).toBe("Старый");
});

test("a contact whose phone is written with 8 is found by the phone", async () => {
  const { contactId } = await populate(system.simulator, { name: "Восьмёрка", phone: "89990000002" });
  await leave(system, { phone: "+7 999 000-00-02", source: "a" });
  await system.delivered();
  expect(dealsOf(contactId)).toHaveLength(1);
});

test("a contact that only contains the e-mail's letters somewhere is not taken", async () => {
  const { contactId } = await populate(system.simulator, {
    name: "x short@mail.example y",
    email: "not.short@mail.example",
  });
  await leave(system, { full_name: "Кто-то", email: "short@mail.example", source: "a" });
  await system.delivered();
  expect(dealsOf(contactId)).toHaveLength(0);
});

test("of several contacts with one e-mail the one changed last is used and the other is listed", async () => {
  const older = await populate(system.simulator, { name: "A", email: "twice@mail.example" });
  const newer = await populate(system.simulator, { name: "B", email: "twice@mail.example" });
  await leave(system, { email: "twice@mail.example", source: "a" });
  await system.delivered();
  expect(dealsOf(newer.contactId)).toHaveLength(1);
  const listed =
    await system.sql`select type, kept_id::int, other_id::int from amocrm_duplicates where type = 'contact'`;
  expect([...listed]).toEqual([{ type: "contact", kept_id: newer.contactId, other_id: older.contactId }]);
});

test("an open deal of the pipeline is reused, a won one gets a note only, a lost one is left alone", async () => {
  const { salesPipelineId: pipelineId, qualifiedStageId } = ACCOUNT;
  const open = await populate(system.simulator, { name: "Open", email: "open@mail.example" }, [
    { pipelineId, statusId: qualifiedStageId },
    { pipelineId: ACCOUNT.tripwirePipelineId, statusId: ACCOUNT.boughtStageId },
  ]);
  const won = await populate(system.simulator, { name: "Won", email: "won@mail.example" }, [
    { pipelineId, statusId: 142 },
  ]);
  const lost = await populate(system.simulator, { name: "Lost", email: "lost@mail.example" }, [
    { pipelineId, statusId: 143 },
  ]);
  for (const name of ["open", "won", "lost"])
    await leave(system, { full_name: name, email: `${name}@mail.example`, source: "b" });
  await system.delivered();
  const noted = (dealId: number | undefined) =>
    crm.notes().filter((note) => note.entity_id === dealId).length;
  expect(dealsOf(open.contactId)).toHaveLength(2);
  expect(noted(open.dealIds[0])).toBe(1);
  expect(crm.deals().find(({ id }) => id === open.dealIds[0])?.status_id).toBe(qualifiedStageId);
  expect(dealsOf(won.contactId)).toHaveLength(1);
  expect(noted(won.dealIds[0])).toBe(1);
  expect(dealsOf(lost.contactId)).toHaveLength(2);
});

test("a contact deleted in amoCRM is made anew, with a warning", async () => {
  await leave(system, { full_name: "Удалённый", email: "deleted@mail.example", source: "a" });
  await system.delivered();
  const contact = crm.contacts().find((row) => valuesOf(row, "EMAIL").includes("deleted@mail.example"));
  system.simulator.simulator.control.edit({ action: "delete_contact", contact_id: contact?.id ?? 0 });
  await leave(system, { full_name: "Удалённый", email: "deleted@mail.example", source: "a" });
  await system.delivered();
  const again = crm.contacts().filter((row) => valuesOf(row, "EMAIL").includes("deleted@mail.example"));
  expect(again).toHaveLength(1);
  expect(again[0]?.id).not.toBe(contact?.id);
  const [message] = await system.sql`select warnings from amocrm_outbox order by id desc limit 1`;
  expect(message?.["warnings"]).toEqual([expect.objectContaining({ code: "contact_deleted" })]);
});

test("on_repeat note_and_task adds a task, on_repeat deal makes a deal of its own", async () => {
  const lead = { full_name: "Повтор", email: "repeat@mail.example", source: "a" };
  await leave(system, lead);
  await system.delivered();
  await system.sql`update amocrm_routes set on_repeat = 'note_and_task', responsible_user_id = ${ACCOUNT.managerId}`;
  const taskCount = crm.tasks().length;
  await leave(system, lead);
  await system.delivered();
  expect(crm.tasks()).toHaveLength(taskCount + 1);
  await system.sql`update amocrm_routes set on_repeat = 'deal', tags = '{сайт}'`;
  await leave(system, lead);
  await system.delivered();
  const contact = crm.contacts().find((row) => valuesOf(row, "EMAIL").includes("repeat@mail.example"));
  const deals = dealsOf(contact?.id ?? 0);
  expect(deals).toHaveLength(2);
  expect(deals[1]?._embedded.tags).toEqual([expect.objectContaining({ name: "сайт" })]);
});

test("an unknown responsible user does not keep a lead out: it arrives with a warning", async () => {
  await system.sql`update amocrm_routes set responsible_user_id = 999999`;
  await leave(system, { full_name: "Без хозяина", email: "nobody@mail.example", source: "a" });
  await system.delivered();
  const [message] = await system.sql`select state, warnings from amocrm_outbox order by id desc limit 1`;
  expect(message).toMatchObject({
    state: "delivered",
    warnings: [{ code: "responsible_user_refused" }, { code: "responsible_user_refused" }],
  });
});

test("a stage that does not exist leaves the lead dead, with field and reason, and the admin sees it", async () => {
  await system.sql`insert into amocrm_routes (source, pipeline_id, status_id) values ('wrong', ${ACCOUNT.salesPipelineId}, 12345)`;
  await leave(system, { full_name: "Этап", email: "stage@mail.example", source: "wrong" });
  await system.delivered();
  const [letter] = await system.sql`select id::int, error_code, error_message from amocrm_dead_letters`;
  expect(letter).toMatchObject({
    error_code: "validation_failed",
    error_message: expect.stringContaining("status_id"),
  });
  await system.sql`update amocrm_routes set status_id = ${ACCOUNT.newStageId} where source = 'wrong'`;
  await system.sql`select amocrm_requeue(${Number(letter?.["id"])})`;
  await system.delivered();
  expect([...(await system.sql`select 1 from amocrm_dead_letters`)]).toEqual([]);
});
