import { LOST_STATUS_ID, type Pipeline, type User, WON_STATUS_ID } from "../../amocrm/api.ts";
import type { Catalog } from "../account/catalog.ts";
import { FIRST_EVENT, named } from "../account/verify.ts";
import type { DoctorFacts } from "./facts.ts";
import { type Finding, finding } from "./finding.ts";
import { type Choice, nearest } from "./suggestions.ts";

/** A row of ours that names a pipeline and perhaps a stage, as it is shown and found in SQL. */
interface Row {
  table: "amocrm_routes" | "amocrm_stages";
  row: string;
  where: string;
  pipelineId: number | null;
  statusId: number | null;
  /** New deals begin there. */
  makesDeals: boolean;
  /** What the row is about; a pipeline or stage of that name is probably meant. */
  about: string;
}

/** Whether leads have somewhere to go: what can be told without asking amoCRM. */
export function checkRoutes({ configuration: { routes } }: DoctorFacts): Finding[] {
  if (routes.length === 0) return [finding("routes_none")];
  return routes.some(({ source }) => source === "*") ? [] : [finding("route_for_rest_missing")];
}

/** Whether every pipeline, stage and responsible user that our tables name exists in the account. */
export async function checkPlaces(facts: DoctorFacts, catalog: Catalog): Promise<Finding[]> {
  const { routes, stages } = facts.configuration;
  const rows = [...routes.map(rowOfRoute), ...stages.map(rowOfStage)];
  if (rows.length === 0) return [];
  const asked = await catalog.pipelines();
  if (!asked.ok) return [finding("places_unasked")];
  const findings = rows.flatMap((row) => checkPlace(row, asked.value, facts));
  findings.push(...(await checkUsers(facts, catalog)));
  return findings.length === 0
    ? [finding("places_ok", { routes: routes.length, stages: stages.length })]
    : findings;
}

function checkPlace(row: Row, pipelines: readonly Pipeline[], facts: DoctorFacts): Finding[] {
  const { pipelineId, statusId, about } = row;
  const told = { row: row.row, table: row.table, where: row.where };
  const open = pipelines.filter(({ isArchive }) => !isArchive);
  const known = facts.configuration.pipelines.find(({ pipeline_id: id }) => id === pipelineId);
  if (pipelineId === null) {
    if (open.some(({ isMain }) => isMain)) return [];
    return [
      finding("place_no_main", { row: row.row, where: row.where, near: nearest([about], open.map(choice)) }),
    ];
  }
  const near = nearest([known?.name, about], open.map(choice));
  const pipeline = pipelines.find(({ id }) => id === pipelineId);
  if (pipeline === undefined) return [finding("place_no_pipeline", { ...told, id: pipelineId, near })];
  if (pipeline.isArchive) return [finding("place_archived", { ...told, pipeline: named(pipeline), near })];
  if (statusId === null) return [];

  const stage = pipeline.stages.find(({ id }) => id === statusId);
  if (stage !== undefined) {
    const fit = pipeline.stages.filter(({ id, isUnsorted }) => !isUnsorted && id !== LOST_STATUS_ID);
    const near = nearest([about], fit.map(choice));
    if (stage.isUnsorted) return [finding("place_unsorted", { ...told, stage: named(stage), near })];
    if (!row.makesDeals) return [];
    if (statusId === LOST_STATUS_ID) return [finding("place_lost", { ...told, stage: named(stage), near })];
    // A stage of the school may close a deal; a new deal that is closed at once is hardly what anybody wants.
    return statusId === WON_STATUS_ID ? [finding("place_closed", { row: row.row, stage: named(stage) })] : [];
  }
  const other = open.find(({ stages }) => stages.some(({ id }) => id === statusId));
  if (other !== undefined) {
    const there = other.stages.find(({ id }) => id === statusId);
    const shown = { stage: there === undefined ? statusId : named(there), pipeline: named(pipeline) };
    return [finding("place_stage_elsewhere", { ...told, ...shown, other: named(other), otherId: other.id })];
  }
  const knownStage = known?.stages.find(({ id }) => id === statusId);
  const stages = nearest(
    [knownStage?.name, about],
    pipeline.stages.filter(({ isUnsorted }) => !isUnsorted).map(choice),
  );
  return [finding("place_no_stage", { ...told, id: statusId, pipeline: named(pipeline), near: stages })];
}

async function checkUsers({ configuration: { routes } }: DoctorFacts, catalog: Catalog): Promise<Finding[]> {
  const wanted = routes.flatMap((route) =>
    route.responsible_user_id === null ? [] : [{ ...rowOfRoute(route), id: route.responsible_user_id }],
  );
  if (wanted.length === 0) return [];
  const asked = await catalog.users();
  if (!asked.ok) return [finding("users_unasked")];
  return wanted.flatMap(({ row, where, about, id }) => {
    const user = asked.value.find((one) => one.id === id);
    if (user?.isActive === true) return [];
    const near = nearest([user?.name, about], asked.value.filter(({ isActive }) => isActive).map(choice));
    return user === undefined
      ? [finding("user_missing", { row, where, id, near })]
      : [finding("user_off", { row, where, user: named(user), near })];
  });
}

function rowOfRoute(route: DoctorFacts["configuration"]["routes"][number]): Row {
  const { source, pipeline_id: pipelineId, status_id: statusId } = route;
  return {
    table: "amocrm_routes",
    row: `amocrm_routes «${source}»`,
    where: `source = ${quoted(source)}`,
    pipelineId,
    statusId,
    makesDeals: true,
    about: source,
  };
}

function rowOfStage(stage: DoctorFacts["configuration"]["stages"][number]): Row {
  const { event, pipeline_id: pipelineId, status_id: statusId } = stage;
  return {
    table: "amocrm_stages",
    row: `amocrm_stages «${event}»`,
    where: `event = ${quoted(event)}`,
    pipelineId,
    statusId,
    makesDeals: event === FIRST_EVENT,
    about: event,
  };
}

/** As SQL writes a text; the remedies are there to be copied. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function choice(one: Pipeline | User | { id: number; name: string }): Choice {
  return { shown: named(one), names: [one.name] };
}
