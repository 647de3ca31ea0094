import { LOST_STATUS_ID, type Pipeline, type Stage, WON_STATUS_ID } from "../../amocrm/api.ts";
import { createCatalog } from "../account/catalog.ts";
import type { PipelineStage, PipelinesAnswer } from "../answer.ts";
import type { AdminPorts, Configured } from "../port.ts";

/** All pipelines and stages of the account, and which of our rows use them. What is read is remembered, as setup does. */
export async function listPipelines({ store, account }: AdminPorts): Promise<PipelinesAnswer> {
  const [asked, configured] = await Promise.all([createCatalog(account).pipelines(), store.configured()]);
  if (!asked.ok) return { pipelines: null, reason: asked.reason };
  await store.savePipelines(asked.value);
  const pipelines = asked.value
    .toSorted((a, b) => a.sort - b.sort || a.id - b.id)
    .map((pipeline) => ({
      id: pipeline.id,
      name: pipeline.name,
      is_main: pipeline.isMain,
      is_archive: pipeline.isArchive,
      used_by: rowsOf(pipeline, null, configured),
      stages: pipeline.stages
        .toSorted((a, b) => a.sort - b.sort || a.id - b.id)
        .map((stage) => ({
          id: stage.id,
          name: stage.name,
          type: typeOf(stage),
          used_by: rowsOf(pipeline, stage.id, configured),
        })),
    }));
  return { pipelines, reason: null };
}

/** What a stage means for a deal in it. */
export function typeOf({ id, isUnsorted }: Stage): PipelineStage["type"] {
  if (id === WON_STATUS_ID) return "won";
  if (id === LOST_STATUS_ID) return "lost";
  return isUnsorted ? "unsorted" : "open";
}

/** The rows that name the stage, or with null those that leave the stage to the pipeline. */
function rowsOf({ id, isMain }: Pipeline, statusId: number | null, { routes, stages }: Configured): string[] {
  const isMeant = (place: { pipeline_id: number | null; status_id: number | null }): boolean =>
    (place.pipeline_id === id || (place.pipeline_id === null && isMain)) && place.status_id === statusId;
  return [
    ...routes.filter(isMeant).map(({ source }) => `route ${source}`),
    ...stages.filter(isMeant).map(({ event }) => `stage ${event}`),
  ];
}
