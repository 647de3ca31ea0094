import { beforeEach, describe, expect, test } from "vitest";
import { useDatabase } from "../support/database.ts";
import { errorOf } from "../support/errors.ts";
import { insertStudent, openMailDrainer } from "../support/mail-drainer.ts";

const database = await useDatabase();
const { sql } = database;
const service = database.connect({ user: "authenticator", role: "service_role" });
const MANAGER_ID = "33333333-3333-4333-8333-333333333333";
const ACCOUNT_ID = "66666666-6666-4666-8666-666666666666";
const EMAIL = "victim@example.com";

/** An account as somebody's sign-up leaves it behind, with a session, a phone and a change under way. */
async function signUp(more: string): Promise<void> {
  await sql.unsafe(`insert into auth.users (id, email, encrypted_password, phone, email_change, raw_app_meta_data)
    values ('${ACCOUNT_ID}', '${EMAIL}', 'strangers', '+77070000000', 'stranger@example.com', '{"provider": "email"}')`);
  await sql.unsafe(`insert into auth.sessions (id, user_id) values (gen_random_uuid(), '${ACCOUNT_ID}')`);
  await sql.unsafe(`insert into auth.identities (provider_id, user_id, identity_data, provider) values
    ('a', '${ACCOUNT_ID}', '{"email": "${EMAIL}"}', 'email'), ('b', '${ACCOUNT_ID}', '{"email": "stranger@example.com", "email_verified": true}', 'github')`);
  await sql.unsafe(`update auth.users set ${more} where id = '${ACCOUNT_ID}'`);
}
const admit = async () =>
  (
    await service`select tripwire_admit(${ACCOUNT_ID}, ${EMAIL}, 'Victim', null, ${MANAGER_ID}) as answer`
  )[0]?.["answer"];
const account = async () =>
  (
    await sql`select encrypted_password, phone, email_change,
      (select count(*) from auth.sessions where user_id = users.id)::int as sessions,
      (select string_agg(provider, ',' order by provider) from auth.identities where user_id = users.id) as providers
    from auth.users where id = ${ACCOUNT_ID}`
  )[0];

const CLOSED = { encrypted_password: null, phone: null, email_change: "", sessions: 0, providers: "email" };
const AS_IT_WAS = { encrypted_password: "strangers", sessions: 1, providers: "email,github" };

describe("an account whose address nobody has proven is closed before it becomes a student's", () => {
  test.each([
    ["not confirmed", "email_confirmed_at = null"],
    [
      "confirmed by itself, where the project asks for no confirmation",
      "email_confirmed_at = now(), last_sign_in_at = now()",
    ],
    [
      "confirmed by the victim's press on Supabase's mail, and never used",
      "confirmation_sent_at = now(), email_confirmed_at = now()",
    ],
  ])("%s", async (_case, state) => {
    await signUp(state);
    expect(await admit()).toMatchObject({ state: "admitted", isNew: true });
    expect(await account()).toEqual(CLOSED);
    expect(await sql`select tokens_from is not null as hides from tripwire_users`).toEqual([{ hides: true }]);
  });

  test.each([
    [
      "confirmed by mail and used",
      "confirmation_sent_at = now(), email_confirmed_at = now(), last_sign_in_at = now()",
    ],
    ["invited and used", "invited_at = now(), email_confirmed_at = now(), last_sign_in_at = now()"],
    ["with a role, which only an admin gives", `raw_app_meta_data = '{"role": "sales_manager"}'`],
  ])("but not one %s", async (_case, state) => {
    await signUp(state);
    await admit();
    expect(await account()).toMatchObject(AS_IT_WAS);
    expect(await sql`select tokens_from from tripwire_users`).toEqual([{ tokens_from: null }]);
  });

  test("nor one whose provider vouches for this very address", async () => {
    await signUp("email_confirmed_at = now()");
    await sql`insert into auth.identities (provider_id, user_id, identity_data, provider)
      values ('g', ${ACCOUNT_ID}, ${sql.json({ email: EMAIL, email_verified: true })}, 'google')`;
    await admit();
    expect(await account()).toMatchObject({ encrypted_password: "strangers" });
  });

  test("once: a student's own password is not taken by a manager who asks again", async () => {
    await signUp("email_confirmed_at = null");
    await admit();
    await sql`update auth.users set encrypted_password = 'own' where id = ${ACCOUNT_ID}`;
    expect(await admit()).toMatchObject({ isNew: false });
    expect(await account()).toMatchObject({ encrypted_password: "own" });
  });

  test("also by the sweep that finishes what a call left", async () => {
    await signUp("email_confirmed_at = null");
    await sql`insert into amocrm.admissions (email_key, full_name, granted_by, begun_at)
      values (${EMAIL}, 'Victim', ${MANAGER_ID}, clock_timestamp() - interval '5 minutes')`;
    await sql`select amocrm.finish_admissions()`;
    expect(await account()).toEqual(CLOSED);
  });

  test("and a token from before does not show the student's row, one from after does", async () => {
    await signUp("email_confirmed_at = now(), last_sign_in_at = now()");
    await admit();
    const signedIn = database.connect({ user: "authenticator", role: "authenticated" });
    const rowsWith = async (iat: number) => {
      const claims = JSON.stringify({ sub: ACCOUNT_ID, role: "authenticated", iat });
      await signedIn`select set_config('request.jwt.claims', ${claims}, false)`;
      return (await signedIn`select email from tripwire_users`).length;
    };
    const now = Math.floor(Date.now() / 1000);
    expect(await rowsWith(now - 60)).toBe(0);
    expect(await rowsWith(now + 60)).toBe(1);
  });
});

describe("a corrected address", () => {
  const correct = async (id: string, email: string) =>
    (await service`select tripwire_correct_email(${id}, ${email}) as answer`)[0]?.["answer"];
  let student: string;
  const row = async () =>
    (
      await sql`select tripwire_users.email, users.email as login, users.encrypted_password from tripwire_users
        join auth.users on users.id = tripwire_users.user_id where tripwire_users.id = ${student}`
    )[0];

  beforeEach(async () => {
    student = await insertStudent(sql, {
      email: "asel.typo@example.kz",
      password: "set by the mistyped mailbox",
    });
  });

  test("is the student's and the account's, and what the mailbox of before could open is void", async () => {
    const drainer = openMailDrainer(database);
    await drainer.begin();
    const [mail] = await drainer.claim();
    const { linkToken = "" } = (await drainer.intend(mail?.id ?? 0)) ?? {};
    await drainer.settle({ id: mail?.id ?? 0, verdict: "delivered" });
    expect(await correct(student, " Asel@Example.kz ")).toEqual({
      id: student,
      email: "asel@example.kz",
      account_moved: true,
    });
    expect(await row()).toEqual({
      email: "asel@example.kz",
      login: "asel@example.kz",
      encrypted_password: null,
    });
    expect(await drainer.press(linkToken)).toEqual({ outcome: "unknown" });
    // A new welcome is on its way, to the new address.
    const [next] = await drainer.claim();
    expect(next?.student).toMatchObject({
      email: "asel@example.kz",
      loginDiffers: false,
      hasPassword: false,
    });
  });

  test("mends a row that was changed by hand; until then the mail is told that they differ, and doctor counts it", async () => {
    await sql`update tripwire_users set email = 'asel@example.kz'`;
    const drainer = openMailDrainer(database);
    await drainer.begin();
    expect((await drainer.claim())[0]?.student).toMatchObject({ loginDiffers: true });
    const count = async () =>
      (await service`select amocrm_doctor_facts() ->> 'login_differs_count' as count`)[0]?.["count"];
    expect(await count()).toBe("1");
    await correct(student, "asel@example.kz");
    expect(await row()).toMatchObject({ login: "asel@example.kz" });
    expect(await count()).toBe("0");
  });

  test("that is as it was changes nothing of the account", async () => {
    expect(await correct(student, "asel.typo@example.kz")).toMatchObject({ account_moved: false });
    expect(await row()).toMatchObject({ encrypted_password: "set by the mistyped mailbox" });
  });

  test.each([
    ["another student's", "insert into tripwire_users (email) values ('taken@example.kz')"],
    [
      "another account's",
      "insert into auth.users (id, email) values (gen_random_uuid(), 'taken@example.kz')",
    ],
  ])("is refused if it is %s", async (_case, taken) => {
    await sql.unsafe(taken);
    expect((await errorOf(correct(student, "taken@example.kz"))).code).toBe("23505");
    expect(await row()).toMatchObject({ email: "asel.typo@example.kz", login: "asel.typo@example.kz" });
  });

  test.each([["no address"], ["a@"], [""]])("that is %j is refused", async (email) => {
    expect((await errorOf(correct(student, email))).code).toBe("22023");
  });

  test("is no student's to change", async () => {
    const signedIn = database.connect({ user: "authenticator", role: "authenticated" });
    const claims = JSON.stringify({
      sub: ACCOUNT_ID,
      role: "authenticated",
      user_metadata: { role: "admin" },
    });
    await signedIn`select set_config('request.jwt.claims', ${claims}, false)`;
    const error = await errorOf(signedIn`select tripwire_correct_email(${student}, 'mine@example.kz')`);
    expect(error.code).toBe("42501");
  });
});
