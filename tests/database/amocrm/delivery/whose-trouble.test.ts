import { beforeEach, expect, test } from "vitest";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { isDeep } from "../../../support/sizes.ts";
import { type Account, openAccount } from "../../support/account.ts";
import { useDatabase } from "../../support/database.ts";
import { insertLeads, messages } from "../../support/leads.ts";
import { configureVault } from "../../support/vault.ts";

/**
 * An answer that accuses no message is the account's trouble, whatever its status, its body and the request that met it:
 * few requests meanwhile, and afterwards everything is there, once. `TROUBLE=all` tries every status with every body at
 * every kind of request, which takes hours; the deep run draws from them so that each status and each kind comes several times,
 * the gate so that each meaning and each kind comes. What a status means by itself: tests/unit/amocrm/api/classify.test.ts.
 */
const database = await useDatabase();
const { sql } = database;
const MINUTE_MS = 60_000;
const TROUBLE_MS = 10 * MINUTE_MS;
/** That meet the trouble; and twice as many with what is looked for and what the others need meanwhile. */
const MAX_REQUESTS = 20;
/** Probes of five minutes, looks of five minutes, and a refused batch that is looked for anew. */
const MAX_WAY_MS = 60 * MINUTE_MS;

type FaultInput = Parameters<Account["simulator"]["control"]["addFaults"]>[0];
const BODIES: Record<string, Extract<FaultInput, { kind: "status" }>["body"]> = {
  json: "json",
  "a number": { json: { title: "Bad Request", detail: "244" } },
  "reasons by id": { json: { errors: { "71": [{ message: "limit" }] } } },
  html: "html",
  empty: "empty",
};
/** Each class, those with a meaning of their own, and some that nobody expects. */
const STATUSES = [
  ...[400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 413, 414, 415, 418, 421, 422, 423, 424],
  ...[425, 426, 428, 429, 431, 451, 499, 500, 501, 502, 503, 504, 507, 520, 522, 599],
];
/** Of each meaning one, those that depend on what is asked more often. */
const GATE_STATUSES = [404, 400, 402, 403, 400, 404, 429, 500, 504, 401, 404, 418, 422, 503];
const KINDS: Record<string, Pick<FaultInput, "method" | "path">> = {
  everything: {},
  "a search": { method: "GET", path: "/api/v4/contacts" },
  "a list of deals": { method: "GET", path: "/api/v4/leads" },
  "a create with its contact": { method: "POST", path: "/api/v4/leads/complex" },
  "a create for a known contact": { method: "POST", path: "/api/v4/leads" },
  "a note": { method: "POST", path: "/api/v4/leads/notes" },
  "a task": { method: "POST", path: "/api/v4/tasks" },
  "a change": { method: "PATCH" },
  pipelines: { method: "GET", path: "/api/v4/leads/pipelines" },
};

let account: Account;
beforeEach(async () => {
  account = await openAccount(database);
  await configureVault(sql);
  await sql`insert into amocrm_routes (source, pipeline_id, on_repeat) values ('*', null, 'note_and_task'), ('won', ${SEED_IDS.tripwire.pipeline}, 'deal')`;
});

const lead = (number: number, more: object = {}) => ({
  full_name: `Name ${number}`,
  email: `p${number}@example.com`,
  ...more,
});
const counts = () => {
  const { deals, contacts, notes, tasks } = account.simulator.state.counts();
  return { deals, contacts, notes, tasks };
};

/** What the later leads of a history need without any trouble, and what there is in the end. */
const NEEDED_REQUESTS = 10;
const WHOLE = { deals: 13, contacts: 10, notes: 6, tasks: 3 };

/** Six known people and three strangers leave leads that need every kind of request, while amoCRM answers so. */
async function history(
  kind: string,
  fault: FaultInput | null,
): Promise<{ requestCount: number; struckCount: number }> {
  await insertLeads(
    sql,
    [1, 2, 3, 4, 5, 6].map((number) => lead(number)),
  );
  await account.pass(5 * MINUTE_MS);
  if (kind === "a search") await sql`update amocrm.cursors set is_complete = false where entity = 'contact'`;
  if (kind === "pipelines") await sql`delete from amocrm.pipelines where true`;
  const before = account.requests().length;
  if (fault !== null) account.simulator.control.addFaults(fault);
  await insertLeads(sql, [
    ...[1, 2, 3].map((number) => lead(number, { phone: `+7904123450${number}` })),
    ...[4, 5, 6].map((number) => lead(number, { source: "won" })),
    ...[7, 8, 9].map((number) => lead(number)),
  ]);
  await account.pass(TROUBLE_MS / 2);
  await insertLeads(sql, [lead(10)]);
  await account.pass(TROUBLE_MS / 2);
  const during = account.simulator.log.entries().slice(before);
  const struckCount = during.filter((entry) => entry.fault !== null).length;
  account.simulator.control.clearFaults();
  await account.pass(MAX_WAY_MS);
  return { requestCount: during.length, struckCount };
}

interface Case {
  status: number;
  body: string;
  kind: string;
}
const kinds = Object.keys(KINDS);
const bodies = Object.keys(BODIES);
const one = (status: number, index: number): Case => ({
  status,
  body: bodies[index % bodies.length] ?? "json",
  kind: kinds[index % kinds.length] ?? "everything",
});
const isWhole = process.env["TROUBLE"] === "all";
const CASES: readonly Case[] = isWhole
  ? Array.from({ length: 200 }, (_, index) => 400 + index).flatMap((status) =>
      kinds.flatMap((kind) => bodies.map((body) => ({ status, body, kind }))),
    )
  : isDeep
    ? [
        ...STATUSES.map(one),
        // Those whose meaning depends on what is asked.
        ...[400, 404].flatMap((status, turn) =>
          kinds.map((_, index) => one(status, index + turn * kinds.length)),
        ),
      ]
    : GATE_STATUSES.map(one);

test.each(CASES)(
  "$status with $body at $kind kills nobody, doubles nothing and costs few requests",
  { timeout: 120_000 },
  async ({ status, body, kind }) => {
    const { requestCount, struckCount } = await history(kind, {
      kind: "status",
      status,
      body: BODIES[body],
      ...KINDS[kind],
    });
    const unfinished = (await messages(sql)).filter(({ state }) => state !== "delivered");
    expect(
      unfinished.map(({ id, state, last_error_code, last_error_message }) => ({
        id,
        state,
        last_error_code,
        last_error_message,
      })),
    ).toEqual([]);
    expect(counts()).toEqual(WHOLE);
    expect(struckCount).toBeGreaterThan(0);
    expect(struckCount).toBeLessThanOrEqual(MAX_REQUESTS);
    expect(requestCount).toBeLessThanOrEqual(2 * MAX_REQUESTS);
  },
);

test("without any trouble the same leads need so many requests, and end alike", async () => {
  expect((await history("everything", null)).requestCount).toBe(NEEDED_REQUESTS);
  expect(counts()).toEqual(WHOLE);
});

test("three different refusals that name nobody stop sending under a code of its own, with amoCRM's words", async () => {
  const body = { json: { title: "Bad Request", detail: "244: Name 2, p2@example.com" } };
  const fault = { kind: "status", status: 400, path: "/api/v4/leads/complex", body } as const;
  account.simulator.control.addFaults(fault);
  await insertLeads(
    sql,
    [1, 2, 3].map((number) => lead(number)),
  );
  // Each half is looked for twice before it goes again.
  await account.pass(1.5 * MINUTE_MS);
  const [health] = await sql`select breaker_code, breaker_message, dead_count::int from amocrm_health`;
  expect(health).toMatchObject({ breaker_code: "refusal_unexplained", dead_count: 0 });
  expect(health?.["breaker_message"]).toMatch(/\(400\)\. amoCRM says: Bad Request; 244: … 2, …$/);
  const rows = await messages(sql);
  expect(rows.map(({ attempt_count }) => attempt_count)).toEqual([0, 0, 0]);
  expect(
    rows.some(({ last_error_message }) => last_error_message?.includes("amoCRM says: Bad Request; 244")),
  ).toBe(true);
});
