import { filled } from "#shared/platform/text.ts";
import { usageFailure } from "./failure.ts";
import { parseId, type RouteInput, type StageInput } from "./setup-rows.ts";
import { FLAGS } from "./words/flags.ts";

/** Which variable of the older scripts named the stage of which event. */
const LESSON_STAGES = {
  AMOCRM_STAGE_LESSON_1: "lesson.67",
  AMOCRM_STAGE_LESSON_2: "lesson.68",
  AMOCRM_STAGE_LESSON_3: "lesson.69",
} as const;

/** Rows that the older variables stand for; empty if none is set. A malformed one is a usage failure that names it. */
export function rowsOfOlderVariables(environment: Readonly<Record<string, string | undefined>>): {
  routes: RouteInput[];
  stages: StageInput[];
} {
  const idOf = (name: string): number | null => {
    const text = environment[name]?.trim() ?? "";
    return text === "" ? null : parseId(text, name);
  };
  const pipelineId = idOf("AMOCRM_PIPELINE_ID");
  const tripwireId = idOf("AMOCRM_TRIPWIRE_PIPELINE_ID");
  const eventStages = [
    ["AMOCRM_TRIPWIRE_STAGE_BOUGHT_ID", "student.created"] as const,
    ...Object.entries(LESSON_STAGES),
  ];
  const stages: StageInput[] = [];
  for (const [name, event] of eventStages) {
    const statusId = idOf(name);
    if (statusId === null) continue;
    if (tripwireId === null) {
      throw usageFailure(filled(FLAGS.olderStage, { name }));
    }
    stages.push({ event, pipeline_id: tripwireId, status_id: statusId });
  }
  return { routes: pipelineId === null ? [] : [{ source: "*", pipeline_id: pipelineId }], stages };
}
