import type { World } from "../account/world.ts";
import type { Answer } from "../http.ts";
import type { Call, Route } from "./call.ts";
import { emptyAnswer, halAnswer, problemText, validationAnswer } from "./problem.ts";
import { branch, scalars } from "./query-tree.ts";

const PATTERN = "/api/v4/webhooks";
const EVENTS = new Set(
  ["lead", "contact", "company"].flatMap((entity) =>
    ["add", "update", "delete", "restore", "responsible", "note", "status"]
      .filter((action) => action !== "status" || entity === "lead")
      .map((action) => `${action}_${entity}`),
  ),
);

/** The management of webhooks (amocrm-api 3.10), for administrators of accounts whose plan has them. */
export const webhookRoutes: Route[] = [
  { method: "GET", pattern: PATTERN, handle: guarded(list) },
  { method: "POST", pattern: PATTERN, handle: guarded(subscribe) },
  { method: "DELETE", pattern: PATTERN, handle: guarded(unsubscribe) },
];

function guarded(handle: Route["handle"]): Route["handle"] {
  return (world, call) => {
    const { refusal } = world.settings.hooks;
    if (refusal === 402) return problemText(world.settings, 402, "unpaid");
    const isAdmin = world.store.seed.users.find(({ id }) => id === call.userId)?.is_admin === true;
    return refusal === 403 || !isAdmin ? problemText(world.settings, 403, "forbidden") : handle(world, call);
  };
}

function list(world: World, call: Call): Answer {
  const wanted = scalars(branch(call.query, "filter"), "destination");
  const webhooks = world.hooks
    .list()
    .filter(({ destination }) => wanted.length === 0 || wanted.includes(destination));
  return webhooks.length === 0
    ? emptyAnswer()
    : halAnswer({ _total_items: webhooks.length, _embedded: { webhooks } });
}

function subscribe(world: World, call: Call): Answer {
  const { destination, settings, sort } = sent(call);
  if (typeof destination !== "string" || !URL.canParse(destination) || destination.length > 2048)
    return invalid(world, "InvalidValue", "destination");
  const isKnown = (event: unknown) => typeof event === "string" && EVENTS.has(event);
  if (!Array.isArray(settings) || settings.length === 0 || !settings.every(isKnown))
    return invalid(world, "NotSupportedChoice", "settings.0");
  const order = typeof sort === "number" ? sort : 10;
  const made = world.hooks.subscribe(destination, settings as string[], order, call.userId);
  return halAnswer(made, world.settings.hooks.post_status);
}

function unsubscribe(world: World, call: Call): Answer {
  const { destination } = sent(call);
  if (typeof destination !== "string") return invalid(world, "FieldMissing", "destination");
  return world.hooks.unsubscribe(destination) ? emptyAnswer() : problemText(world.settings, 404, "notFound");
}

function sent({ body }: Call): Record<string, unknown> {
  return body.kind === "json" && typeof body.value === "object" && body.value !== null
    ? (body.value as Record<string, unknown>)
    : {};
}

function invalid(world: World, code: "InvalidValue" | "NotSupportedChoice" | "FieldMissing", path: string) {
  return validationAnswer(world.settings, [{ requestId: "0", issues: [{ code, path }] }]);
}
