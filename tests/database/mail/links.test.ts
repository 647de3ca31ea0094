import { beforeEach, describe, expect, test } from "vitest";
import { DAY_MS, MINUTE_MS, NOON, noonPlus, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { insertStudent, type MailDrainer, openMailDrainer } from "../support/mail-drainer.ts";

const database = await useDatabase();
const { sql } = database;
let drainer: MailDrainer;
let token: string;
beforeEach(async () => {
  drainer = openMailDrainer(database);
  await setTestClock(NOON, sql, drainer.sql);
  await insertStudent(sql);
  await drainer.begin();
  const id = (await drainer.claim())[0]?.id ?? 0;
  token = (await drainer.intend(id))?.linkToken ?? "";
});

const pressAt = async (ms: number) => {
  await setTestClock(noonPlus(ms), drainer.sql);
  return (await drainer.press(token)).outcome;
};

test("a pressed link tells the login, and may be pressed again by one who closed the page", async () => {
  expect(await drainer.press(token)).toEqual({ outcome: "granted", email: "asel@example.kz" });
  expect(await pressAt(MINUTE_MS)).toBe("granted");
  expect(await sql`select press_count, first_press_at from amocrm.welcome_links`).toEqual([
    { press_count: 2, first_press_at: NOON },
  ]);
});

test("a link works for the days that are set, counted from the mail", async () => {
  expect(await pressAt(14 * DAY_MS - MINUTE_MS)).toBe("granted");
  expect(await pressAt(14 * DAY_MS)).toBe("expired");
});

test("a link has done its work once a password was set", async () => {
  expect(await pressAt(0)).toBe("granted");
  await sql`update auth.users set encrypted_password = 'second'`;
  expect(await pressAt(MINUTE_MS)).toBe("password_set");
});

test("a link is answered five times in ten minutes, then it rests", async () => {
  for (let press = 0; press < 5; press++) expect(await pressAt(press * 1000)).toBe("granted");
  expect(await pressAt(6_000)).toBe("too_many");
  expect(await pressAt(11 * MINUTE_MS)).toBe("granted");
});

describe("a link is unknown", () => {
  test.each([
    ["that was never mailed", "A".repeat(43)],
    ["that is empty", ""],
  ])("%s", async (_name, other) => {
    expect(await drainer.press(other)).toEqual({ outcome: "unknown" });
  });

  test("whose last letter is another", async () => {
    expect(await drainer.press(token.slice(0, -1) + (token.endsWith("A") ? "B" : "A"))).toEqual({
      outcome: "unknown",
    });
  });

  test("whose student has no login any more, is not active or is gone", async () => {
    await sql`update tripwire_users set status = 'blocked'`;
    expect(await pressAt(0)).toBe("unknown");
    await sql`update tripwire_users set status = 'active', user_id = null`;
    expect(await pressAt(0)).toBe("unknown");
    await sql`delete from tripwire_users`;
    expect(await pressAt(0)).toBe("unknown");
  });
});

test("the table holds a hash only, and service_role does not even read that", async () => {
  expect(
    JSON.stringify(await sql`select encode(token_hash, 'escape') from amocrm.welcome_links`),
  ).not.toContain(token);
  await expect(drainer.sql`select token_hash from amocrm.welcome_links`).rejects.toMatchObject({
    code: "42501",
  });
  await expect(drainer.sql`select amocrm.link_token(1)`).rejects.toMatchObject({ code: "42501" });
});

test("two mails have two tokens, and the key that signs them is made once", async () => {
  await insertStudent(sql, { email: "b@example.kz" });
  const id = (await drainer.claim())[0]?.id ?? 0;
  expect((await drainer.intend(id))?.linkToken).not.toBe(token);
  expect(await sql`select from vault.secrets where name = 'amocrm_link_key'`).toHaveLength(1);
});

test("after a restore a link of before opens nobody else's account, although the numbers are given out again", async () => {
  const [anna] = await sql`select id, created_at from amocrm.outbox where queue = 'message'`;
  // The backup was made before Anna; afterwards Boris's message has her number, and Vault the key of before.
  await sql`delete from amocrm.welcome_links`;
  await sql`delete from tripwire_users`;
  await sql`delete from amocrm.outbox`;
  // A student's first message is the one to amoCRM.
  await sql.unsafe(`alter sequence amocrm.outbox_id_seq restart with ${(anna?.["id"] ?? 0) - 1}`);
  await setTestClock(noonPlus(DAY_MS), sql, drainer.sql);
  await insertStudent(sql, { email: "boris@example.kz" });
  await drainer.begin();
  const [boris] = await drainer.claim();
  expect(boris?.id).toBe(anna?.["id"]);
  const theirs = await drainer.intend(boris?.id ?? 0);
  expect(theirs?.linkToken).toMatch(/^[\w-]{43}$/);
  expect(theirs?.linkToken).not.toBe(token);
  expect(await drainer.press(token)).toEqual({ outcome: "unknown" });
});

test("no link is made for a mail that tells a student with a password to sign in", async () => {
  await insertStudent(sql, { email: "b@example.kz", password: "own" });
  const mail = (await drainer.claim())[0];
  expect(mail?.student).toMatchObject({ hasPassword: true, loginDiffers: false });
  const intent = await drainer.intend(mail?.id ?? 0, {
    subject: "s",
    text: "https://school.example/#error=password_set",
  });
  expect(intent?.linkToken).toBeNull();
  expect(await sql`select from amocrm.welcome_links where message_id = ${mail?.id ?? 0}`).toHaveLength(0);
});
