import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { waitFor } from "#dev/stack/wait.ts";
import { hurryMail, type MailSystem, startMailSystem } from "../support/mail.ts";

let system: MailSystem;
beforeAll(async () => {
  system = await startMailSystem();
});
afterAll(() => system?.stop());
let mailCount: number;
beforeEach(async () => {
  // What an earlier 429 has slowed down.
  await system.sql`update amocrm.queue_control set slow_interval_ms = null where queue = 'message'`;
  mailCount = system.resend.simulator.mails().length;
});
const newMails = () => system.resend.simulator.mails().slice(mailCount);
const messageOf = async (studentId: string) =>
  (
    await system.sql`select * from message_outbox where subject_id = ${studentId} order by id desc limit 1`
  )[0];

/** Ticks and cuts waits short until all mails are settled. */
async function hurried(): Promise<void> {
  await waitFor(
    "every mail to be settled",
    async () => {
      await hurryMail(system);
      await system.stack.worker?.runJob("amocrm-tick");
      const [left] = await system.sql`select count(*)::int as count from message_outbox
        where state in ('pending', 'leased', 'uncertain')`;
      return left?.["count"] === 0 && system.stack.openCallCount() === 0;
    },
    { timeoutMs: 180_000 },
  );
}

test("a new student gets one mail with the login and a link, and the time is written on the row", async () => {
  const id = await system.admit("asel@school.example");
  await system.settled();
  const [mail, ...others] = newMails();
  expect(others).toEqual([]);
  expect(mail?.body).toMatchObject({
    from: "Tripwire School <hello@school.example>",
    to: ["asel@school.example"],
    subject: "Доступ к курсу «Tripwire»",
  });
  expect(mail?.body.html).toContain("Әсел Қуанышқызы");
  expect(mail?.body.text).toContain(`${system.pages.welcomeUrl}#token=`);
  const [student] = await system.sql`select welcome_email_sent_at from tripwire_users where id = ${id}`;
  expect(student?.["welcome_email_sent_at"]).toBeInstanceOf(Date);
});

test("amoCRM's open breaker and pause delay no mail", async () => {
  await system.sql`select amocrm_pause('moving')`;
  await system.sql`select amocrm_report_fault('unpaid', null, 'not paid', null, 'send', '{1}', false)`;
  await system.admit("amocrm-is-down@school.example");
  await system.settled();
  expect(newMails()).toHaveLength(1);
  await system.sql`select amocrm_resume()`;
});

describe("exactly one mail goes out", () => {
  test.each([
    ["the connection breaks after Resend has taken it", { kind: "reset", isTaken: true }],
    ["the connection breaks before", { kind: "reset", isTaken: false }],
    ["Resend answers 500", { kind: "answer", status: 500, name: "internal_server_error" }],
    ["Resend answers 503 of a gateway", { kind: "answer", status: 503, name: "" }],
    [
      "Resend wants it more slowly",
      { kind: "answer", status: 429, name: "rate_limit_exceeded", retryAfterSeconds: 1 },
    ],
    ["the day's quota is used up", { kind: "answer", status: 429, name: "daily_quota_exceeded" }],
    ["the key is refused for a while", { kind: "answer", status: 401, name: "missing_api_key" }],
  ] as const)("although %s", async (_name, fault) => {
    system.resend.simulator.fail(fault);
    const id = await system.admit(`s${Date.now()}@school.example`);
    await hurried();
    expect(await messageOf(id)).toMatchObject({ state: "delivered" });
    expect(newMails()).toHaveLength(1);
  });

  test("although the functions are killed again and again with requests in the air, and a template changes meanwhile", async () => {
    for (let round = 0; round < 3; round++) {
      system.resend.simulator.fail({ kind: "silence" });
      const killed = system.stack.pids.functions;
      const requestCount = system.resend.simulator.requestCount();
      if (round === 0) await system.admit("killed@school.example");
      await waitFor("a request to be in the air", async () => {
        await hurryMail(system);
        await system.stack.worker?.runJob("amocrm-tick");
        return system.resend.simulator.requestCount() > requestCount;
      });
      process.kill(killed ?? 0, "SIGKILL");
      await waitFor("the functions to be up again", () => {
        const { functions } = system.stack.pids;
        return functions !== undefined && functions !== killed;
      });
      // What a new template would do: the body rendered now is another one.
      await system.sql`update message_settings set course_name = ${`Course ${round}`}`;
    }
    await hurried();
    expect(newMails()).toHaveLength(1);
    expect(newMails()[0]?.body.subject).toContain("Tripwire");
    await system.sql`update message_settings set course_name = 'Tripwire'`;
  });

  test("for each of forty students, through an outage of Resend", async () => {
    await system.resend.down();
    const ids = await Promise.all(
      Array.from({ length: 40 }, (_, index) => system.admit(`outage${index}@school.example`)),
    );
    await waitFor("the breaker to open", async () => {
      await hurryMail(system);
      await system.stack.worker?.runJob("amocrm-tick");
      const [control] =
        await system.sql`select breaker_code from amocrm.queue_control where queue = 'message'`;
      return control?.["breaker_code"] !== null;
    });
    await system.resend.up();
    await hurried();
    expect(newMails()).toHaveLength(40);
    expect(new Set(newMails().map((mail) => String(mail.body.to))).size).toBe(40);
    const [row] = await system.sql`select count(*)::int as count from tripwire_users
      where id = any (${ids}) and welcome_email_sent_at is not null`;
    expect(row).toEqual({ count: 40 });
  });
});

test("a mail in doubt for 23 hours is parked with the reason, and not sent again", async () => {
  system.resend.simulator.fail({ kind: "reset", isTaken: false });
  const id = await system.admit("doubt@school.example");
  await waitFor("the mail to be in doubt", async () => {
    await system.stack.worker?.runJob("amocrm-tick");
    return (await messageOf(id))?.["state"] === "uncertain";
  });
  await system.sql`update amocrm.mails set doubt_since = clock_timestamp() - interval '23 hours 1 minute' where subject_id = ${id}`;
  await hurried();
  expect(await messageOf(id)).toMatchObject({ state: "dead", last_error_code: "outcome_unknown" });
  expect(newMails()).toHaveLength(0);
  const [state] = await system.sql`select * from amocrm.mail_state(${id})`;
  expect(state?.["reason"]).toContain("amocrm_requeue");
});

test("an address that Resend refuses is dead with the reason and holds up nobody", async () => {
  const id = await system.admit("no-domain@localhost.x");
  await system.sql`update tripwire_users set email = 'two@at@signs.example' where id = ${id}`;
  await system.admit("after-the-bad-one@school.example");
  await hurried();
  expect(await messageOf(id)).toMatchObject({ state: "dead", last_error_code: "mail_refused" });
  expect(newMails()).toHaveLength(1);
});

describe("the webhook", () => {
  const call = async (headers: Record<string, string>, body: string) => {
    const response = await fetch(`${system.stack.functionsUrl}/mail-webhook`, {
      method: "POST",
      headers,
      body,
    });
    return { status: response.status, body: await response.json() };
  };

  test("brings a bounce to the manager's view and keeps the address from further mail", async () => {
    const id = await system.admit("bounced@school.example");
    await hurried();
    const mail = newMails()[0];
    if (mail === undefined) throw new Error("no mail was sent");
    const { simulator } = system.resend;
    for (const type of ["email.sent", "email.bounced"]) {
      const { headers, body } = simulator.event(mail, type, {
        data: {
          bounce: { type: "Permanent", subType: "General", message: "bounced@school.example is not here" },
        },
      });
      expect(await call(headers, body)).toEqual({ status: 200, body: { outcome: "recorded" } });
      expect(await call(headers, body)).toEqual({ status: 200, body: { outcome: "repeated" } });
    }
    const [state] = await system.sql`select state, reason from amocrm.mail_state(${id})`;
    expect(state).toEqual({ state: "bounced", reason: "Permanent, General" });
    expect(await system.sql`select reason from amocrm.suppressed_addresses`).toEqual([{ reason: "bounced" }]);
    expect(system.stack.functionLog()).not.toContain("bounced@school.example");
  });

  test("refuses what is not signed, signed by another, signed long ago, or changed on the way", async () => {
    await system.admit("webhook@school.example");
    await hurried();
    const mail = newMails()[0];
    if (mail === undefined) throw new Error("no mail was sent");
    const { simulator } = system.resend;
    const { headers, body } = simulator.event(mail, "email.complained");
    const old = simulator.event(mail, "email.complained", { atMs: Date.now() - 6 * 60_000 });
    const forged = { ...headers, "svix-signature": `v1,${Buffer.alloc(32).toString("base64")}` };
    expect(await call({}, body)).toMatchObject({ status: 401, body: { code: "unsigned" } });
    expect(await call(forged, body)).toMatchObject({ status: 401, body: { code: "forged" } });
    expect(await call(headers, body.replace(mail.id, "other"))).toMatchObject({
      status: 401,
      body: { code: "forged" },
    });
    expect(await call({ ...headers, "svix-id": "other" }, body)).toMatchObject({ status: 401 });
    expect(await call(old.headers, old.body)).toMatchObject({ status: 401, body: { code: "stale" } });
    expect(await call(headers, "x".repeat(70_000))).toMatchObject({ status: 413 });
    expect(await system.sql`select from amocrm.mail_events where type = 'email.complained'`).toHaveLength(0);
  });

  test("answers politely to what it does not know, so that Resend does not repeat it", async () => {
    const stranger = {
      id: "00000000-0000-4000-8000-000000000000",
      key: "",
      acceptedAtMs: Date.now(),
      body: { from: "a@b.c", to: ["a@b.c"], subject: "s" },
    };
    const { simulator } = system.resend;
    const bounce = simulator.event(stranger, "email.bounced");
    expect(await call(bounce.headers, bounce.body)).toEqual({ status: 200, body: { outcome: "unknown" } });
    const opened = simulator.event(stranger, "contact.created");
    expect(await call(opened.headers, opened.body)).toEqual({ status: 200, body: { outcome: "ignored" } });
  });
});

test("message-drain is refused to everybody without a secret key, and nothing due means no call", async () => {
  const url = `${system.stack.functionsUrl}/message-drain`;
  for (const headers of [{}, { apikey: system.stack.publishableKey }, { apikey: "sb_secret_wrong" }]) {
    expect([401, 403]).toContain((await fetch(url, { method: "POST", headers, body: "{}" })).status);
  }
  await waitFor("the functions to be idle", () => system.stack.openCallCount() === 0);
  const before = system.stack.calls().length;
  for (let round = 0; round < 3; round++) {
    await system.stack.worker?.runJob("amocrm-tick");
    await system.stack.worker?.idle();
  }
  expect(system.stack.calls()).toHaveLength(before);
});
