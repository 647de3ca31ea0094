import type { Clock } from "../../platform/clock.ts";
import type { Pipeline } from "../api/entities.ts";
import type { Configuration, StoredPipeline } from "../configuration.ts";
import type { End, Result } from "../handler.ts";
import type { Perform } from "./batch.ts";
import { readPipelines } from "./operations.ts";
import type { Outbox } from "./port.ts";

/** Managers reorder stages rarely; an hour later at the latest we know. */
const MAX_AGE_MS = 60 * 60_000;

/** A pipeline that may be among those is not taken for one that is gone. */
const UNREADABLE: End = {
  kind: "waiting",
  code: "unexpected_answer",
  message:
    "amoCRM lists a pipeline that cannot be read, and not the one that is wanted: look at the account's pipelines",
};

/** The account's pipelines: as an earlier drain stored them, or read once in this one. */
export interface Pipelines {
  /** The main one; null if the account tells none. */
  mainId(configuration: Configuration, perform: Perform): Promise<Result<number | null>>;
  /** One with its stages in order; read anew if it is old or does not have the stages. Null if there is none such. */
  one(
    configuration: Configuration,
    perform: Perform,
    wanted: { pipelineId: number; statusIds: readonly number[] },
  ): Promise<Result<Pipeline | null>>;
}

/** Reads the pipelines at most once, and stores them for the drains to come. */
export function rememberPipelines(outbox: Outbox, clock: Clock): Pipelines {
  let read: readonly Pipeline[] | null = null;
  let isReadWhole = true;

  async function readAll(perform: Perform): Promise<Result<readonly Pipeline[]>> {
    if (read !== null) return { ok: true, value: read };
    const answer = await perform(readPipelines, null);
    if (answer.verdict !== "delivered") return { ok: false, end: { kind: "failed", failed: answer } };
    // Handlers that waited side by side got the same list; it is stored once.
    if (read === null) {
      read = answer.value;
      isReadWhole = (answer.exchange.droppedCount ?? 0) === 0;
      await outbox.storePipelines(read);
    }
    return { ok: true, value: read };
  }

  return {
    async mainId(configuration, perform) {
      const stored = configuration.pipelines.find((pipeline) => pipeline.is_main && !pipeline.is_archive);
      if (stored !== undefined) return { ok: true, value: stored.pipeline_id };
      const all = await readAll(perform);
      if (!all.ok) return all;
      return { ok: true, value: all.value.find(({ isMain, isArchive }) => isMain && !isArchive)?.id ?? null };
    },
    async one(configuration, perform, { pipelineId, statusIds }) {
      const stored = configuration.pipelines.find(({ pipeline_id }) => pipeline_id === pipelineId);
      const isYoung =
        stored !== undefined && clock.nowMs() - Date.parse(stored.read_at) < MAX_AGE_MS && read === null;
      if (isYoung && statusIds.every((wanted) => stored.stages.some(({ id }) => id === wanted))) {
        return { ok: true, value: inOrder(pipelineOf(stored)) };
      }
      const all = await readAll(perform);
      if (!all.ok) return all;
      const found = all.value.find(({ id }) => id === pipelineId);
      if (found === undefined && !isReadWhole) return { ok: false, end: UNREADABLE };
      return { ok: true, value: found === undefined ? null : inOrder(found) };
    },
  };
}

function inOrder(pipeline: Pipeline): Pipeline {
  return { ...pipeline, stages: [...pipeline.stages].sort((a, b) => a.sort - b.sort) };
}

function pipelineOf(stored: StoredPipeline): Pipeline {
  return {
    id: stored.pipeline_id,
    name: stored.name,
    sort: stored.sort,
    isMain: stored.is_main,
    isArchive: stored.is_archive,
    stages: stored.stages,
  };
}
