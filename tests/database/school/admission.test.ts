import { beforeEach, describe, expect, test } from "vitest";
import { useDatabase } from "../support/database.ts";

const database = await useDatabase();
const { sql } = database;
const connect = () => database.connect({ user: "authenticator", role: "service_role" });
const [first, second] = [connect(), connect()];
const MANAGER_ID = "33333333-3333-4333-8333-333333333333";
const ACCOUNT_ID = "66666666-6666-4666-8666-666666666666";

// Async, because a query of the driver leaves only when it is waited for.
const admit = async (session = first, userId = ACCOUNT_ID) =>
  await session`select tripwire_admit(${userId}, 'ada@example.com', 'Ada', null, ${MANAGER_ID}) as answer`;
const withdraw = async (session = first) =>
  await session`select tripwire_withdraw_admission('ada@example.com', ${ACCOUNT_ID}) as has_deleted`;
const accountCount = async () => (await sql`select from auth.users where id = ${ACCOUNT_ID}`).length;

beforeEach(async () => {
  await sql`insert into auth.users (id, email) values (${ACCOUNT_ID}, 'ada@example.com')`;
});

describe("withdrawing an admission", () => {
  test("deletes the account that was made for it", async () => {
    expect(await withdraw()).toEqual([{ has_deleted: true }]);
    expect(await accountCount()).toBe(0);
  });

  test.each([
    [
      "has become a student's",
      `select tripwire_admit('${ACCOUNT_ID}', 'ada@example.com', 'Ada', null, '${MANAGER_ID}')`,
    ],
    ["was signed in to", "update auth.users set last_sign_in_at = now()"],
    ["is older than any call", "update auth.users set created_at = now() - interval '11 minutes'"],
  ])("leaves an account alone that %s", async (_, statement) => {
    await sql.unsafe(statement);
    expect(await withdraw()).toEqual([{ has_deleted: false }]);
    expect(await accountCount()).toBe(1);
  });

  test("waits for a call that is making the account a student, and then leaves it alone", async () => {
    await second`begin`;
    await admit(second);
    const withdrawing = withdraw();
    await expect
      .poll(
        async () =>
          (await sql`select from pg_stat_activity where wait_event_type = 'Lock' and query like '%withdraw%'`)
            .length,
      )
      .toBe(1);
    await second`commit`;
    expect(await withdrawing).toEqual([{ has_deleted: false }]);
    expect(await sql`select user_id from tripwire_users`).toEqual([{ user_id: ACCOUNT_ID }]);
  });
});

describe("admitting", () => {
  test("an account that is gone says so and leaves nothing", async () => {
    await sql`delete from auth.users`;
    expect(await admit()).toEqual([{ answer: { state: "account_gone" } }]);
    expect(await sql`select from tripwire_users`).toHaveLength(0);
  });

  test("twice at the same moment makes one student", async () => {
    await second`begin`;
    const [made] = await admit(second);
    const again = admit();
    await second`commit`;
    expect(made?.["answer"]).toMatchObject({ state: "admitted", isNew: true });
    expect((await again)[0]?.["answer"]).toEqual({ ...made?.["answer"], isNew: false });
  });

  test("an account under a new address finds the student that it is already", async () => {
    await admit();
    await sql`update auth.users set email = 'new@example.com'`;
    const [begun] =
      await first`select tripwire_begin_admission('new@example.com', 'Ada', null, ${MANAGER_ID}) as answer`;
    expect(begun?.["answer"]).toEqual({ state: "begun", userId: ACCOUNT_ID });
    const [admitted] =
      await first`select tripwire_admit(${ACCOUNT_ID}, 'new@example.com', 'Ada', null, ${MANAGER_ID}) as answer`;
    expect(admitted?.["answer"]).toMatchObject({ isNew: false, student: { email: "ada@example.com" } });
    expect(await sql`select from tripwire_users`).toHaveLength(1);
  });
});

test("the key of an address cannot be written past the address", async () => {
  await sql`insert into tripwire_users (email, email_key) values ('ADA@example.com', 'other@example.com')`;
  await sql`update tripwire_users set email_key = 'other@example.com'`;
  expect(await sql`select email_key from tripwire_users`).toEqual([{ email_key: "ada@example.com" }]);
});
