import { beforeEach, describe, expect, it } from "vitest";
import type { z } from "zod";
import { SEED_IDS } from "#dev/amocrm-simulator/account/account-seed.ts";
import { faultsOf, SetupRequest } from "#shared/admin/request.ts";
import type { Settings } from "#shared/amocrm/settings.ts";
import { type Order, prepareSetup } from "./support/prepare-setup.ts";

const { sales, tripwire, users, contactFields, dealFields } = SEED_IDS;
let { store, crm, run } = prepareSetup();

beforeEach(() => {
  ({ store, crm, run } = prepareSetup());
});

describe("setup of routes", () => {
  it("writes a route with the defaults of its columns and stores the pipelines", async () => {
    const { ok, outcomes } = await run({ routes: [{ source: "*" }] });
    expect(ok).toBe(true);
    expect(outcomes).toEqual(["pipelines: done", "route *: done"]);
    expect(store.rows.routes).toEqual([
      {
        source: "*",
        pipeline_id: null,
        status_id: null,
        responsible_user_id: null,
        tags: [],
        deal_name: "{name} — {source}",
        on_repeat: "note",
      },
    ]);
    expect(store.pipelines.map(({ id }) => id)).toEqual([sales.pipeline, tripwire.pipeline]);
  });

  it("replaces the named route as a whole and leaves the others", async () => {
    await run({
      routes: [
        { source: "*", pipeline_id: sales.pipeline, tags: ["site"] },
        { source: "webinar", pipeline_id: tripwire.pipeline },
      ],
    });
    await run({ routes: [{ source: "*", pipeline_id: sales.pipeline, status_id: sales.qualified }] });
    expect(store.rows.routes).toMatchObject([
      { source: "webinar", pipeline_id: tripwire.pipeline },
      { source: "*", status_id: sales.qualified, tags: [] },
    ]);
  });

  it("keeps a route that is there, when it is only wanted if absent", async () => {
    await run({ routes: [{ source: "*", pipeline_id: tripwire.pipeline }] });
    const { steps } = await run({ routes: [{ source: "*", only_if_absent: true }] });
    expect(steps["route *"]?.outcome).toBe("unchanged");
    expect(store.rows.routes).toMatchObject([{ pipeline_id: tripwire.pipeline }]);
  });

  it.each([
    [
      "an unknown pipeline",
      { pipeline_id: 77 },
      "No pipeline 77; there are: 4400 «Продажи», 4500 «Tripwire»",
    ],
    [
      "a stage of another pipeline",
      { pipeline_id: sales.pipeline, status_id: tripwire.bought },
      "61001 «Новая заявка», 61002 «Квалификация»",
    ],
    ["an unknown user", { responsible_user_id: 5 }, "No user 5; there are: 7001 «Анна Админ», 7002"],
    ["a dismissed user", { responsible_user_id: users.dismissed }, "is switched off; there are: 7001"],
  ])("refuses %s with what there is instead, and writes nothing", async (_, columns, words) => {
    const { ok, steps } = await run({ routes: [{ source: "*", ...columns }] });
    expect(ok).toBe(false);
    expect(steps["route *"]).toMatchObject({ outcome: "refused", detail: expect.stringContaining(words) });
    expect(store.writes).toEqual([]);
  });

  it("writes the good rows beside a refused one", async () => {
    await run({ routes: [{ source: "a", pipeline_id: 77 }, { source: "b" }] });
    expect(store.writes).toEqual(["route b"]);
  });

  it("asks for users only when a route names one", async () => {
    await run({ routes: [{ source: "*" }] });
    expect(crm.requests()).toEqual(["GET /api/v4/leads/pipelines"]);
  });
});

describe("setup when amoCRM cannot be asked", () => {
  it.each<[string, Settings, string]>([
    ["not configured", { state: "unconfigured", missing: ["X"], message: "X is not set" }, "X is not set"],
    ["switched off", { state: "disabled" }, "AMOCRM_ENABLED is false"],
  ])("writes the rows with a warning while amoCRM is %s", async (_, settings, reason) => {
    ({ store, crm, run } = prepareSetup(settings));
    const { ok, steps, outcomes } = await run({
      routes: [{ source: "*", pipeline_id: 77 }],
      stages: [{ event: "student.created", pipeline_id: 77, status_id: 1 }],
      fields: [{ entity: "deal", path: "metadata.a", field_id: 5 }],
      marker: true,
      utm: true,
    });
    expect(ok).toBe(true);
    expect(outcomes.every((outcome) => outcome.endsWith(": warning"))).toBe(true);
    expect(steps["route *"]?.detail).toBe(
      `pipeline 77, first stage; named {name} — {source}; on repeat note: was written, but is not verified: ${reason}`,
    );
    expect(store.writes).toEqual(["route *", "stage student.created", "field deal.metadata.a"]);
    expect(crm.requests()).toEqual([]);
  });

  it("knocks once only at an account that is blocked, and opens the breaker", async () => {
    crm.simulator.control.block();
    const { ok, steps } = await run({
      routes: [{ source: "*", responsible_user_id: users.manager }],
      marker: true,
      utm: true,
    });
    expect(ok).toBe(true);
    expect(steps["marker"]).toMatchObject({
      outcome: "warning",
      detail: expect.stringMatching(/blocks this account/),
    });
    expect(crm.requests()).toHaveLength(1);
    expect(crm.pace.acts).toEqual(["open breaker: account_blocked"]);
  });

  it("says in words that sending is paused", async () => {
    crm.pace.slot = { granted: false, code: "paused", message: "Sending is paused: moving", waitMs: null };
    const { steps } = await run({ routes: [{ source: "*" }] });
    expect(steps["pipelines"]).toMatchObject({
      outcome: "warning",
      detail: expect.stringContaining("Sending is paused: moving (amocrm_resume() goes on)"),
    });
    expect(crm.requests()).toEqual([]);
  });

  it("leaves the queue alone when only the right to list users is missing", async () => {
    crm.simulator.control.addFaults({ kind: "forbidden", path: "/api/v4/users" });
    const { ok, steps } = await run({
      routes: [{ source: "*", responsible_user_id: users.manager }],
      marker: true,
    });
    expect(ok).toBe(true);
    expect(steps["route *"]).toMatchObject({
      outcome: "warning",
      detail: expect.stringMatching(/user 7002 could not/),
    });
    expect(steps["marker"]?.outcome).toBe("done");
    expect(crm.pace.acts).toEqual([]);
  });
});

describe("setup of stages and fields", () => {
  it("refuses a stage that is not in its pipeline", async () => {
    const stages = [{ event: "lesson.67", pipeline_id: tripwire.pipeline, status_id: sales.fresh }];
    const { steps } = await run({ stages });
    expect(steps["stage lesson.67"]).toMatchObject({
      outcome: "refused",
      detail: expect.stringContaining("62002 «Урок 67»"),
    });
    expect(store.rows.stages).toEqual([]);
  });

  it("maps a field by id and by code, each in its own collection", async () => {
    const { outcomes } = await run({
      fields: [
        { entity: "contact", path: "metadata.telegram", field_id: contactFields.telegram },
        { entity: "deal", path: "utm_source", field_code: "UTM_SOURCE" },
      ],
    });
    expect(outcomes).toEqual(["field contact.metadata.telegram: done", "field deal.utm_source: done"]);
    expect(store.rows.fields).toMatchObject([
      { field_id: contactFields.telegram, field_code: null },
      { field_id: null, field_code: "UTM_SOURCE" },
    ]);
  });

  it("refuses a field of the other collection with the fields that there are", async () => {
    const { steps } = await run({
      fields: [{ entity: "contact", path: "metadata.x", field_id: dealFields.tariff }],
    });
    expect(steps["field contact.metadata.x"]).toMatchObject({
      outcome: "refused",
      detail: expect.stringContaining("301 «Телефон» (PHONE)"),
    });
  });
});

describe("setup of settings and Vault", () => {
  it("begins with the pace and ends with the secrets, for with them sending begins", async () => {
    const { outcomes } = await run({
      vault: { functionsUrl: "https://p.supabase.co/functions/v1/" },
      routes: [{ source: "*" }],
      settings: { min_interval_ms: 500 },
    });
    expect(outcomes).toEqual(["settings: done", "pipelines: done", "route *: done", "vault: done"]);
    expect(store.writes).toEqual(["settings", "route *", "vault"]);
  });

  it("tells the address and never the key", async () => {
    const { steps } = await run({
      vault: { functionsUrl: "https://p.supabase.co/functions/v1/" },
    });
    expect(steps["vault"]?.detail).toBe(
      "amocrm_functions_url = https://p.supabase.co/functions/v1; the database calls with a token of its own, amocrm_call_token",
    );
  });

  it("sets the roads of alerts, tells hosts only, and what proves them; then nothing changes", async () => {
    const alerts = {
      alertUrl: "https://hooks.example/T0/secret",
      deadManUrl: " https://hc.example/ping?key=secret ",
    };
    const { ok, steps } = await run({ alerts });
    expect(ok).toBe(true);
    expect(steps).toEqual({
      "alert address": { outcome: "done", detail: "amocrm_alert_url is at hooks.example; a test was posted" },
      "dead-man address": {
        outcome: "done",
        detail: "amocrm_dead_man_url is at hc.example; it is called within a minute",
      },
    });
    expect((await run({ alerts: { alertUrl: alerts.alertUrl } })).steps).toEqual({
      "alert address": { outcome: "unchanged", detail: "amocrm_alert_url is at hooks.example" },
    });
    expect(store.roads.deadManUrl).toBe("https://hc.example/ping?key=secret");
  });

  it("takes an address away that is given empty, and leaves the other", async () => {
    await run({ alerts: { alertUrl: "https://hooks.example/a", deadManUrl: "https://hc.example/b" } });
    expect((await run({ alerts: { alertUrl: "" } })).steps).toEqual({
      "alert address": { outcome: "done", detail: "amocrm_alert_url is not set" },
    });
    expect(store.roads).toEqual({ alertUrl: "", deadManUrl: "https://hc.example/b" });
  });

  it.each([
    "http://hooks.example/secret",
    "ftp://hooks.example/secret",
    "hooks.example/secret",
    "https://me:secret@hooks.example/",
    "https://hooks.example/#secret",
    "https://hooks.example/a secret",
    "http://localhost.example/secret",
    "https://",
  ])("refuses the address %s without repeating it", (alertUrl) => {
    const { error } = SetupRequest.safeParse({ action: "setup", alerts: { alertUrl } });
    expect(faultsOf(error as z.ZodError)).toEqual([
      "alerts.alertUrl: must be an https URL such as https://hooks.example/…, or empty",
    ]);
  });

  it.each([
    "http://localhost:3000/hook",
    "http://127.0.0.1/x?y=1",
    "http://[::1]:8080",
    "HTTPS://Hooks.example?chat_id=1",
  ])("takes the address %s", (alertUrl) => {
    expect(SetupRequest.safeParse({ action: "setup", alerts: { alertUrl } }).success).toBe(true);
  });

  it("tells a monitor's token once, and nothing of the calls'", async () => {
    const { steps } = await run({ monitorToken: true });
    expect(steps["monitor token"]?.detail).toContain(
      `Authorization: Bearer ${"f".repeat(64)} opens amocrm-health`,
    );
  });

  it.each(["http://far.example/functions/v1", "http://203.0.113.7/functions/v1"])(
    "refuses %s, where what opens the functions would travel readable",
    (functionsUrl) => {
      expect(SetupRequest.safeParse({ action: "setup", vault: { functionsUrl } }).success).toBe(false);
    },
  );

  it("changes nothing when it runs again", async () => {
    const order: Order = {
      settings: { min_interval_ms: 500, batch_size: 50 },
      routes: [
        { source: "*", pipeline_id: sales.pipeline, tags: ["site"], responsible_user_id: users.manager },
      ],
      stages: [{ event: "student.created", pipeline_id: tripwire.pipeline, status_id: tripwire.bought }],
      fields: [{ entity: "contact", path: "metadata.telegram", field_id: contactFields.telegram }],
      marker: true,
      utm: true,
      vault: { functionsUrl: "https://p.supabase.co/functions/v1" },
    };
    await run(order);
    const rows = structuredClone(store.rows);
    store.writes = [];
    const { outcomes } = await run(order);
    expect(outcomes.filter((outcome) => !outcome.endsWith(": unchanged"))).toEqual(["pipelines: done"]);
    expect(store.writes).toEqual(["vault"]);
    expect(store.rows).toEqual(rows);
  });
});
