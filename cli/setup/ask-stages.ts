import type { ChoicesAnswer } from "#shared/admin/answers.ts";
import type { Say } from "#shared/platform/text.ts";
import { told } from "../language/told.ts";
import type { Prompts } from "../prompts.ts";
import type { StageInput } from "../setup-rows.ts";
import { QUESTIONS } from "../words/setup-questions.ts";
import { type Account, askPipeline, named } from "./ask-place.ts";

/** Asks whether and where students' deals move, event by event. `older` are the rows of the older variables. */
export async function askStages(
  prompts: Prompts,
  account: Account,
  { events, configured }: Pick<ChoicesAnswer, "events" | "configured">,
  older: readonly StageInput[],
  say: Say,
): Promise<StageInput[]> {
  const known: readonly StageInput[] = [...older, ...configured.stages];
  const isWanted = await prompts.confirm(say(QUESTIONS.school), older.length > 0);
  if (!isWanted) return [];
  const pipeline = await askPipeline(
    prompts,
    say(QUESTIONS.schoolPipeline),
    account,
    known[0]?.pipeline_id ?? null,
    say,
  );
  const stages = pipeline.stages.filter(({ type }) => type !== "unsorted");
  const rows: StageInput[] = [];
  for (const { event, title } of events) {
    const before = known.find((row) => row.event === event);
    const isHere = before?.pipeline_id === pipeline.id && stages.some(({ id }) => id === before.status_id);
    const statusId = await prompts.select<number | null>(
      say(QUESTIONS.stage, { title: told(title), event }),
      [
        { name: say(before === undefined ? QUESTIONS.movesNothing : QUESTIONS.asNow), value: null },
        ...stages.map((stage) => ({ name: named(stage), value: stage.id })),
      ],
      isHere ? before.status_id : null,
    );
    if (statusId !== null) rows.push({ event, pipeline_id: pipeline.id, status_id: statusId });
  }
  return rows;
}
