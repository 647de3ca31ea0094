import { make } from "../kit/element.ts";
import { auditCard } from "./audit.ts";
import type { Desk } from "./desk.ts";
import { button, card, choice, field, table } from "./pieces.ts";
import { fieldsCard } from "./settings-fields.ts";
import { type Column, settingsForm } from "./settings-form.ts";
import { sequenceCards } from "./settings-sequences.ts";
import { Settings } from "./shapes-of-settings.ts";

const PACE: readonly Column[] = [
  ...[
    "min_interval_ms",
    "batch_size",
    "patch_batch_size",
    "max_attempts",
    "pull_interval_seconds",
    "keep_delivered_days",
    "keep_requests_days",
  ].map((name) => ({ name, type: "number" as const })),
  { name: "allow_stage_backwards", type: "flag" },
];
const LIMITS: readonly Column[] = [
  { name: "is_enabled", type: "flag", isNullable: true },
  ...[
    "per_address_count",
    "per_address_seconds",
    "fair_count",
    "total_count",
    "flood_count",
    "total_seconds",
    "rows_per_request",
    "quarantine_mb",
  ].map((name) => ({ name, type: "number" as const })),
  { name: "has_honeypot", type: "flag" },
  { name: "requires_captcha", type: "flag" },
];
const MAILS: readonly Column[] = [
  { name: "course_name", type: "text" },
  { name: "language", type: "language" },
  { name: "alert_language", type: "language", isNullable: true },
  { name: "time_zone", type: "text" },
  { name: "quiet_from", type: "time", isNullable: true },
  { name: "quiet_until", type: "time", isNullable: true },
  { name: "sms_quiet_from", type: "time", isNullable: true },
  { name: "sms_quiet_until", type: "time", isNullable: true },
  { name: "daily_cap", type: "number", isNullable: true },
  { name: "weekly_cap", type: "number", isNullable: true },
  { name: "requires_consent", type: "flag" },
  { name: "mails_per_hour", type: "number", isNullable: true },
  { name: "sms_per_hour", type: "number" },
  { name: "sms_per_day", type: "number" },
];

/** Settings with the account's own names; an admin changes them, a viewer sees them. */
export async function showSettings(desk: Desk): Promise<Node[]> {
  const told = await desk.call("amocrm_settings_now", {}, Settings);
  const { texts } = desk;
  return [
    ...(desk.mayChange ? [] : [make("p", "notice", texts.viewerOnly)]),
    ...(told.pipelines.length === 0 ? [make("p", "notice", texts.noPipelines)] : []),
    card(texts.paceSettings, [], settingsForm(desk, told.settings, PACE, "amocrm_change_settings")),
    card(
      texts.routes,
      [],
      places(
        desk,
        told,
        { title: texts.routes, first: texts.source },
        told.routes.map((route) => ({ ...route, name: route.source })),
        "amocrm_set_route",
        "p_source",
      ),
      ...addRoute(desk, told),
    ),
    card(
      texts.stages,
      [],
      places(
        desk,
        told,
        { title: texts.stages, first: texts.event },
        told.stages.map((stage) => ({ ...stage, name: stage.event })),
        "amocrm_set_stage",
        "p_event",
      ),
      ...addStage(desk, told),
    ),
    fieldsCard(desk, told),
    card(texts.limits, [], settingsForm(desk, told.limits, LIMITS, "amocrm_change_form_limits")),
    card(
      texts.mailSettings,
      [],
      make("p", "soft small", texts.emptyIsNone),
      settingsForm(desk, told.message_settings, MAILS, "message_change_settings"),
    ),
    ...sequenceCards(desk, told),
    await auditCard(desk),
  ];
}

interface Row {
  name: string;
  pipeline_id: number | null;
  status_id: number | null;
}

/** Where something goes, chosen from the account's own pipelines and stages. */
function places(
  desk: Desk,
  told: Settings,
  { title, first }: { title: string; first: string },
  rows: readonly Row[],
  change: string,
  argument: string,
): HTMLElement {
  const { texts } = desk;
  if (rows.length === 0) return make("p", "soft", texts.noneYet);
  const columns = [
    { name: first, isWhole: true },
    { name: texts.pipeline, isWhole: true },
    { name: texts.stage, isWhole: true },
    { name: "", isWhole: true },
  ];
  return table(
    title,
    columns,
    rows.map((row) => {
      const { pipeline, stage } = placeFields(desk, told, row);
      return [
        row.name,
        pipeline,
        stage,
        desk.mayChange
          ? saveButton(texts.save, row.name, () =>
              savePlace(desk, change, argument, row.name, pipeline, stage),
            )
          : "",
      ];
    }),
  );
}

/** Many buttons say the same, so each is named by its row as well. */
function saveButton(words: string, name: string, onPress: () => void): HTMLButtonElement {
  const made = button(words, "", onPress);
  made.ariaLabel = `${words}: ${name}`;
  return made;
}

function placeFields(
  desk: Desk,
  told: Settings,
  row: Row,
): { pipeline: HTMLSelectElement; stage: HTMLSelectElement } {
  const { texts } = desk;
  const unknown = (id: number): string => texts.unknownPlace.replace("{id}", String(id));
  const isKnown = told.pipelines.some(({ id }) => id === row.pipeline_id);
  const pipeline = choice(
    [
      ...(row.pipeline_id === null
        ? [["", texts.mainPipeline] as const]
        : isKnown
          ? []
          : [[String(row.pipeline_id), unknown(row.pipeline_id)] as const]),
      ...told.pipelines.map(({ id, name }) => [String(id), name] as const),
    ],
    String(row.pipeline_id ?? ""),
  );
  pipeline.ariaLabel = `${texts.pipeline}: ${row.name}`;
  const stage = choice([], "");
  stage.ariaLabel = `${texts.stage}: ${row.name}`;
  const fill = (chosen: number | null): void => {
    const stages = told.pipelines.find(({ id }) => String(id) === pipeline.value)?.stages ?? [];
    const isThere = chosen === null || stages.some(({ id }) => id === chosen);
    const options = [
      ["", texts.firstStage] as const,
      ...(isThere ? [] : [[String(chosen), unknown(chosen)] as const]),
      ...stages.map(({ id, name }) => [String(id), name] as const),
    ];
    stage.replaceChildren(...choice(options, String(chosen ?? "")).children);
    stage.value = String(chosen ?? "");
  };
  fill(row.status_id);
  pipeline.addEventListener("change", () => fill(null));
  for (const select of [pipeline, stage]) select.disabled = !desk.mayChange;
  return { pipeline, stage };
}

async function savePlace(
  desk: Desk,
  change: string,
  argument: string,
  name: string,
  pipeline: HTMLSelectElement,
  stage: HTMLSelectElement,
): Promise<void> {
  await desk.act(change, {
    [argument]: name,
    p_pipeline_id: pipeline.value === "" ? null : Number(pipeline.value),
    p_status_id: stage.value === "" ? null : Number(stage.value),
  });
}

const mainOf = ({ pipelines }: Settings) => pipelines.find(({ is_main: isMain }) => isMain) ?? pipelines[0];

function addRoute(desk: Desk, told: Settings): HTMLElement[] {
  const { texts } = desk;
  const main = mainOf(told);
  if (!desk.mayChange || main === undefined) return [];
  const known = told.routes.map(({ source }) => source);
  const source = choice(
    [...told.sources, "*"]
      .filter((one) => !known.includes(one))
      .map((one) => [one, one === "*" ? `* (${texts.all})` : one]),
    "",
  );
  if (source.options.length === 0) return [];
  const { pipeline, stage } = placeFields(desk, told, {
    name: texts.addRoute,
    pipeline_id: main.id,
    status_id: null,
  });
  return [
    make("h3", "", texts.addRoute),
    make(
      "div",
      "filters",
      field(texts.source, source),
      pipeline,
      stage,
      button(
        texts.addRoute,
        "main",
        () => void savePlace(desk, "amocrm_set_route", "p_source", source.value, pipeline, stage),
      ),
    ),
  ];
}

/** What moves a student's deal and has no stage yet; a lesson is named by its number. */
function addStage(desk: Desk, told: Settings): HTMLElement[] {
  const { texts } = desk;
  const main = mainOf(told);
  if (!desk.mayChange || main === undefined) return [];
  const event = document.createElement("input");
  event.placeholder = texts.eventHint;
  event.autocapitalize = "off";
  const { pipeline, stage } = placeFields(desk, told, {
    name: texts.addStage,
    pipeline_id: main.id,
    status_id: main.stages[0]?.id ?? null,
  });
  return [
    make("h3", "", texts.addStage),
    make(
      "div",
      "filters",
      field(texts.event, event),
      pipeline,
      stage,
      button(
        texts.addStage,
        "main",
        () => void savePlace(desk, "amocrm_set_stage", "p_event", event.value.trim(), pipeline, stage),
      ),
    ),
  ];
}
