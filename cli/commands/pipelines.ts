import { PipelinesAnswer } from "../../supabase/functions/_shared/admin/answer.ts";
import type { Context } from "../context.ts";
import { EXIT, Failure } from "../failure.ts";
import { type Output, tableOf } from "../output.ts";

export const PIPELINES_HELP = `
All pipelines of the amoCRM account with their stages in order, and which routes and stages of ours use them. The ids are
what \`setup\` and the tables amocrm_routes and amocrm_stages want.

Exit code: 0, 2 for wrong usage, 3 if amoCRM or the project cannot be asked.

Examples:
  npm run amocrm -- pipelines
  npx amocrm pipelines --json | jq '.pipelines[].stages[]'`;

type Pipeline = NonNullable<PipelinesAnswer["pipelines"]>[number];

/** `pipelines`: what there is to choose from. */
export async function runPipelines(_flags: object, { askAdmin, output }: Context): Promise<number> {
  const { pipelines, reason } = await askAdmin({ action: "pipelines" }, PipelinesAnswer);
  if (pipelines === null) {
    throw new Failure(
      "not_answered",
      `amoCRM cannot be asked: ${reason ?? ""}`,
      "npm run amocrm -- doctor",
      EXIT.unreached,
    );
  }
  output.document({ pipelines });
  for (const [index, pipeline] of pipelines.entries()) {
    if (index > 0) output.line();
    print(pipeline, output);
  }
  return EXIT.ok;
}

function print(pipeline: Pipeline, output: Output): void {
  const { id, name, is_main: isMain, is_archive: isArchive, used_by: usedBy, stages } = pipeline;
  const remarks = [isMain ? "main" : "", isArchive ? "archived" : "", ...usedBy].filter(
    (text) => text !== "",
  );
  output.line(`Pipeline ${id} «${name}»${remarks.length === 0 ? "" : `: ${remarks.join(", ")}`}`);
  const rows = stages.map((stage) => [stage.id, stage.name, stage.type, stage.used_by.join(", ")]);
  for (const line of tableOf(["stage", "name", "type", "used by"], rows)) output.line(`  ${line}`);
}
