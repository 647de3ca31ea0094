import type { World } from "../account/world.ts";
import type { Answer } from "../http.ts";
import type { Call, Route } from "./call.ts";
import { problemText } from "./problem.ts";
import { accountRoutes } from "./routes-account.ts";
import { companyRoutes } from "./routes-companies.ts";
import { complexRoutes } from "./routes-complex.ts";
import { contactRoutes } from "./routes-contacts.ts";
import { customFieldRoutes } from "./routes-custom-fields.ts";
import { eventRoutes } from "./routes-events.ts";
import { leadRoutes } from "./routes-leads.ts";
import { linkRoutes } from "./routes-links.ts";
import { noteRoutes } from "./routes-notes.ts";
import { tagRoutes } from "./routes-tags.ts";
import { taskRoutes } from "./routes-tasks.ts";
import { webhookRoutes } from "./routes-webhooks.ts";

/** Fixed paths stand before those with parameters, so `/leads/complex` is not taken for a deal's id. */
const ROUTES: Route[] = [
  ...accountRoutes,
  ...complexRoutes,
  ...customFieldRoutes,
  ...noteRoutes,
  ...tagRoutes,
  ...linkRoutes,
  ...contactRoutes,
  ...leadRoutes,
  ...companyRoutes,
  ...taskRoutes,
  ...eventRoutes,
  ...webhookRoutes,
];

const COMPILED = ROUTES.map((route) => ({ route, steps: route.pattern.split("/") }));

/** Sends an authorised call to its route; 404 for an unknown path, 405 for a known one with another method. */
export function dispatch(world: World, call: Omit<Call, "params">): Answer {
  const steps = call.url.pathname.replace(/\/$/, "").split("/");
  let knownPattern: string | undefined;
  for (const { route, steps: pattern } of COMPILED) {
    // The first pattern that fits is the path's own: GET /leads/complex must not fall through to /leads/:id.
    if (knownPattern !== undefined && knownPattern !== route.pattern) continue;
    const params = matchSteps(pattern, steps);
    if (params === undefined) continue;
    knownPattern = route.pattern;
    if (route.method === call.method) return route.handle(world, { ...call, params });
  }
  return knownPattern !== undefined
    ? problemText(world.settings, 405, "methodNotAllowed")
    : problemText(world.settings, 404, "notFound");
}

function matchSteps(pattern: string[], steps: string[]): Record<string, string> | undefined {
  if (pattern.length !== steps.length) return undefined;
  const params: Record<string, string> = {};
  for (const [position, wanted] of pattern.entries()) {
    const step = steps[position] ?? "";
    if (wanted.startsWith(":")) params[wanted.slice(1)] = step;
    else if (wanted !== step) return undefined;
  }
  return params;
}
