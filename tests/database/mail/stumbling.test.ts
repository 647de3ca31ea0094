import { expect, test } from "vitest";
import { composers } from "#functions/message-drain/composers.ts";
import { HOUR_MS, MINUTE_MS } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { insertStudent, mailMessages } from "../support/mail-drainer.ts";
import { openMailOffice } from "../support/mail-office.ts";
import { configureVault } from "../support/vault.ts";

const database = await useDatabase();
const { sql } = database;

test("a mail that cannot be composed is that mail's matter: the others go out, and it is dead in the end, named", async () => {
  await configureVault(sql);
  const welcome = composers["student.welcome"];
  const office = await openMailOffice(database, {
    composers: {
      ...composers,
      "student.welcome": (message, settings, sender) => {
        if (message.student?.email === "poison@example.com")
          throw new TypeError("Secret Name is not iterable");
        return welcome?.(message, settings, sender) as ReturnType<NonNullable<typeof welcome>>;
      },
    },
  });
  await sql`update message_settings set max_attempts = 3`;
  for (const email of ["poison@example.com", "a@example.com", "b@example.com"])
    await insertStudent(sql, { email });
  await office.pass(MINUTE_MS);
  expect(office.resend.mails()).toHaveLength(2);
  expect((await mailMessages(sql)).map(({ state }) => state).toSorted()).toEqual([
    "delivered",
    "delivered",
    "pending",
  ]);
  await office.pass(HOUR_MS);
  const [dead] = (await mailMessages(sql)).filter(({ state }) => state === "dead");
  expect(dead).toMatchObject({ attempt_count: 3, last_error_code: "handler_failed" });
  expect(JSON.stringify(dead)).not.toContain("Secret");
});

test("a mail whose message cannot be read is set back by itself: the others go out, and it is dead in the end", async () => {
  await configureVault(sql);
  const office = await openMailOffice(database);
  const owner = database.connect({ user: "supabase_admin" });
  await sql`update message_settings set max_attempts = 3`;
  for (const email of ["odd@example.com", "a@example.com", "b@example.com"])
    await insertStudent(sql, { email });
  await owner`update amocrm.outbox set payload = '"odd"'
    where queue = 'message' and email_key = 'odd@example.com'`;
  await office.pass(MINUTE_MS);
  expect(office.resend.mails()).toHaveLength(2);
  const odd = async () => (await mailMessages(sql)).find(({ email_key }) => email_key === "odd@example.com");
  expect(await odd()).toMatchObject({ state: "pending", last_error_code: "handler_failed" });
  await office.pass(HOUR_MS);
  expect(await odd()).toMatchObject({ state: "dead", attempt_count: 3, last_error_code: "handler_failed" });
});
