import type { Pipeline } from "../../amocrm/api.ts";
import type { Route } from "../../amocrm/configuration.ts";
import type { Catalog } from "../account/catalog.ts";
import {
  type Comer,
  FIRST_EVENT,
  named,
  type Place,
  placeCaution,
  placeProblem,
  responsibleProblem,
} from "../account/verify.ts";
import type { Step } from "../answer.ts";
import type { AdminStore, Configured, StageRow } from "../port.ts";
import type { SetupRequest } from "../request.ts";
import { writeRow } from "./setup-row.ts";

type RouteInput = NonNullable<SetupRequest["routes"]>[number];

/** Writes routes: pipeline, stage and responsible user must exist in the account. */
export async function saveRoutes(
  routes: readonly RouteInput[],
  configured: Configured,
  catalog: Catalog,
  store: AdminStore,
): Promise<Step[]> {
  const steps: Step[] = [];
  for (const { only_if_absent, ...wanted } of routes) {
    const step = `route ${wanted.source}`;
    const present = configured.routes.find(({ source }) => source === wanted.source);
    if (only_if_absent && present !== undefined) {
      steps.push({
        step,
        outcome: "unchanged",
        detail: `Kept as it is: ${await routeWords(present, catalog)}`,
      });
      continue;
    }
    const place = await checkPlace(wanted, "new", catalog);
    const user = await checkResponsible(wanted.responsible_user_id, catalog);
    steps.push(
      await writeRow<Route>({
        step,
        wanted,
        present,
        problem: place.problem ?? user.problem,
        doubt: place.doubt ?? user.doubt,
        caution: placeCaution(wanted, "new"),
        words: await routeWords(wanted, catalog),
        save: (row) => store.saveRoute(row),
      }),
    );
  }
  return steps;
}

/** Writes which stage an event moves a deal to; pipeline and stage must exist in the account. */
export async function saveStages(
  stages: readonly StageRow[],
  configured: Configured,
  catalog: Catalog,
  store: AdminStore,
): Promise<Step[]> {
  const steps: Step[] = [];
  for (const wanted of stages) {
    steps.push(
      await writeRow<StageRow>({
        step: `stage ${wanted.event}`,
        wanted,
        present: configured.stages.find(({ event }) => event === wanted.event),
        ...(await checkPlace(wanted, wanted.event === FIRST_EVENT ? "new" : "moved", catalog)),
        words: placeWords(wanted, await knownPipelines(catalog)),
        save: (row) => store.saveStage(row),
      }),
    );
  }
  return steps;
}

interface Check {
  problem: string | null;
  doubt: string | null;
}

async function checkPlace(place: Place, comer: Comer, catalog: Catalog): Promise<Check> {
  const asked = await catalog.pipelines();
  return asked.ok
    ? { problem: placeProblem(place, asked.value, comer), doubt: null }
    : { problem: null, doubt: asked.reason };
}

async function checkResponsible(userId: number | null, catalog: Catalog): Promise<Check> {
  if (userId === null) return { problem: null, doubt: null };
  const asked = await catalog.users();
  return asked.ok
    ? { problem: responsibleProblem(userId, asked.value), doubt: null }
    : { problem: null, doubt: `user ${userId} could not be looked up: ${asked.reason}` };
}

async function knownPipelines(catalog: Catalog): Promise<readonly Pipeline[]> {
  const asked = await catalog.pipelines();
  return asked.ok ? asked.value : [];
}

async function routeWords(route: Route, catalog: Catalog): Promise<string> {
  const words = [placeWords(route, await knownPipelines(catalog))];
  if (route.responsible_user_id !== null) words.push(`responsible user ${route.responsible_user_id}`);
  if (route.tags.length > 0) words.push(`tags ${route.tags.join(", ")}`);
  words.push(`named ${route.deal_name}`, `on repeat ${route.on_repeat}`);
  return words.join("; ");
}

function placeWords({ pipeline_id, status_id }: Place, pipelines: readonly Pipeline[]): string {
  const pipeline = pipelines.find(({ id, isMain }) => (pipeline_id === null ? isMain : id === pipeline_id));
  const where =
    pipeline_id === null
      ? `main pipeline${pipeline === undefined ? "" : ` ${named(pipeline)}`}`
      : `pipeline ${pipeline === undefined ? pipeline_id : named(pipeline)}`;
  if (status_id === null) return `${where}, first stage`;
  const stage = pipeline?.stages.find(({ id }) => id === status_id);
  return `${where}, stage ${stage === undefined ? status_id : named(stage)}`;
}
