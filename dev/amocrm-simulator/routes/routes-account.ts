import type { World } from "../account/world.ts";
import type { Answer } from "../http.ts";
import type { Call, Route } from "./call.ts";
import { idParam } from "./call.ts";
import { listAnswer } from "./list-page.ts";
import { presentPipeline, presentStage, presentUser } from "./present.ts";
import { emptyAnswer, halAnswer, problemText } from "./problem.ts";
import { withValues } from "./query-tree.ts";

export const accountRoutes: Route[] = [
  { method: "GET", pattern: "/api/v4/account", handle: getAccount },
  { method: "GET", pattern: "/api/v4/users", handle: listUsers },
  { method: "GET", pattern: "/api/v4/users/:id", handle: getUser },
  { method: "GET", pattern: "/api/v4/leads/pipelines", handle: listPipelines },
  { method: "GET", pattern: "/api/v4/leads/pipelines/:id", handle: getPipeline },
  { method: "GET", pattern: "/api/v4/leads/pipelines/:id/statuses", handle: listStages },
  { method: "GET", pattern: "/api/v4/leads/pipelines/:id/statuses/:statusId", handle: getStage },
];

function viewOf(call: Call): { origin: string; with: Set<string> } {
  return { origin: call.url.origin, with: withValues(call.query) };
}

function getAccount(world: World, call: Call): Answer {
  const { account } = world.store.seed;
  const view = viewOf(call);
  const extras: Record<string, unknown> = {
    amojo_id: "f3c6340d-0000-4000-8000-000000000001",
    amojo_rights: { can_direct: true, can_create_groups: true },
    version: 12,
    drive_url: "https://drive-sim.amocrm.ru",
    is_api_filter_enabled: world.settings.lists.is_api_filter_enabled,
  };
  const embeds: Record<string, unknown> = {
    users_groups: [{ id: 0, name: "Отдел продаж", uuid: null }],
    task_types: [
      { id: 1, name: "Связаться", color: null, icon_id: null, code: "FOLLOW_UP" },
      { id: 2, name: "Встреча", color: null, icon_id: null, code: "MEETING" },
    ],
    datetime_settings: {
      date_pattern: "d.m.Y H:i",
      time_format: "H:i",
      timezone: "Europe/Moscow",
      timezone_offset: "+03:00",
    },
  };
  const pick = (all: Record<string, unknown>) => Object.entries(all).filter(([key]) => view.with.has(key));
  return halAnswer({
    id: account.id,
    name: account.name,
    subdomain: account.subdomain,
    created_at: 1_600_000_000,
    created_by: 0,
    updated_at: 1_600_000_000,
    updated_by: 0,
    current_user_id: call.userId,
    country: "RU",
    currency: "RUB",
    currency_symbol: "₽",
    customers_mode: "unavailable",
    is_unsorted_on: true,
    mobile_feature_version: 0,
    is_loss_reason_enabled: true,
    is_helpbot_enabled: false,
    is_technical_account: false,
    contact_name_display_order: 1,
    ...Object.fromEntries(pick(extras)),
    _links: { self: { href: `${view.origin}/api/v4/account` } },
    _embedded: Object.fromEntries(pick(embeds)),
  });
}

function listUsers(world: World, call: Call): Answer {
  const view = viewOf(call);
  return listAnswer(world, call, {
    name: "users",
    rows: world.store.seed.users,
    orderKeys: [],
    hasTotal: true,
    present: (user) => presentUser(user, view),
  });
}

function getUser(world: World, call: Call): Answer {
  const user = world.store.seed.users.find(({ id }) => id === idParam(call, "id"));
  return user === undefined ? emptyAnswer() : halAnswer(presentUser(user, viewOf(call)));
}

function listPipelines(world: World, call: Call): Answer {
  const { store } = world;
  const view = viewOf(call);
  const shown = store.seed.pipelines.filter((pipeline) => !pipeline.is_archive);
  return halAnswer({
    _total_items: shown.length,
    _links: { self: { href: call.url.href } },
    _embedded: { pipelines: shown.map((pipeline) => presentPipeline(store, pipeline, view)) },
  });
}

function getPipeline(world: World, call: Call): Answer {
  const pipeline = world.store.pipeline(idParam(call, "id"));
  if (pipeline === undefined) return problemText(world.settings, 404, "notFound");
  return halAnswer(presentPipeline(world.store, pipeline, viewOf(call)));
}

/** An unknown parent is 404 with JSON, unlike an unknown entity (amocrm-api 3.1). */
function listStages(world: World, call: Call): Answer {
  const pipeline = world.store.pipeline(idParam(call, "id"));
  if (pipeline === undefined) return problemText(world.settings, 404, "notFound");
  const view = viewOf(call);
  return halAnswer({
    _total_items: pipeline.stages.length,
    _embedded: {
      statuses: pipeline.stages.map((stage) => presentStage(world.store, { pipeline, stage }, view)),
    },
  });
}

function getStage(world: World, call: Call): Answer {
  const pipeline = world.store.pipeline(idParam(call, "id"));
  const stage = pipeline?.stages.find(({ id }) => id === idParam(call, "statusId"));
  if (pipeline === undefined || stage === undefined) return problemText(world.settings, 404, "notFound");
  return halAnswer(presentStage(world.store, { pipeline, stage }, viewOf(call)));
}
