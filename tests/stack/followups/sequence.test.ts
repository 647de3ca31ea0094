import { afterAll, beforeAll, expect, test } from "vitest";
import { type MobizonServer, startMobizon } from "#dev/mobizon-simulator/server.ts";
import { waitFor } from "#dev/stack/wait.ts";
import { type MailSystem, startMailSystem } from "../support/mail.ts";

let mobizon: MobizonServer;
let system: MailSystem;
beforeAll(async () => {
  mobizon = await startMobizon({ rateLimit: null });
  system = await startMailSystem({
    functionEnv: { ...mobizon.functionEnv, UNSUBSCRIBE_PAGE_URL: "https://school.example/unsubscribe.html" },
  });
});
afterAll(async () => {
  await system?.stop();
  await mobizon?.close();
});

test("a lead gets the mail and the SMS of a sequence; what Mobizon's webhook hints at is asked; the way out of the mail works by POST only", async () => {
  const { sql, stack, resend } = system;
  await sql`update message_settings set quiet_from = null, quiet_until = null, sms_quiet_from = null, sms_quiet_until = null`;
  await sql`insert into followup_templates (code, channel, language, subject, body) values
    ('hello', 'mail', 'ru', 'Здравствуйте, {name}!', 'Здравствуйте, {name}!'), ('hello', 'sms', 'ru', null, 'Здравствуйте, {name}!')`;
  await sql`insert into followup_steps (sequence, step, channel, template_code) values
    ('welcome', 'mail', 'mail', 'hello'), ('welcome', 'sms', 'sms', 'hello')`;
  await sql`insert into unified_lead_tracking (full_name, email, phone, consent_at) values ('Әсел', 'asel@school.example', '+77010000001', now())`;
  await system.settled();

  const [mail, ...moreMails] = resend.simulator.mails();
  expect([mail?.body.to, moreMails]).toEqual([["asel@school.example"], []]);
  const [sms, ...moreSms] = mobizon.simulator.sms();
  expect([sms?.to, sms?.text, moreSms]).toEqual(["77010000001", "Здравствуйте, Әсел!", []]);

  // Mobizon's webhook is only a hint: what counts is what it says when it is asked.
  if (sms === undefined) throw new Error("No SMS came");
  const hint = () =>
    fetch(`${stack.functionsUrl}/sms-webhook`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: mobizon.simulator.event(sms, { eventId: 7 }),
    });
  const outcome = async () => (await sql`select outcome from amocrm.sms`)[0]?.["outcome"];
  expect(await outcome()).toBe("sent");
  mobizon.simulator.report(sms.id, "DELIVRD");
  expect((await hint()).status).toBe(200);
  await waitFor(
    "Mobizon to be asked what became of the SMS",
    async () => {
      await stack.worker?.runJob("amocrm-tick");
      return (await outcome()) === "delivered";
    },
    { timeoutMs: 120_000 },
  );
  expect(mobizon.simulator.requestCount("message/sendsmsmessage")).toBe(1);
  expect((await hint()).status).toBe(200);

  const { headers = {} } = mail?.body ?? {};
  expect(headers["List-Unsubscribe-Post"]).toBe("List-Unsubscribe=One-Click");
  const address = /^<(https?:\/\/[^>]+)>$/.exec(headers["List-Unsubscribe"] ?? "")?.[1] ?? "";
  const token = new URL(address).pathname.split("/").at(-1);
  expect(mail?.body.text).toContain(`https://school.example/unsubscribe.html#token=${token}`);
  const state = async () =>
    (
      await sql`select state from message_consents where channel = 'mail' and email_key = 'asel@school.example'`
    ).map((row) => row["state"]);
  const before = await state();
  for (const method of ["GET", "HEAD"]) {
    const response = await fetch(`${stack.functionsUrl}/unsubscribe/${token}`, { method });
    await response.body?.cancel();
    expect([method, response.status, await state()]).toEqual([method, 200, before]);
  }
  // As a mailbox does it: without any key, with the form pair.
  const post = () =>
    fetch(`${stack.functionsUrl}/unsubscribe/${token}`, {
      method: "POST",
      redirect: "manual",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "List-Unsubscribe=One-Click",
    });
  expect((await post()).status).toBe(200);
  // It is done by the time of the answer.
  expect(await state()).toEqual(before.map(() => "withdrawn"));
  expect((await post()).status).toBe(200);
  for (const secret of ["asel@school.example", "77010000001", token ?? ""])
    expect(stack.functionLog()).not.toContain(secret);
});
