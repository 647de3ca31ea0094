import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sized } from "../../support/sizes.ts";
import { crmOf, valuesOf } from "../support/crm.ts";
import { type System, startSystem } from "../support/system.ts";
import { visitorAt } from "../support/visitor.ts";

/** The gate's limits are as many times smaller: an address' thirty leads and the real ones stay below a flood. */
const SCALE = sized(5, 1);
const ATTACK_COUNT = sized(1000, 10_000);
const REAL_COUNT = sized(20, 50);
const TOTAL_COUNT = 200 / SCALE;
const FLOOD_COUNT = 500 / SCALE;
/** How many addresses a small botnet has. */
const ADDRESS_COUNT = 100 / SCALE;
/** As many requests at once as attackers have open here; ten of them are at work in the database. */
const PARALLEL = 40;

let system: System;
beforeEach(async () => {
  system = await startSystem();
  // Sending waits until the attack is over: the worst case, since all of it is ahead of the last real lead then.
  await system.sql`select amocrm_pause('the attack is on')`;
  // As on a hosted project. The windows are longer than the test, so that nothing depends on how fast it runs.
  await system.sql`update amocrm_form_limits set is_enabled = true, per_address_seconds = 3600, total_seconds = 3600,
    total_count = ${TOTAL_COUNT}, flood_count = ${FLOOD_COUNT}`;
  // As after the first pull. While the mirror is not complete each new person costs up to two searches.
  await system.sql`update amocrm.cursors set is_complete = true, changed_until = now()`;
});
afterEach(() => system.stop());

interface Attack {
  /** The address from which the n-th junk lead comes. */
  from: (n: number) => string;
  headers?: (n: number) => Record<string, string>;
  /** What is asked of real leads besides a first visit from an address of their own. */
  realLead?: (n: number) => object;
}

interface Course {
  /** How many junk leads were answered with which status. */
  answers: Record<number, number>;
  /** How many real leads were answered with 201. */
  realSavedCount: number;
}

/** Sends the attack, and the real leads spread evenly over it. */
async function run({ from, headers, realLead }: Attack): Promise<Course> {
  const answers: Record<number, number> = {};
  let realSavedCount = 0;
  const visitors = new Map<string, ReturnType<typeof visitorAt>>();
  const visitorOf = (address: string) => {
    const known = visitors.get(address);
    if (known !== undefined) return known;
    // A botnet's machines come once each; their sockets would otherwise stay open until the end.
    const made = visitorAt(address, system.stack, { keepsConnection: from(0) === from(ATTACK_COUNT - 1) });
    visitors.set(address, made);
    return made;
  };
  const every = ATTACK_COUNT / REAL_COUNT;
  let next = 0;
  await Promise.all(
    Array.from({ length: PARALLEL }, async () => {
      for (let n = next++; n < ATTACK_COUNT; n = next++) {
        const lead = { full_name: "Junk", email: `junk${n}@spam.example`, source: "landing" };
        const { status } = await visitorOf(from(n)).leave(lead, headers?.(n));
        answers[status] = (answers[status] ?? 0) + 1;
        if (n % every !== every / 2) continue;
        const real = Math.floor(n / every);
        const visitor = visitorAt(`127.9.0.${real + 1}`, system.stack);
        const answer = await visitor.leave({
          full_name: "Real",
          email: `real${real}@example.com`,
          source: "landing",
          ...realLead?.(real),
        });
        visitor.close();
        if (answer.status === 201) realSavedCount++;
      }
    }),
  );
  for (const visitor of visitors.values()) visitor.close();
  return { answers, realSavedCount };
}

/** The e-mails of all deals' contacts, in the order in which the deals were made. */
function dealEmails(): string[] {
  const crm = crmOf(system.simulator);
  const emailOf = new Map(
    crm.contacts().map((contact) => [contact.id, String(valuesOf(contact, "EMAIL")[0])]),
  );
  return crm.deals().map((deal) => emailOf.get(deal._embedded.contacts[0]?.id ?? 0) ?? "?");
}

const isReal = (email: string) => email.startsWith("real");
const realNames = Array.from({ length: REAL_COUNT }, (_, n) => `real${n}@example.com`).sort();

async function quarantined(): Promise<{ junk: number; real: number }> {
  const [row] = await system.sql`select count(*) filter (where lead.full_name = 'Junk')::int as junk,
    count(*) filter (where lead.full_name = 'Real')::int as real
    from amocrm.quarantined_leads as q join unified_lead_tracking as lead on lead.id = q.lead_id`;
  return { junk: row?.["junk"], real: row?.["real"] };
}

async function sendAll(): Promise<void> {
  await system.sql`select amocrm_resume()`;
  await system.delivered();
}

/** At the default pace of a request in two seconds. */
const REQUESTS_IN_A_MINUTE = 30;

/** If all requests fit into a minute, no lead waited for longer, wherever in line it stood. */
const requestCount = () => system.simulator.simulator.log.entries().length;

function report(name: string, course: Course): void {
  const emails = dealEmails();
  console.log(
    `${name}: answers ${JSON.stringify(course.answers)}, deals ${emails.length} (${emails.filter(isReal).length} real), ${requestCount()} requests to amoCRM`,
  );
}

test("a request of a thousand heavy leads is refused and leaves nothing on the disk, however often it comes", async () => {
  const bytes = async () =>
    (
      await system.sql`select (pg_total_relation_size('landing_leads') + pg_total_relation_size('unified_lead_tracking'))::int as bytes`
    )[0]?.["bytes"];
  const visitor = visitorAt("127.8.0.1", system.stack);
  const leads = Array.from({ length: 1000 }, (_, n) => ({
    email: `heavy${n}@spam.example`,
    metadata: { answer: randomBytes(8192).toString("base64") },
  }));
  const before = await bytes();
  for (let n = 0; n < sized(2, 3); n++) {
    const { status, headers, body } = await visitor.leave(leads);
    expect({ status, wait: headers["retry-after"], rule: body["details"] }).toEqual({
      status: 429,
      wait: "3600",
      rule: "too_many_from_this_address",
    });
  }
  visitor.close();
  expect(await bytes()).toBe(before);
});

describe("an attack of thousands of leads", () => {
  test("from one address, under a forged one each: some 30 come through, behind the real leads", async () => {
    const course = await run({
      from: () => "127.8.0.1",
      headers: (n) => ({
        "x-forwarded-for": `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`,
        "x-real-ip": "10.0.0.1",
      }),
    });
    expect(course).toEqual({
      answers: { 201: expect.any(Number), 429: expect.any(Number) },
      realSavedCount: REAL_COUNT,
    });
    // Visits at the same moment do not see each other, so a few more than thirty may be in.
    expect(course.answers[201]).toBeGreaterThanOrEqual(30);
    expect(course.answers[201]).toBeLessThan(30 + PARALLEL);
    await sendAll();
    const emails = dealEmails();
    report("one address", course);
    expect(requestCount()).toBeLessThanOrEqual(REQUESTS_IN_A_MINUTE);
    expect(emails.filter(isReal).sort()).toEqual(realNames);
    expect(emails).toHaveLength(REAL_COUNT + (course.answers[201] ?? 0));
    // At most a batch or two of the junk went before the last real lead, however many batches there were.
    const lastReal = emails.findLastIndex(isReal);
    expect(emails.slice(0, lastReal).filter((email) => !isReal(email)).length).toBeLessThanOrEqual(50);
    expect(await quarantined()).toEqual({ junk: 0, real: 0 });
  }, 300_000);

  test(`from ${ADDRESS_COUNT} addresses: what is more than usual is quarantined, and every real lead goes out at once`, async () => {
    const course = await run({ from: (n) => `127.8.1.${(n % ADDRESS_COUNT) + 1}` });
    expect(course.realSavedCount).toBe(REAL_COUNT);
    await sendAll();
    const emails = dealEmails();
    report("few addresses", course);
    expect(emails.filter(isReal).sort()).toEqual(realNames);
    expect(requestCount()).toBeLessThanOrEqual(REQUESTS_IN_A_MINUTE);
    // Three of each address are its fair share; what came before it was clear that there is a flood is let through too.
    expect(emails.length - REAL_COUNT).toBeLessThanOrEqual(3 * ADDRESS_COUNT + TOTAL_COUNT);
    const held = await quarantined();
    expect(held.real).toBe(0);
    expect(held.junk + emails.length - REAL_COUNT).toBe(course.answers[201]);
    await system.stack.worker?.runJob("amocrm-forms");
    expect(await system.sql`select resolved_at from amocrm_alerts where code = 'form_flood'`).toEqual([
      { resolved_at: null },
    ]);
  }, 300_000);

  test("from an address each: nothing is refused or lost, amoCRM gets a bounded part, people it knows go out at once", async () => {
    // Every other real lead is of somebody whom amoCRM has.
    await system.sql`insert into amocrm.contacts (amocrm_contact_id, updated_at, is_deleted)
      select 900001 + n, now(), true from generate_series(0, ${REAL_COUNT - 1}) as n`;
    await system.sql`insert into amocrm.contact_keys (type, key, amocrm_contact_id)
      select 'email', 'real' || n || '@example.com', 900001 + n from generate_series(0, ${REAL_COUNT - 1}, 2) as n`;
    const course = await run({ from: (n) => `127.10.${n >> 7}.${(n & 127) + 1}` });
    expect(course).toEqual({ answers: { 201: ATTACK_COUNT }, realSavedCount: REAL_COUNT });
    await sendAll();
    const emails = dealEmails();
    report("an address each", course);
    expect(requestCount()).toBeLessThanOrEqual(REQUESTS_IN_A_MINUTE);
    expect(emails.length).toBeLessThanOrEqual(FLOOD_COUNT + PARALLEL + REAL_COUNT);
    const knownNames = Array.from({ length: REAL_COUNT / 2 }, (_, n) => `real${2 * n}@example.com`);
    expect(emails).toEqual(expect.arrayContaining(knownNames));
    const held = await quarantined();
    expect(held.junk + held.real + emails.length).toBe(ATTACK_COUNT + REAL_COUNT);
    // The admin deletes what is junk, and releases the rest: every real lead is there in the end, once.
    await system.sql`select amocrm_discard_quarantine(p_email_domain => 'spam.example', p_limit => 100000)`;
    const [released] = await system.sql`select amocrm_release_quarantine() as count`;
    expect(released?.["count"]).toBe(held.real);
    await system.delivered();
    expect(dealEmails().filter(isReal).sort()).toEqual(realNames);
    await system.stack.worker?.runJob("amocrm-forms");
    expect(
      await system.sql`select from amocrm_alerts where code = 'form_flood' and resolved_at is null`,
    ).toHaveLength(0);
  }, 300_000);
});
