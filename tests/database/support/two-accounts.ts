import type { Session, TestDatabase } from "./database.ts";
import { type Drainer, openDrainer } from "./drainer.ts";
import { openPuller, type Puller } from "./puller.ts";

/** The second account beside `amocrm`; its name is its queue's. */
export const SECOND = "second";

/** Opens a second amoCRM account as it is opened in a project: by a row of `amocrm.queues`. Call it before each test. */
export async function openSecondAccount({ sql }: TestDatabase): Promise<void> {
  await sql`insert into amocrm.queues (queue, drain, keeps_people) values (${SECOND}, 'amocrm-drain', true) on conflict do nothing`;
  // Row and table of the queue outlive the test before, unlike what else it made.
  await sql`delete from amocrm.outbox where queue = ${SECOND}`;
  for (const table of ["routes", "stages", "fields", "deals"]) {
    await sql`delete from ${sql(`amocrm.${table}`)} where account = ${SECOND}`;
  }
  await sql`insert into amocrm.queue_control (queue) values (${SECOND}) on conflict do nothing`;
  await sql`select amocrm.open_account(${SECOND})`;
}

/** From now on the session works for this account. */
export async function workFor(account: string, ...sessions: Session[]): Promise<void> {
  for (const session of sessions) await session`select set_config('amocrm.account', ${account}, false)`;
}

/** One `amocrm-pull` for each of the two accounts. */
export async function openTwoPullers(database: TestDatabase): Promise<{ first: Puller; second: Puller }> {
  const first = openPuller(database);
  const second = openPuller(database);
  await workFor(SECOND, second.sql);
  return { first, second };
}

/** One `amocrm-drain` for each of the two accounts. */
export async function openTwoDrainers(database: TestDatabase): Promise<{ first: Drainer; second: Drainer }> {
  const first = openDrainer(database);
  const second = openDrainer(database);
  await workFor(SECOND, second.sql);
  return { first, second };
}

/** Appends a message about the row to an account's queue; tells its id. */
export async function appendTo(
  account: string,
  { sql }: TestDatabase,
  {
    subjectId,
    email = null,
    phone = null,
  }: { subjectId: string; email?: string | null; phone?: string | null },
): Promise<number> {
  const [row] = await sql`
    insert into amocrm.outbox (queue, kind, subject_table, subject_id, email_key, phone_key, is_fresh)
    values (${account}, 'lead.created', 'unified_lead_tracking', ${subjectId}, ${email}, ${phone}, true) returning id`;
  return row?.["id"];
}
