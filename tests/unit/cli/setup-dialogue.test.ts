import { describe, expect, it } from "vitest";
import { runSetup } from "#cli/commands/setup.ts";
import type { ChoicesAnswer } from "#shared/admin/choices/answer.ts";
import type { AdminRequestInput } from "#shared/admin/request.ts";
import { type Bench, createBench } from "./support/command.ts";
import { CTRL_C, createTypist, DOWN, ENTER, type Line, type Typist } from "./support/typist.ts";

const stage = (id: number, name: string, type: "unsorted" | "open" | "won" | "lost" = "open") => ({
  id,
  name,
  type,
});
const SALES = {
  id: 4400,
  name: "Продажи",
  is_main: true,
  stages: [
    stage(61000, "Неразобранное", "unsorted"),
    stage(61001, "Новая"),
    stage(61002, "Квалификация"),
    stage(142, "Успешно", "won"),
  ],
};
const SCHOOL = {
  id: 4500,
  name: "Школа",
  is_main: false,
  stages: [stage(62001, "Купил"), stage(62002, "Урок 1"), stage(142, "Успешно", "won")],
};
const CHOICES: ChoicesAnswer = {
  reason: null,
  account: {
    pipelines: [SALES, SCHOOL],
    users: [{ id: 7001, name: "Анна" }],
    fields: [
      { entity: "deal", id: 415, name: "Тариф", code: null },
      { entity: "contact", id: 303, name: "Telegram", code: "TG" },
    ],
  },
  events: [
    { event: "student.created", title: "A student was created" },
    { event: "lesson.67", title: "Lesson completed: One" },
  ],
  configured: { routes: [], stages: [], fields: [] },
  alert_roads: [
    { name: "amocrm_alert_url", host: null, problem: "Vault has no secret amocrm_alert_url" },
    { name: "amocrm_dead_man_url", host: "hc.example", problem: null },
  ],
  unset_variables: [],
};
const ROUTE = {
  source: "*",
  pipeline_id: 4500,
  status_id: null,
  responsible_user_id: null,
  tags: ["site"],
  deal_name: "{name}!",
  on_repeat: "note" as const,
};

const ONCE_MORE = "Write this?";
/** Nothing but the lead's place: the shortest way through. */
const SHORT: readonly Line[] = [
  ["Where do leads go that have no place of their own?", ENTER],
  ["In which stage of «Продажи» 4400 do they begin?", ENTER],
  ["Who is responsible for the deals?", ENTER],
  ["What becomes of a further lead", ENTER],
  ["Tags for the deals", ENTER],
  ["Do leads of some source go elsewhere?", ENTER],
  ["Does the school have a pipeline", ENTER],
  ["May deals carry the lead's id", `n${ENTER}`],
  ["Put utm_source", `n${ENTER}`],
  ["Does another value go into a field?", ENTER],
];

interface Talk extends Bench, Typist {
  setup(): Promise<number>;
  written(): AdminRequestInput | undefined;
}

function talk(script: readonly Line[], choices: ChoicesAnswer = CHOICES): Talk {
  const bench = createBench({
    answer: (request) => (request.action === "choices" ? choices : { ok: true, steps: [] }),
  });
  bench.context.target.kind = "local";
  const typist = createTypist(script);
  return {
    ...bench,
    ...typist,
    setup: () => runSetup({}, bench.context, { prompts: typist.prompts, terminal: bench.terminal }),
    written: () => bench.asked.find(({ action }) => action === "setup"),
  };
}

describe("setup at a terminal", () => {
  it("asks by names, shows what it will write, and writes it after one more yes", async () => {
    const { setup, written, stdout, unasked, screen } = talk([
      ["Where do leads go that have no place of their own?", ENTER],
      ["In which stage of «Продажи» 4400 do they begin?", DOWN + ENTER],
      ["Who is responsible for the deals?", DOWN + ENTER],
      ["What becomes of a further lead", DOWN + DOWN + ENTER],
      ["Tags for the deals", `site, lead,${ENTER}`],
      ["Do leads of some source go elsewhere?", `y${ENTER}`],
      ["Which source?", `webinar${ENTER}`],
      ["Where do leads of webinar go?", DOWN + ENTER],
      ["In which stage of «Школа» 4500 do they begin?", ENTER],
      ["Who is responsible for the deals?", ENTER],
      ["What becomes of a further lead", ENTER],
      ["Tags for the deals", ENTER],
      ["Another source?", ENTER],
      ["Does the school have a pipeline", `y${ENTER}`],
      ["Which pipeline is that of the school?", DOWN + ENTER],
      ["A student was created (student.created)", DOWN + ENTER],
      ["Lesson completed: One (lesson.67)", ENTER],
      ["May deals carry the lead's id", ENTER],
      ["Put utm_source", ENTER],
      ["Does another value go into a field?", `y${ENTER}`],
      ["Which value?", `Tariff${ENTER}`],
      ["A column such as source, or metadata.a.b", `\x15metadata.tariff${ENTER}`],
      ["Into which field?", "тар"],
      ["тар", ENTER],
      ["Another one?", ENTER],
      [ONCE_MORE, ENTER],
    ]);
    expect(await setup()).toBe(0);
    expect(unasked()).toEqual([]);
    expect(screen()).toContain("Новая → Квалификация");
    expect(written()).toEqual({
      action: "setup",
      routes: [
        {
          source: "*",
          pipeline_id: 4400,
          status_id: 61001,
          responsible_user_id: 7001,
          on_repeat: "deal",
          tags: ["site", "lead"],
        },
        {
          source: "webinar",
          pipeline_id: 4500,
          status_id: null,
          responsible_user_id: null,
          on_repeat: "note",
          tags: [],
        },
      ],
      stages: [{ event: "student.created", pipeline_id: 4500, status_id: 62001 }],
      fields: [{ entity: "deal", path: "metadata.tariff", field_id: 415 }],
      marker: true,
      utm: true,
    });
    expect(stdout()).toContain(
      `
what                        how
route *                     «Продажи» 4400, «Новая» 61001; responsible Анна; on repeat deal; tags site, lead
route webinar               «Школа» 4500, first stage; on repeat note
stage student.created       «Школа» 4500, «Купил» 62001
field deal.metadata.tariff  «Тариф» 415
marker                      the deal field with the lead's id, made if it is missing
utm                         utm_source … utm_term into the deal fields of those codes
`,
    );
  });

  it("writes nothing when the last answer is no", async () => {
    const { setup, written, stdout } = talk([...SHORT, [ONCE_MORE, `n${ENTER}`]]);
    expect(await setup()).toBe(0);
    expect(written()).toBeUndefined();
    expect(stdout()).toContain("Nothing was written.");
  });

  it("writes nothing after Ctrl-C at any question", async () => {
    const { setup, written } = talk([...SHORT.slice(0, 4), ["Tags for the deals", CTRL_C]]);
    await expect(setup()).rejects.toMatchObject({ code: "interrupted", exitCode: 130 });
    expect(written()).toBeUndefined();
  });

  it("leaves a route that is there alone, unless it is to change", async () => {
    const configured = { routes: [ROUTE], stages: [], fields: [] };
    const rest = SHORT.slice(5);
    const kept = talk([["go to «Школа». Change that?", ENTER], ...rest, [ONCE_MORE, ENTER]], {
      ...CHOICES,
      configured,
    });
    expect(await kept.setup()).toBe(0);
    expect(kept.written()).toEqual({ action: "setup" });

    const changed = talk(
      [
        ["Change that?", `y${ENTER}`],
        ["Where do leads go that have no place", ENTER],
        ["In which stage of «Школа» 4500", DOWN + ENTER],
        ...SHORT.slice(2),
        [ONCE_MORE, ENTER],
      ],
      { ...CHOICES, configured },
    );
    await changed.setup();
    expect(changed.written()).toMatchObject({
      routes: [{ pipeline_id: 4500, status_id: 62001, tags: ["site"], deal_name: "{name}!" }],
    });
  });

  it("asks once where alerts go around the functions where no road is there, and shows the host only", async () => {
    const alert_roads = CHOICES.alert_roads.map((road) => ({ ...road, host: null }));
    const question = "Where to post when the functions are down";
    const given = talk(
      [
        ...SHORT,
        [question, `http://hooks.example/T0${ENTER}`],
        ["must be an https URL", `\x15https://hooks.example/T0/token${ENTER}`],
        [ONCE_MORE, ENTER],
      ],
      { ...CHOICES, alert_roads },
    );
    expect(await given.setup()).toBe(0);
    expect(given.written()).toMatchObject({ alerts: { alertUrl: "https://hooks.example/T0/token" } });
    expect(given.stdout()).toMatch(/alert address +hooks\.example\n/);
    expect(given.stdout()).not.toContain("token");

    const left = talk([...SHORT, [question, ENTER], [ONCE_MORE, ENTER]], { ...CHOICES, alert_roads });
    expect(await left.setup()).toBe(0);
    expect(left.written()).not.toHaveProperty("alerts");
  });

  it("proposes what the older variables name", async () => {
    const { setup, written, context } = talk([
      ["Where do leads go", ENTER],
      ["In which stage of «Школа» 4500", ENTER],
      ...SHORT.slice(2, 6),
      ["Does the school have a pipeline", ENTER],
      ["Which pipeline is that of the school?", ENTER],
      ["(student.created)", ENTER],
      ["(lesson.67)", ENTER],
      ...SHORT.slice(7),
      [ONCE_MORE, ENTER],
    ]);
    context.environment = {
      AMOCRM_PIPELINE_ID: "4500",
      AMOCRM_TRIPWIRE_PIPELINE_ID: "4500",
      AMOCRM_TRIPWIRE_STAGE_BOUGHT_ID: "62001",
      AMOCRM_STAGE_LESSON_1: "62002",
    };
    await setup();
    expect(written()).toMatchObject({
      routes: [{ source: "*", pipeline_id: 4500 }],
      stages: [
        { event: "student.created", pipeline_id: 4500, status_id: 62001 },
        { event: "lesson.67", pipeline_id: 4500, status_id: 62002 },
      ],
    });
  });

  it("says that there is nothing to choose from when amoCRM cannot be asked", async () => {
    const { setup } = talk([], { ...CHOICES, account: null, reason: "AMOCRM_ACCESS_TOKEN is not set" });
    await expect(setup()).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining("AMOCRM_ACCESS_TOKEN is not set"),
      remedy: expect.stringContaining("setup --yes"),
    });
  });
});

describe("setup without questions", () => {
  it.each([
    ["--yes", { yes: true }, {}],
    ["a flag", { marker: true }, {}],
    ["--json", {}, { isJson: true }],
  ] as const)("asks nothing with %s, also at a terminal", async (_, flags, options) => {
    const { context, terminal, asked } = createBench({
      answer: () => ({ ok: true, steps: [] }),
      ...options,
    });
    const { prompts } = createTypist([]);
    expect(await runSetup({ ...flags }, context, { prompts, terminal })).toBe(0);
    expect(asked.map(({ action }) => action)).toEqual(["setup"]);
    expect(asked[0]).toMatchObject({ marker: true });
    expect(asked[0]).not.toHaveProperty("yes");
  });

  it("asks nothing where there is no terminal", async () => {
    const { context, asked } = createBench({ answer: () => ({ ok: true, steps: [] }) });
    await runSetup({}, context, null);
    expect(asked.map(({ action }) => action)).toEqual(["setup"]);
  });
});
