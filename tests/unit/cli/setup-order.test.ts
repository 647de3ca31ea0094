import { describe, expect, it } from "vitest";
import { Failure } from "#cli/failure.ts";
import { type SetupFlags, setupOrderOf } from "#cli/setup-order.ts";
import type { Target } from "#cli/target.ts";
import { SetupRequest } from "#shared/admin/request.ts";

const HOSTED: Target = {
  kind: "hosted",
  url: "https://p.supabase.co",
  secretKey: "sb_secret_mine",
  origin: "SUPABASE_URL",
};
const LOCAL: Target = { ...HOSTED, kind: "local", url: "http://127.0.0.1:54321" };

const orderOf = (flags: SetupFlags, environment: Record<string, string> = {}, target = LOCAL) =>
  setupOrderOf(flags, environment, target);

function failureOf(flags: SetupFlags, environment: Record<string, string> = {}): Failure {
  try {
    orderOf(flags, environment);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error("the flags were accepted, although they must be refused");
}

describe("setupOrderOf", () => {
  it("asks for a first setup without flags and variables", () => {
    expect(orderOf({}).request).toEqual({
      action: "setup",
      routes: [{ source: "*", only_if_absent: true }],
      marker: true,
      utm: true,
    });
  });

  it("turns flags into one route, stages and fields, and adds nothing", () => {
    const flags: SetupFlags = {
      source: "webinar",
      pipeline: "4400",
      status: "61001",
      responsible: "7002",
      onRepeat: "deal",
      dealName: "{name}",
      tag: ["a", "b"],
      stage: ["student.created=4500:62001", "lesson.67=4500:62002"],
      field: ["deal.metadata.a.b=415", "contact.phone=PHONE"],
      minIntervalMs: "500",
    };
    const { request } = orderOf(flags);
    expect(request).toEqual({
      action: "setup",
      settings: { min_interval_ms: 500 },
      routes: [
        {
          source: "webinar",
          pipeline_id: 4400,
          status_id: 61_001,
          responsible_user_id: 7002,
          on_repeat: "deal",
          deal_name: "{name}",
          tags: ["a", "b"],
        },
      ],
      stages: [
        { event: "student.created", pipeline_id: 4500, status_id: 62_001 },
        { event: "lesson.67", pipeline_id: 4500, status_id: 62_002 },
      ],
      fields: [
        { entity: "deal", path: "metadata.a.b", field_id: 415 },
        { entity: "contact", path: "phone", field_code: "PHONE" },
      ],
    });
    expect(SetupRequest.safeParse(request).success).toBe(true);
  });

  it("turns the older variables into rows, and makes the rest of a first setup", () => {
    const environment = {
      AMOCRM_PIPELINE_ID: "4400",
      AMOCRM_TRIPWIRE_PIPELINE_ID: " 4500 ",
      AMOCRM_TRIPWIRE_STAGE_BOUGHT_ID: "62001",
      AMOCRM_STAGE_LESSON_1: "62002",
      AMOCRM_STAGE_LESSON_2: "62003",
      AMOCRM_STAGE_LESSON_3: "62004",
    };
    expect(orderOf({}, environment).request).toEqual({
      action: "setup",
      routes: [{ source: "*", pipeline_id: 4400 }],
      stages: [
        { event: "student.created", pipeline_id: 4500, status_id: 62_001 },
        { event: "lesson.67", pipeline_id: 4500, status_id: 62_002 },
        { event: "lesson.68", pipeline_id: 4500, status_id: 62_003 },
        { event: "lesson.69", pipeline_id: 4500, status_id: 62_004 },
      ],
      marker: true,
      utm: true,
    });
  });

  it("lets a flag win over a variable for the same row, and keeps the others", () => {
    const environment = {
      AMOCRM_PIPELINE_ID: "1",
      AMOCRM_TRIPWIRE_PIPELINE_ID: "2",
      AMOCRM_TRIPWIRE_STAGE_BOUGHT_ID: "3",
      AMOCRM_STAGE_LESSON_1: "4",
    };
    const { request } = orderOf({ pipeline: "4400", stage: ["student.created=4500:62001"] }, environment);
    expect(request.routes).toEqual([{ source: "*", pipeline_id: 4400 }]);
    expect(request.stages).toEqual([
      { event: "student.created", pipeline_id: 4500, status_id: 62_001 },
      { event: "lesson.67", pipeline_id: 2, status_id: 4 },
    ]);
    expect(request.marker).toBeUndefined();
  });

  it("sets only Vault when only Vault is named", () => {
    expect(orderOf({ cronKey: "k" }).request).toEqual({
      action: "setup",
      vault: { functionsUrl: "http://127.0.0.1:54321/functions/v1" },
    });
  });

  it.each([LOCAL, HOSTED])(
    "asks for nothing else where only a token or the account is named: $kind",
    (target) => {
      const flags = { switch: true, monitorToken: true } as const;
      expect(orderOf(flags, {}, target).request).toEqual({
        action: "setup",
        switch: true,
        monitorToken: true,
      });
    },
  );

  it("counts an empty variable as not set", () => {
    expect(orderOf({}, { AMOCRM_PIPELINE_ID: " " }).request.routes).toEqual([
      { source: "*", only_if_absent: true },
    ]);
  });

  it.each<[string, SetupFlags, Record<string, string>, string]>([
    [
      "a word for an id",
      { pipeline: "sales" },
      {},
      '--pipeline must be a positive whole number, not "sales"',
    ],
    ["zero", { pipeline: "0" }, {}, '--pipeline must be a positive whole number, not "0"'],
    ["a negative id", { responsible: "-5" }, {}, '--responsible must be a positive whole number, not "-5"'],
    ["an exponent", { pipeline: "1e3" }, {}, '--pipeline must be a positive whole number, not "1e3"'],
    ["an id beyond exact numbers", { pipeline: "9007199254740993" }, {}, "--pipeline must be"],
    [
      "a fraction",
      { minIntervalMs: "0.5" },
      {},
      '--min-interval-ms must be a positive whole number, not "0.5"',
    ],
    ["a stage alone", { status: "1" }, {}, "--status needs --pipeline"],
    ["an unknown repeat", { onRepeat: "task" }, {}, "--on-repeat must be note, note_and_task, deal"],
    ["a stage without its form", { stage: ["lesson.67"] }, {}, "--stage must be event=pipeline:stage"],
    ["a stage with a bad id", { stage: ["lesson.67=4500:x"] }, {}, "The stage in --stage lesson.67 must be"],
    ["a field without entity", { field: ["metadata.a=5"] }, {}, "--field must be contact.path=field"],
    [
      "a bad variable",
      {},
      { AMOCRM_PIPELINE_ID: "12a" },
      'AMOCRM_PIPELINE_ID must be a positive whole number, not "12a"',
    ],
    [
      "a bad lesson",
      {},
      { AMOCRM_TRIPWIRE_PIPELINE_ID: "1", AMOCRM_STAGE_LESSON_2: "x" },
      "AMOCRM_STAGE_LESSON_2 must be",
    ],
    [
      "a stage variable alone",
      {},
      { AMOCRM_STAGE_LESSON_1: "5" },
      "AMOCRM_STAGE_LESSON_1 is set, but AMOCRM_TRIPWIRE_PIPELINE_ID is not",
    ],
  ])("refuses %s and names the flag or variable", (_, flags, environment, message) => {
    const failure = failureOf(flags, environment);
    expect(failure.exitCode).toBe(2);
    expect(failure.message).toContain(message);
  });
});

describe("setupOrderOf, roads of alerts", () => {
  const URLS = { alertUrl: "https://hooks.example/a", deadManUrl: "https://hc.example/b" };

  it.each([LOCAL, HOSTED])("sets only these when only these are named, and no other key: $kind", (target) => {
    expect(orderOf(URLS, { AMOCRM_CRON_KEY: "k" }, target)).toEqual({
      request: { action: "setup", alerts: URLS },
      notes: [],
    });
    expect(orderOf({ alertUrl: "" }, {}, target).request).toEqual({
      action: "setup",
      alerts: { alertUrl: "" },
    });
  });

  it("takes a hosted project's from its variables, the flag before them, and leaves out what is empty", () => {
    const environment = { AMOCRM_ALERT_URL: URLS.alertUrl, AMOCRM_DEAD_MAN_URL: " " };
    expect(orderOf({}, environment, HOSTED).request.alerts).toEqual({ alertUrl: URLS.alertUrl });
    expect(orderOf({ alertUrl: "" }, environment, HOSTED).request.alerts).toEqual({ alertUrl: "" });
    expect(orderOf({}, environment, LOCAL).request).not.toHaveProperty("alerts");
    expect(orderOf({}, {}, HOSTED).request).not.toHaveProperty("alerts");
  });
});

describe("setupOrderOf, Vault", () => {
  it("gives a hosted project its own address, and never a key: the database has a token of its own", () => {
    const environment = { AMOCRM_CRON_KEY: "sb_secret_cron" };
    const { request, notes } = orderOf({ marker: true }, environment, HOSTED);
    expect(request.vault).toEqual({ functionsUrl: "https://p.supabase.co/functions/v1" });
    expect(notes).toEqual([]);
    expect(JSON.stringify(request)).not.toContain("sb_secret");
  });

  it("takes another address from the variable, and the flag before it; a key is told to be of no effect", () => {
    const environment = { AMOCRM_FUNCTIONS_URL: "https://f.example" };
    expect(orderOf({}, environment, HOSTED).request.vault).toEqual({ functionsUrl: "https://f.example" });
    const byFlag = orderOf(
      { cronKey: "k", functionsUrl: "https://g.example", force: true },
      environment,
      HOSTED,
    );
    expect(byFlag.request.vault).toEqual({ functionsUrl: "https://g.example" });
    expect(byFlag.notes).toEqual([
      { en: expect.stringContaining("--cron-key is of no effect"), ru: expect.any(String) },
    ]);
  });

  it("refuses an address that is not the project's, unless it is meant", () => {
    const functionsUrl = "http://127.0.0.1:9/functions/v1";
    expect(() => orderOf({ functionsUrl }, {}, HOSTED)).toThrow("is not this project's address");
    expect(() => orderOf({ functionsUrl: "nowhere" }, {}, LOCAL)).toThrow("is not this project's address");
    expect(orderOf({ functionsUrl, force: true }, {}, LOCAL).request.vault).toEqual({ functionsUrl });
    const own = `${LOCAL.url}/functions/v1`;
    expect(orderOf({ functionsUrl: own }, {}, LOCAL).request.vault).toEqual({ functionsUrl: own });
  });

  it("leaves a local stack's Vault as the stack set it, whatever the hosted project's variables say", () => {
    const environment = { AMOCRM_CRON_KEY: "sb_secret_cron", AMOCRM_FUNCTIONS_URL: "https://f.example" };
    expect(orderOf({}, environment, LOCAL).request.vault).toBeUndefined();
  });
});
