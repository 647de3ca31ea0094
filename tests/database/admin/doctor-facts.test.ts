import { beforeEach, describe, expect, test } from "vitest";
import { JOBS } from "#shared/admin/doctor/cron.ts";
import { TRIGGERS } from "#shared/admin/doctor/database.ts";
import { DoctorFacts } from "#shared/admin/doctor/facts.ts";
import { NOON, noonPlus, SECOND_MS, setTestClock } from "../support/clock.ts";
import { useDatabase } from "../support/database.ts";
import { insertLeads, strangers } from "../support/leads.ts";
import { configureVault, FUNCTIONS_URL, queuedPosts } from "../support/vault.ts";

const database = await useDatabase();
const { sql } = database;
const superuser = database.connect({ user: "supabase_admin" });
const service = database.connect({ user: "authenticator", role: "service_role" });

beforeEach(() => setTestClock(NOON, sql, service));

const facts = async (session = service): Promise<DoctorFacts> => {
  const [row] = await session`select amocrm_doctor_facts() as facts`;
  return DoctorFacts.parse(row?.["facts"]);
};
const answerOf = async (callId: number | null) =>
  (await service`select amocrm_doctor_answer(${callId}) as answer`)[0]?.["answer"];

describe("amocrm_doctor_facts", () => {
  test("tells a fresh installation as it is", async () => {
    const told = await facts();
    expect(Date.parse(told.clock)).toBe(NOON.getTime());
    expect(told.extensions).toEqual(["pg_cron", "pg_net", "supabase_vault"]);
    expect(told.vault).toEqual({ is_readable: true, functions_url: null, has_key: false });
    expect(told).toMatchObject({
      call_id: null,
      account: null,
      messages: [],
      duplicate_count: 0,
      marker_error: null,
    });
    expect(told.configuration.routes).toEqual([]);
    expect(told.control.interval_in_force_ms).toBe(2000);
  });

  test("knows every trigger and every cron job that the migrations make, as doctor expects them", async () => {
    const { triggers, jobs } = await facts();
    expect(triggers.map(({ table, name }) => `${table} ${name}`).sort()).toEqual(
      TRIGGERS.map((one) => one.join(" ")).sort(),
    );
    expect(triggers.every((one) => one.is_enabled)).toBe(true);
    expect(jobs?.map(({ name }) => name).sort()).toEqual(Object.keys(JOBS).sort());
    expect(jobs?.every((one) => one.is_active && one.last_started_at === null)).toBe(true);
  });

  test("tells a trigger that is switched off", async () => {
    await sql`begin`;
    await sql`alter table tripwire_users disable trigger amocrm_500_enqueue`;
    const { triggers } = await facts(sql);
    await sql`rollback`;
    expect(triggers.filter((one) => !one.is_enabled)).toEqual([
      { table: "tripwire_users", name: "amocrm_500_enqueue", is_enabled: false },
    ]);
  });

  test("tells the last finished run of a job, and its last good one", async () => {
    const run = (status: string, afterMs: number) => superuser`
      insert into cron.job_run_details (jobid, username, status, return_message, start_time)
      select jobid, username, ${status}, ${`was ${status}`}, ${noonPlus(afterMs)} from cron.job where jobname = 'amocrm-tick'`;
    await run("succeeded", 0);
    await run("failed", 10 * SECOND_MS);
    await run("running", 20 * SECOND_MS);
    const tick = (await facts()).jobs?.find(({ name }) => name === "amocrm-tick");
    expect(tick).toMatchObject({ last_status: "failed", last_message: "was failed" });
    expect(Date.parse(tick?.last_started_at ?? "")).toBe(noonPlus(10 * SECOND_MS).getTime());
    expect(Date.parse(tick?.last_succeeded_at ?? "")).toBe(NOON.getTime());
  });

  test("calls amocrm-drain with the key of Vault, with GET and beside any ring, and tells how that ended", async () => {
    await configureVault(sql);
    const { call_id: callId, vault } = await facts();
    expect(vault).toEqual({ is_readable: true, functions_url: FUNCTIONS_URL, has_key: true });
    const [queued] = await sql`select id, method::text, url, headers from net.http_request_queue`;
    expect(queued).toEqual({
      id: callId,
      method: "GET",
      url: `${FUNCTIONS_URL}/amocrm-drain?caller=doctor`,
      headers: { "Content-Type": "application/json", apikey: "sb_secret_test" },
    });
    expect(await answerOf(callId)).toBeNull();
    await insertLeads(sql, strangers(1));
    expect((await queuedPosts(sql)).map(({ url }) => url)).toContain(`${FUNCTIONS_URL}/amocrm-drain`);
    await superuser`insert into net._http_response (id, status_code) values (${callId}, 405)`;
    expect(await answerOf(callId)).toEqual({ status_code: 405, error: null });
  });

  test("tells no key", async () => {
    await configureVault(sql);
    expect(JSON.stringify(await facts())).not.toContain("sb_secret_test");
    const [row] = await service`select amocrm_doctor_facts()::text as facts`;
    expect(row?.["facts"]).not.toContain("sb_secret_test");
  });

  test("tells the last answer to each function's heartbeat", async () => {
    await superuser`update amocrm.heartbeats set last_request_id = 9, last_request_at = ${NOON}, unanswered_post_count = 3 where component = 'amocrm-drain'`;
    await superuser`insert into net._http_response (id, error_msg, created) values (9, 'Couldn''t connect to server', ${NOON})`;
    expect((await facts()).heartbeats).toMatchObject([
      {
        component: "amocrm-drain",
        unanswered_post_count: 3,
        answer: { status_code: null, error: "Couldn't connect to server" },
      },
      { component: "message-drain", unanswered_post_count: 0, answer: null },
      { component: "sms-drain", unanswered_post_count: 0, answer: null },
      { component: "unisender-drain", unanswered_post_count: 0, answer: null },
    ]);
  });

  test("tells what waits by its reason", async () => {
    await insertLeads(sql, strangers(2));
    expect((await facts()).messages).toMatchObject([
      { kind: "lead.created", reason: "new", message_count: 2 },
    ]);
  });

  test.each([
    ["pg_cron is gone", "alter schema cron rename to gone", { jobs: null }],
    ["pg_net is gone", "alter schema net rename to gone", { call_id: null }],
    ["supabase_vault is gone", "alter schema vault rename to gone", { vault: null, call_id: null }],
    [
      "Vault cannot be decrypted",
      "update vault.secrets set secret = encode('no multiple of a block'::bytea, 'base64')",
      { vault: { is_readable: false, functions_url: null, has_key: false }, call_id: null },
    ],
  ])("tells everything else when %s", async (_, breaking, expected) => {
    await configureVault(sql);
    await superuser`begin`;
    try {
      await superuser.unsafe(breaking);
      const told = await facts(superuser);
      expect(told).toMatchObject(expected);
      expect(told.triggers).toHaveLength(TRIGGERS.length);
    } finally {
      await superuser`rollback`;
    }
  });
});
