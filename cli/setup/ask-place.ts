import type { ChoicesAnswer } from "#shared/admin/answers.ts";
import type { Say } from "#shared/platform/text.ts";
import type { Prompts } from "../prompts.ts";
import { QUESTIONS } from "../words/setup-questions.ts";

export type Account = NonNullable<ChoicesAnswer["account"]>;
export type Pipeline = Account["pipelines"][number];

/** `«Продажи» 4400`: a name may be there twice, so the id stands beside it. */
export function named({ id, name }: { id: number; name: string }): string {
  return `«${name}» ${id}`;
}

/** Asks for one of the account's pipelines. */
export async function askPipeline(
  prompts: Prompts,
  question: string,
  { pipelines }: Account,
  presetId: number | null,
  say: Say,
): Promise<Pipeline> {
  const preset =
    pipelines.find(({ id }) => id === presetId) ?? pipelines.find(({ is_main: isMain }) => isMain);
  return await prompts.select(
    question,
    pipelines.map((pipeline) => ({
      name: pipeline.is_main ? say(QUESTIONS.mainPipeline, { name: named(pipeline) }) : named(pipeline),
      value: pipeline,
      description: pipeline.stages.map(({ name }) => name).join(" → "),
    })),
    preset,
  );
}

/** Asks for a stage where new deals begin; null leaves it to amoCRM, which takes the first. */
export async function askFirstStage(
  prompts: Prompts,
  pipeline: Pipeline,
  presetId: number | null,
  say: Say,
): Promise<number | null> {
  const open = pipeline.stages.filter(({ type }) => type === "open");
  return await prompts.select<number | null>(
    say(QUESTIONS.firstStage, { pipeline: named(pipeline) }),
    [
      { name: say(QUESTIONS.firstOne), value: null },
      ...open.map((stage) => ({ name: named(stage), value: stage.id })),
    ],
    open.some(({ id }) => id === presetId) ? presetId : null,
  );
}
