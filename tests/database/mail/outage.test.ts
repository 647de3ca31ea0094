import { beforeEach, expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { insertStudent, mailMessages } from "../support/mail-drainer.ts";
import { type MailOffice, openMailOffice } from "../support/mail-office.ts";
import { configureVault } from "../support/vault.ts";

const database = await useDatabase();
const { sql } = database;
let office: MailOffice;
beforeEach(async () => {
  await configureVault(sql);
  office = await openMailOffice(database);
});

async function admit(count: number): Promise<void> {
  for (let index = 0; index < count; index++) await insertStudent(sql, { email: `s${index}@example.kz` });
}
const states = async () => [...new Set((await mailMessages(sql)).map((row) => row.state))];
const smallestGap = () =>
  Math.min(...office.requestTimes.slice(1).map((at, index) => at - (office.requestTimes[index] ?? 0)));

test("twenty mails are through within seconds, half a second apart, and then nothing is called any more", async () => {
  await admit(20);
  await office.pass(MINUTE_MS);
  expect(office.resend.mails()).toHaveLength(20);
  expect(smallestGap()).toBeGreaterThanOrEqual(500);
  expect(office.nowMs() - (office.requestTimes.at(-1) ?? 0)).toBeGreaterThan(45_000);
  const calls = office.callCount();
  await office.pass(HOUR_MS);
  expect(office.callCount()).toBe(calls);
});

test("with no server there for an hour few requests are made, no attempt is spent, and then each mail goes out once", async () => {
  office.weather = "down";
  await admit(20);
  await office.pass(HOUR_MS);
  expect(office.requestTimes.length).toBeLessThan(40);
  expect((await mailMessages(sql)).every((row) => row.attempt_count === 0)).toBe(true);
  office.weather = "fine";
  await office.pass(10 * MINUTE_MS);
  expect(office.resend.mails()).toHaveLength(20);
  expect(await states()).toEqual(["delivered"]);
});

test("with a server that takes mails and never answers for an hour, each mail still goes out once", async () => {
  office.weather = "silent";
  await admit(5);
  await office.pass(HOUR_MS);
  expect(await states()).not.toContain("dead");
  office.weather = "fine";
  await office.pass(HOUR_MS);
  expect(await states()).toEqual(["delivered"]);
  expect(office.resend.mails()).toHaveLength(5);
  expect(new Set(office.resend.mails().map(({ key }) => key)).size).toBe(5);
});

test("a server that is silent for a day and a night gets no request after the 23rd hour: it could not know the key any more", async () => {
  office.weather = "silent";
  await admit(1);
  await office.pass(30 * HOUR_MS, 10 * MINUTE_MS);
  expect(await states()).toEqual(["dead"]);
  const first = office.requestTimes[0] ?? 0;
  expect((office.requestTimes.at(-1) ?? 0) - first).toBeLessThan(23.5 * HOUR_MS);
  expect(office.resend.mails()).toHaveLength(1);
});

test("with no server there for longer than Resend knows a key mails wait, since nothing of them is in doubt", async () => {
  office.weather = "down";
  await admit(2);
  await office.pass(25 * HOUR_MS, 10 * MINUTE_MS);
  office.weather = "fine";
  await office.pass(10 * MINUTE_MS);
  expect(await states()).toEqual(["delivered"]);
  expect(office.resend.mails()).toHaveLength(2);
}, 90_000);
