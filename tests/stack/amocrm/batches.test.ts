import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { crmOf, populate } from "../support/crm.ts";
import { ACCOUNT, type System, startSystem } from "../support/system.ts";

let system: System;
let crm: ReturnType<typeof crmOf>;
beforeAll(async () => {
  system = await startSystem({ simulator: { population: { contacts: 500, deals: 100 } } });
  crm = crmOf(system.simulator);
  // What a first pull would have done: the mirror is complete and a moment old.
  await system.sql`select amocrm.store_contacts(${JSON.stringify(mirrored())}::text::jsonb)`;
  await trustMirror();
});
afterAll(() => system.stop());
beforeEach(() => trustMirror());

const trustMirror = () =>
  system.sql`update amocrm.cursors set is_complete = true, changed_until = clock_timestamp() where entity = 'contact'`;

function mirrored(): unknown[] {
  return crm.contacts().map((contact) => ({
    id: contact.id,
    name: contact.name,
    dealIds: contact._embedded.leads.map(({ id }) => id),
    rawFields: contact.custom_fields_values ?? [],
    createdAt: 1,
    updatedAt: 1,
    isDeleted: false,
  }));
}

/**
 * Inserts leads while sending is paused, so that all of them are there when the drain begins. What is in doubt is looked
 * for after 10 s, 1 min and 4 min, if it is not hurried.
 */
async function leaveTogether(
  rows: readonly Record<string, unknown>[],
  { hurries = false } = {},
): Promise<() => { method: string; path: string }[]> {
  await system.sql`select amocrm_pause('the test collects leads first')`;
  const { error } = await system.anon.from("landing_leads").insert([...rows]);
  if (error !== null) throw new Error(error.message);
  const before = system.simulator.simulator.log.entries().length;
  await system.sql`select amocrm_resume()`;
  const hurrying = hurries ? hurryLooks() : null;
  await system.delivered();
  hurrying?.abort();
  return () => system.simulator.simulator.log.entries().slice(before);
}

const people = (count: number, prefix: string, more: Record<string, unknown> = {}) =>
  Array.from({ length: count }, (_, index) => ({
    full_name: `${prefix}${index}`,
    email: `${prefix}${index}@batch.example`,
    source: "b",
    ...more,
  }));

test("two hundred leads of new people into an account with a mirror cost six requests", async () => {
  const requests = await leaveTogether(people(200, "new"));
  const paths = requests().map(({ method, path }) => `${method} ${path}`);
  console.log(`200 leads: ${paths.length} requests, ${paths.length / 200} per lead`);
  // One look, four creates, one batch of notes.
  expect(paths).toHaveLength(6);
  expect(crm.deals()).toHaveLength(300);
});

test("leads of contacts that are in amoCRM already make no second contact", async () => {
  const known = crm
    .contacts()
    .filter((contact) => contact.custom_fields_values !== null)
    .slice(0, 60);
  const emails = known.map(
    (contact) =>
      contact.custom_fields_values?.find((field) => field.field_code === "EMAIL")?.values[0]?.value,
  );
  const before = crm.contacts().length;
  await leaveTogether(
    emails.filter((email) => typeof email === "string").map((email) => ({ email, source: "b" })),
  );
  expect(crm.contacts()).toHaveLength(before);
});

test("three items of a wrong stage are dead with field and reason, the other 47 go through in four requests besides reads", async () => {
  await system.sql`insert into amocrm_routes (source, pipeline_id, status_id) values ('wrong', ${ACCOUNT.salesPipelineId}, 999)`;
  const requests = await leaveTogether([...people(47, "good"), ...people(3, "bad", { source: "wrong" })], {
    hurries: true,
  });
  const writes = requests().filter(({ method }) => method !== "GET");
  const states =
    await system.sql`select state, count(*)::int from amocrm_outbox where id > (select max(id) - 50 from amocrm_outbox) group by 1 order by 1`;
  expect([...states]).toEqual([
    { state: "dead", count: 3 },
    { state: "delivered", count: 47 },
  ]);
  const letters = await system.sql`select error_code, error_message from amocrm_dead_letters`;
  for (const letter of letters) expect(letter["error_message"]).toContain("status_id");
  expect(letters).toHaveLength(3);
  expect(writes.length).toBeLessThanOrEqual(4);
});

test("three items with an unknown responsible user are delivered with a warning, like the other 47", async () => {
  await system.sql`insert into amocrm_routes (source, pipeline_id, status_id, responsible_user_id)
    values ('nobody', ${ACCOUNT.salesPipelineId}, ${ACCOUNT.newStageId}, 123456)`;
  await leaveTogether([...people(47, "fine"), ...people(3, "left", { source: "nobody" })], { hurries: true });
  const rows = await system.sql`select state, warnings @> '[{"code":"responsible_user_refused"}]' as is_warned
    from amocrm_outbox where id > (select max(id) - 50 from amocrm_outbox)`;
  expect(rows.filter((row) => row["state"] === "delivered")).toHaveLength(50);
  expect(rows.filter((row) => row["is_warned"])).toHaveLength(3);
});

test("an account that writes the good items of a refused batch gets none of them twice", async () => {
  const { control } = system.simulator.simulator;
  control.patchSettings({ writes: { bad_item: "good_written" } });
  await leaveTogether([...people(20, "written"), ...people(2, "refused", { source: "wrong" })], {
    hurries: true,
  });
  control.patchSettings({ writes: { bad_item: "nothing_written" } });
  expect(crm.deals().filter((deal) => deal.name.startsWith("written"))).toHaveLength(20);
  expect(crm.contacts().filter((contact) => contact.name.startsWith("written"))).toHaveLength(20);
});

test("a contact made by hand since the mirror was read is found by the look before the batch", async () => {
  const { contactId } = await populate(system.simulator, { name: "Ручной", email: "by.hand@batch.example" });
  await system.sql`update amocrm.cursors set changed_until = clock_timestamp() - interval '10 minutes' where entity = 'contact'`;
  const requests = await leaveTogether([{ email: "by.hand@batch.example", source: "b" }]);
  expect(
    crm.deals().filter((deal) => deal._embedded.contacts.some(({ id }) => id === contactId)),
  ).toHaveLength(1);
  // More than a page has changed by now, so what changed is read by id behind the first page.
  expect(requests().filter(({ method }) => method === "GET").length).toBeLessThanOrEqual(3);
});

test("a phone added by a manager after the mirror was read is not wiped by ours", async () => {
  const { contactId } = await populate(system.simulator, {
    name: "Два телефона",
    email: "two.phones@batch.example",
  });
  await system.sql`select amocrm.store_contacts(${JSON.stringify(mirrored().filter((row) => (row as { id: number }).id === contactId))}::text::jsonb)`;
  system.simulator.simulator.control.edit({
    action: "change_phone",
    contact_id: contactId,
    phone: "+79001110000",
  });
  await leaveTogether([{ email: "two.phones@batch.example", phone: "+79002220000", source: "b" }]);
  const contact = crm.contacts().find(({ id }) => id === contactId);
  const phones = contact?.custom_fields_values
    ?.find((field) => field.field_code === "PHONE")
    ?.values.map(({ value }) => value);
  expect(phones).toEqual(["+79001110000", "+79002220000"]);
});

test("a contact deleted in amoCRM since the mirror was read is made anew, with a warning", async () => {
  const lead = { full_name: "Удалённый", email: "gone@batch.example", source: "b" };
  await leaveTogether([lead]);
  const first = crm.contacts().find((contact) => contact.name === "Удалённый");
  system.simulator.simulator.control.edit({ action: "delete_contact", contact_id: first?.id ?? 0 });
  await leaveTogether([lead], { hurries: true });
  const [second, ...more] = crm.contacts().filter((contact) => contact.name === "Удалённый");
  expect(more).toEqual([]);
  expect(second?.id).not.toBe(first?.id);
  const [message] =
    await system.sql`select state, warnings, amocrm_contact_id::int as contact from amocrm_outbox order by id desc limit 1`;
  expect(message).toMatchObject({
    state: "delivered",
    warnings: [{ code: "contact_deleted" }],
    contact: second?.id,
  });
});

test("a gateway timeout makes fifty uncertain, halves the size of batches, and successes raise it again", async () => {
  const { simulator } = system.simulator;
  simulator.control.addFaults({
    kind: "status",
    status: 504,
    method: "POST",
    path: "/api/v4/leads/complex",
    times: 1,
  });
  const before = simulator.log.entries().length;
  await leaveTogether(people(50, "slow"), { hurries: true });
  const sizes = simulator.log
    .entries()
    .slice(before)
    .filter(({ path, method }) => method === "POST" && path === "/api/v4/leads/complex")
    .map((entry) => entry.item_count);
  console.log(`sizes of the creates: ${sizes.join(", ")}`);
  expect(sizes[0]).toBe(50);
  expect(Math.max(...sizes.slice(1, 2))).toBeLessThanOrEqual(25);
  expect(sizes.slice(1).reduce((sum, size) => sum + size, 0)).toBe(50);
  expect(crm.deals().filter((deal) => deal.name.startsWith("slow"))).toHaveLength(50);
  const [control] =
    await system.sql`select batch_size_in_force from amocrm.queue_control where queue = 'amocrm'`;
  expect(control?.["batch_size_in_force"]).toBeNull();
});

/** Cuts the waits short until aborted; those of what was refused as well, and is sent another way. */
function hurryLooks(): AbortController {
  const controller = new AbortController();
  void (async () => {
    while (!controller.signal.aborted) {
      await system.sql`update amocrm.outbox set next_attempt_at = clock_timestamp() where state in ('uncertain', 'pending') and next_attempt_at > clock_timestamp()`;
      await system.stack.worker?.runJob("amocrm-tick");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  return controller;
}
