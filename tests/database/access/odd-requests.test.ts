import { beforeEach, describe, expect, test, vi } from "vitest";
import { answerAdmin } from "#shared/admin/endpoint.ts";
import { createAdminStore } from "#shared/admin/store.ts";
import { createOutboxStore } from "#shared/amocrm/drain/store.ts";
import { createConnectionStore } from "#shared/amocrm/oauth/store.ts";
import { claimsOf } from "#shared/amocrm/tokens/claims.ts";
import { createTokenEndpoint } from "#shared/amocrm/tokens/token-endpoint.ts";
import { createIntakeStore } from "#shared/leads/adapters.ts";
import { answerForm } from "#shared/leads/form/endpoint.ts";
import { createFormStore } from "#shared/leads/form/store.ts";
import { answerIntake } from "#shared/leads/intake.ts";
import { readEvent } from "#shared/mail/resend/event.ts";
import { createMailEvents } from "#shared/mail/store.ts";
import { systemClock } from "#shared/platform/clock.ts";
import { parseJson } from "#shared/platform/json.ts";
import { answerCertificate } from "#shared/school/certificate/endpoint.ts";
import { createCertificateFinder } from "#shared/school/certificate/store.ts";
import { answerStudents } from "#shared/school/students/endpoint.ts";
import { createStudentStore } from "#shared/school/students/store.ts";
import { jsonWithOdd, ODD_JSON, placesOf } from "../../unit/support/odd-json.ts";
import { openConnection } from "../support/connection.ts";
import { openDataApi } from "../support/data-api.ts";
import { useDatabase } from "../support/database.ts";

const database = await useDatabase();
const { sql } = database;
const { rpc, store: tokens, at } = await openConnection(database);
const client = openDataApi(database);
const adminStore = createAdminStore(client, rpc, createOutboxStore(rpc));
beforeEach(() => at(0));

const URL_HERE = "https://p.supabase.co/functions/v1/here";
const post = (body: string): Request => new Request(URL_HERE, { method: "POST", body });
const HOST = "https://company.amocrm.ru";
/** What a request failed with, if it did: the reason stands in the log. */
let failures: unknown[] = [];
const log = (_level: string, _event: string, facts?: object): void => void failures.push(facts);
beforeEach(() => {
  failures = [];
});

/** The sample with each odd value in each place but the whole. */
const oddBodies = (sample: object): string[] =>
  placesOf(sample)
    .slice(1)
    .flatMap((place) => ODD_JSON.map((odd) => jsonWithOdd(sample, place, odd)));

async function expectNoFault(sample: object, answer: (request: Request) => Promise<Response>): Promise<void> {
  for (const json of oddBodies(sample)) {
    const response = await answer(post(json));
    expect(response.status, `${json.slice(0, 300)}: ${JSON.stringify(failures.at(-1))}`).toBeLessThan(500);
  }
}

describe("whatever stands anywhere in a request, the database stores or refuses it, and is never stumbled over", () => {
  test("of form-submit; ordinary leads before and after are saved", async () => {
    const lead = {
      captcha_token: "t",
      submission_id: null,
      full_name: "N",
      email: "a@example.com",
      phone: "+77011234567",
      utm_source: "u",
      metadata: { form: { words: ["a"] } },
      consent_at: "2026-01-31T00:00:00Z",
    };
    const save = (request: Request) =>
      answerForm(request, {
        captcha: { check: async () => ({ state: "solved" }) },
        store: createFormStore(rpc),
        log,
      });
    expect((await save(post(JSON.stringify(lead)))).status).toBe(201);
    await expectNoFault(lead, save);
    expect((await save(post(JSON.stringify({ ...lead, email: "b@example.com" })))).status).toBe(201);
  });

  test("of form-intake, whose forms are kept whatever they hold", async () => {
    const [added] = await sql<{ key: string }[]>`select key from form_source_add('generic', 'landing')`;
    await sql`update amocrm.inbox_sources set max_rows = 100000 where source = 'forms'`;
    const form = {
      name: "N",
      email: "a@example.com",
      phone: "+77011234567",
      records: [{ title: "a", value: "b" }],
    };
    const ports = { store: createIntakeStore(rpc), log };
    for (const json of oddBodies(form)) {
      const request = new Request(`${URL_HERE}/form-intake/${added?.key}`, { method: "POST", body: json });
      const { status } = await answerIntake(request, ports);
      expect(status, `${json.slice(0, 300)}: ${JSON.stringify(failures.at(-1))}`).toBe(200);
    }
    await sql`update amocrm.inbox_sources set max_rows = 10000 where source = 'forms'`;
    expect(await sql`select from amocrm.inbox where state = 'waiting'`).toEqual([]);
  });

  test("of tripwire-students", async () => {
    const student = { full_name: "N", email: "a@example.com", phone: "+77011234567" };
    const store = createStudentStore(rpc);
    await expectNoFault(student, (request) =>
      answerStudents(
        request,
        { id: "5b1a1f0e-1111-4111-8111-111111111111", role: "admin" },
        log,
        async (admission) => {
          await store.begin(admission);
          return { state: "refused", code: "email_address_invalid" };
        },
      ),
    );
  });

  test("of tripwire-certificate", async () => {
    for (const odd of ODD_JSON.filter((json) => json.startsWith('"'))) {
      const address = `${URL_HERE}?${new URLSearchParams({ code: JSON.parse(odd) })}`;
      const ports = { find: createCertificateFinder(rpc), draw: vi.fn(), functionUrl: URL_HERE };
      expect((await answerCertificate(new Request(address), null, log, ports)).status, odd).toBe(404);
    }
  });

  test.each([
    {
      action: "setup",
      routes: [{ source: "a", pipeline_id: 1, status_id: 2, tags: ["t"], deal_name: "D" }],
      stages: [{ event: "lesson.1", pipeline_id: 1, status_id: 2 }],
      fields: [{ entity: "deal", path: "metadata.a", field_id: 1 }],
      settings: { min_interval_ms: 1000, batch_size: 5 },
    },
    { action: "backfill", mode: "start", since: "2026-01-31T00:00:00Z", limit: 5 },
    { action: "pull", mode: "start", since: "2026-01-31T00:00:00Z" },
    { action: "find", email: "a@example.com", phone: "+77011234567" },
    { action: "pause", reason: "r" },
  ])("of amocrm-admin, asked to $action", async (order) => {
    const caller = { mode: "secret", name: "default", role: undefined } as const;
    await expectNoFault(order, (request) =>
      answerAdmin(request, caller, log, async (read) => {
        switch (read.action) {
          case "setup":
            // Whether the account has them is not what is asked here.
            for (const { only_if_absent: _, ...route } of read.routes ?? [])
              await adminStore.saveRoute(route);
            for (const stage of read.stages ?? []) await adminStore.saveStage(stage);
            for (const field of read.fields ?? []) await adminStore.saveField(field);
            if (read.settings !== undefined) await adminStore.saveSettings(read.settings);
            break;
          case "backfill":
            await adminStore.enqueueBackfill(read);
            break;
          case "pull":
            await adminStore.requestPull(read.since, read.accept_deletions);
            break;
          case "find":
            await rpc("amocrm_find", { p_email: read.email, p_phone: read.phone, p_lead: read.lead });
            break;
          case "pause":
            await rpc("amocrm_pause", { p_reason: read.reason });
            break;
        }
        return {};
      }),
    );
  });

  test("of Resend's webhook", async () => {
    const event = {
      type: "email.bounced",
      created_at: "2031-01-01T00:00:00Z",
      data: {
        email_id: "r1",
        tags: { message_id: "7", subject_id: "5b1a1f0e-1111-4111-8111-111111111111" },
        bounce: { type: "Permanent", subType: "General" },
        failed: { reason: "r" },
      },
    };
    const events = createMailEvents(rpc);
    // One mail is known, so that what is told of it is written.
    await sql`insert into amocrm.mails (message_id, kind, subject_id, body, resend_id)
      values (7, 'student.welcome', '5b1a1f0e-1111-4111-8111-111111111111', '{}', 'r1')`;
    const outcomes = new Set<string>();
    for (const [index, json] of oddBodies(event).entries()) {
      const told = readEvent(`e${index}`, parseJson(json));
      if (told !== null && told !== "other") outcomes.add(await events.record(told));
    }
    // Without its ids it is nobody's that we know.
    expect([...outcomes].toSorted()).toEqual(["recorded", "unknown"]);
  });
});

describe("whatever stands anywhere in an answer about tokens", () => {
  test("a pair that was issued is stored, and read again", async () => {
    const answer = { access_token: "a.b.c", refresh_token: "r", expires_in: 86_400 };
    for (const json of oddBodies(answer)) {
      const endpoint = createTokenEndpoint({
        app: { clientId: "c", clientSecret: "s", redirectUri: `${URL_HERE}/callback` },
        baseUrl: null,
        slots: { take: async () => ({ granted: true, waitedMs: 0 }) },
        pace: { reportFault: async () => "harmless" },
        fetch: async () => new Response(json),
        clock: systemClock,
      });
      const verdict = await endpoint.exchange(HOST, "code");
      if (verdict.verdict !== "issued") continue;
      await tokens.connect(verdict.pair, { host: HOST, accountId: 55, subdomain: "company" });
      expect(await tokens.read()).toMatchObject({
        state: "connected",
        accessToken: verdict.pair.accessToken,
      });
    }
  });

  test("a long-lived token is noted by whatever it claims, and the account by whatever it calls itself", async () => {
    const utf8 = (json: string) => String.fromCharCode(...new TextEncoder().encode(json));
    for (const json of oddBodies({ exp: 1_900_000_000, account_id: 55 }).filter(
      ({ length }) => length < 50_000,
    )) {
      const claims = claimsOf(`x.${btoa(utf8(json))}.y`);
      await tokens.noteLongLived({ host: HOST, fingerprint: "0".repeat(64), ...claims });
    }
    const connections = createConnectionStore(rpc, tokens);
    for (const odd of ODD_JSON.filter((one) => one.startsWith('"'))) {
      const name = String(parseJson(odd));
      await connections.note({ id: 55, name, subdomain: name });
      await connections.known();
    }
  });
});
