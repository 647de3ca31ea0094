import { randomUUID } from "node:crypto";
import { createClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readPdf } from "../../unit/school/certificate/support/read-pdf.ts";
import { callCpuMaxMs } from "../support/cpu.ts";
import { crmOf } from "../support/crm.ts";
import { setStages } from "../support/students.ts";
import { ACCOUNT, type System, startSystem } from "../support/system.ts";

const NO_SESSION = { auth: { persistSession: false, autoRefreshToken: false } } as const;

let system: System;
beforeAll(async () => {
  system = await startSystem();
  await setStages(system);
});
afterAll(() => system.stop());

interface Student {
  id: string;
  token: string;
  userId: string;
}

async function signUp(name: string): Promise<Student> {
  const credentials = { email: `${randomUUID()}@school.example`, password: randomUUID() };
  const admin = createClient(system.stack.url, system.stack.secretKey, NO_SESSION).auth.admin;
  const made = await admin.createUser({ ...credentials, email_confirm: true });
  if (made.error !== null) throw made.error;
  const signedIn = await createClient(
    system.stack.url,
    system.stack.publishableKey,
    NO_SESSION,
  ).auth.signInWithPassword(credentials);
  if (signedIn.error !== null) throw signedIn.error;
  const [row] = await system.sql`insert into tripwire_users (user_id, full_name, email)
    values (${made.data.user.id}, ${name}, ${credentials.email}) returning id`;
  return { id: row?.["id"], token: signedIn.data.session.access_token, userId: made.data.user.id };
}
const completeCourse = ({ userId }: Student) =>
  system.sql`insert into tripwire_lesson_progress (user_id, lesson_id, completed_at)
    select ${userId}, id, amocrm.clock() from tripwire_lessons`;
const codeOf = async ({ userId }: Student): Promise<string> =>
  (
    await system.sql`select verification_code as code from tripwire_certificates where user_id = ${userId}`
  )[0]?.["code"];
const call = (search = "", headers: Record<string, string> = {}, method = "GET") =>
  fetch(`${system.stack.url}/functions/v1/tripwire-certificate${search}`, { method, headers });
const asStudent = ({ token }: Student) => ({
  apikey: system.stack.publishableKey,
  authorization: `Bearer ${token}`,
});

test("a student who has completed the course gets a certificate, and amoCRM hears its number", async () => {
  const student = await signUp("Әсел Құдайбергенқызы");
  expect(await (await call("", asStudent(student))).json()).toMatchObject({ code: "certificate_not_found" });
  await completeCourse(student);
  const answer = await call("", asStudent(student));
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/pdf");
  const [row] = await system.sql`select number from tripwire_certificates where user_id = ${student.userId}`;
  expect(answer.headers.get("content-disposition")).toBe(
    `inline; filename="certificate-${row?.["number"]}.pdf"`,
  );
  const read = await readPdf(await answer.blob());
  const text = read.texts.map((item) => item.text).join(" ");
  expect(text).toContain("Әсел Құдайбергенқызы");
  const code = await codeOf(student);
  expect(read.links).toEqual([`${system.stack.url}/functions/v1/tripwire-certificate?code=${code}`]);

  await system.delivered();
  const [ids] =
    await system.sql`select amocrm_deal_id::int as deal from tripwire_users where id = ${student.id}`;
  const crm = crmOf(system.simulator);
  expect(crm.deals().find(({ id }) => id === ids?.["deal"])).toMatchObject({
    pipeline_id: ACCOUNT.tripwirePipelineId,
    status_id: 62004,
  });
  const notes = crm.notes().filter((note) => note.entity_id === ids?.["deal"]);
  expect(notes.map(({ params }) => params.text.split("\n")[0])).toEqual([
    "Доступ к курсу Tripwire открыт",
    "Сертификат выдан: все уроки пройдены",
  ]);
  expect(notes[1]?.params.text).toContain(row?.["number"]);
});

test("the code is enough beside a publishable key, a token that is over and supabase-js", async () => {
  const student = await signUp("Иванова Анна");
  await completeCourse(student);
  const code = await codeOf(student);
  const { url, publishableKey } = system.stack;
  const tokens: Record<string, string>[] = [
    { apikey: publishableKey },
    { apikey: publishableKey, authorization: `Bearer ${publishableKey}` },
    { apikey: publishableKey, authorization: `Bearer ${student.token.slice(0, -4)}AAAA` },
  ];
  for (const headers of tokens) {
    const answer = await call(`?code=${code}`, headers);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/pdf"]);
    await answer.body?.cancel();
  }
  const visitor = createClient(url, publishableKey, NO_SESSION);
  const { data, error } = await visitor.functions.invoke(`tripwire-certificate?code=${code}`, {
    method: "GET",
  });
  expect(error).toBeNull();
  expect((data as Blob).type).toBe("application/pdf");
});

test("whoever has the code gets the same certificate without signing in, however the code is written", async () => {
  const student = await signUp("Иванов Иван");
  await completeCourse(student);
  const code = await codeOf(student);
  const own = await (await call("", asStudent(student))).bytes();
  const typed = code.toLowerCase().replace(/(.{5})/g, "$1-");
  expect(await (await call(`?code=${code}`)).bytes()).toEqual(own);
  expect(await (await call(`?code=${encodeURIComponent(typed)}`)).bytes()).toEqual(own);
});

test("nobody gets another's certificate, or one that is not there", async () => {
  const [one, other] = [await signUp("Один"), await signUp("Другой")];
  await completeCourse(one);
  expect((await call("", asStudent(other))).status).toBe(404);
  expect((await call()).status).toBe(401);
  expect((await call("?code=00000000000000000000")).status).toBe(404);
  expect((await call("?code=")).status).toBe(404);
  expect((await call("", { authorization: "Bearer nonsense" })).status).toBe(401);
  expect((await call(`?code=${await codeOf(one)}`, {}, "POST")).status).toBe(405);
});

test("a browser of another place may ask", async () => {
  const answer = await call("", { origin: "https://school.example" }, "OPTIONS");
  expect(answer.ok).toBe(true);
  expect(answer.headers.get("access-control-allow-origin")).not.toBeNull();
});

test("a name in letters that the font does not have is refused by their numbers, until it is corrected", async () => {
  const student = await signUp("王小明");
  await completeCourse(student);
  const refused = await call("", asStudent(student));
  expect(refused.status).toBe(422);
  expect(await refused.json()).toEqual({
    code: "letters_missing",
    message: "The font does not have U+738B, U+5C0F, U+660E; correct full_name in tripwire_certificates",
  });
  await system.sql`update tripwire_certificates set full_name = 'Ван Сяомин' where user_id = ${student.userId}`;
  expect((await call("", asStudent(student))).status).toBe(200);
});

test("the admin's own page is where a certificate is checked, if one is set", async () => {
  const student = await signUp("Анна");
  await completeCourse(student);
  await system.sql`update tripwire_certificate_settings set check_url = 'https://school.example/check/{code}', shows_qr = false`;
  const { links } = await readPdf(await (await call("", asStudent(student))).blob());
  expect(links).toEqual([`https://school.example/check/${await codeOf(student)}`]);
});

test("a certificate costs little, also the first of a worker", async () => {
  const calls = system.stack.calls().filter(({ name }) => name === "tripwire-certificate");
  const cpu = calls.map(({ cpuMs }) => Math.round(cpuMs));
  const maxMs = callCpuMaxMs();
  console.log(`CPU ms of ${cpu.length} calls: ${cpu.join(" ")} of ${maxMs}`);
  expect(Math.max(...cpu)).toBeLessThan(maxMs);
});
