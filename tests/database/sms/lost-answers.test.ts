import { describe, expect, test } from "vitest";
import { MINUTE_MS, SECOND_MS } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { insertLeads } from "../support/leads.ts";
import { appendSms } from "../support/sms-drainer.ts";
import { type Mutation, openSmsOffice, type SmsOffice } from "../support/sms-office.ts";
import { configureVault } from "../support/vault.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });

/** A generator of its own, so that a failure can be repeated. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

const LOSS = 0.05;

/** So many SMS, each third one to a number that gets several; a twentieth of all answers is lost, after the work or before. */
async function sendThroughLosses(count: number, mutate: Mutation = (service) => service): Promise<SmsOffice> {
  await configureVault(superuser);
  const office = await openSmsOffice(database, { mutate });
  await sql`update message_settings set sms_per_hour = 10000, sms_per_day = 10000`;
  const random = chance(7);
  office.mobizon.failBy(() => {
    if (random() >= LOSS) return undefined;
    return random() < 0.1 ? { kind: "silence" } : { kind: "reset", isTaken: random() < 0.5 };
  });
  const phones = Array.from({ length: count }, (_, index) => {
    const person = index % 3 === 0 ? index % 30 : index;
    return `+7702${String(1_000_003 + person * 17).padStart(7, "0")}`;
  });
  const leads = await insertLeads(
    sql,
    phones.map((phone) => ({ phone })),
  );
  for (const [index, phone] of phones.entries()) await appendSms(sql, leads[index] ?? "", phone);
  await office.pass(20 * MINUTE_MS, 30 * SECOND_MS);
  return office;
}

/** What is wrong with the end of it: an SMS that came twice, one that is held for sent and is not, one that nobody is told of. */
async function wrongs(office: SmsOffice): Promise<string[]> {
  const taken = new Map<number, string[]>();
  for (const { name, id } of office.mobizon.sms()) {
    const message = Number(/^sb-(\d+)\./.exec(name)?.[1]);
    taken.set(message, [...(taken.get(message) ?? []), id]);
  }
  const rows = await sql<
    { id: number; state: string; last_error_code: string; mobizon_id: string | null; shown: boolean }[]
  >`
    select message_outbox.id, message_outbox.state, message_outbox.last_error_code, sms.mobizon_id,
      exists (select from sms_dead_letters where sms_dead_letters.id = message_outbox.id) as shown
    from message_outbox join amocrm.sms on sms.message_id = message_outbox.id order by 1`;
  return rows.flatMap((row) => {
    const ids = taken.get(row.id) ?? [];
    if (ids.length > 1) return [`${row.id} came ${ids.length} times`];
    if (row.state === "delivered")
      return ids.length === 1 && ids[0] === row.mobizon_id ? [] : [`${row.id} is held for sent`];
    const isShown = row.state === "dead" && row.last_error_code === "sms_outcome_unknown" && row.shown;
    return isShown && ids.length === 0
      ? []
      : [`${row.id} is ${row.state} (${row.last_error_code}), ${ids.length} came`];
  });
}

describe("while Mobizon loses a twentieth of its answers", () => {
  test("no SMS comes twice, and each in doubt is found or shown to a person", {
    timeout: 600_000,
  }, async () => {
    const office = await sendThroughLosses(240);
    expect(await wrongs(office)).toEqual([]);
    const [counts] = await sql`select count(*) filter (where state = 'delivered')::int as delivered,
      count(*) filter (where state = 'dead')::int as dead from message_outbox`;
    // Both ends happened, or nothing was tried here.
    expect(counts?.["delivered"]).toBeGreaterThan(210);
    expect(counts?.["dead"]).toBeGreaterThan(1);
    expect(counts?.["delivered"] + counts?.["dead"]).toBe(240);
    // Found again after its answer was lost.
    expect(office.mobizon.requestCount("campaign/get")).toBeGreaterThan(2);
    expect(office.mobizon.requestCount("message/sendSmsMessage")).toBe(240);
    const [alert] = await sql`select code from amocrm.sms_conditions()`;
    expect(alert).toEqual({ code: "sms_dead_letters" });
  });

  test.each<[what: string, mutate: Mutation]>([
    [
      "takes a lost answer for a request that never left",
      (service) => ({
        ...service,
        async send(sms) {
          const answer = await service.send(sms);
          return "fault" in answer && answer.verdict === "uncertain"
            ? { verdict: "retry", fault: { ...answer.fault, isSent: false } }
            : answer;
        },
      }),
    ],
    [
      "takes any message to the number for the one it looks for",
      (service, simulator) => ({
        ...service,
        async look(sought) {
          const other = simulator.sms().find(({ to }) => to === sought.recipient);
          if (other === undefined) return service.look(sought);
          const found = { campaignId: other.campaignId, mobizonId: other.id, isModerated: false };
          return { verdict: "delivered", value: { found } };
        },
      }),
    ],
    [
      "takes what it does not find for refused",
      (service) => ({
        ...service,
        async look(sought) {
          const answer = await service.look(sought);
          if ("fault" in answer || answer.value.found !== null) return answer;
          return {
            verdict: "rejected",
            fault: { code: "sms_refused", causeCode: null, message: "", waitMs: null, isSent: true },
          };
        },
      }),
    ],
  ])("a sender that %s would be noticed", { timeout: 600_000 }, async (_, mutate) => {
    expect(await wrongs(await sendThroughLosses(60, mutate))).not.toEqual([]);
  });
});
