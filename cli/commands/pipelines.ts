import { PipelinesAnswer } from "#shared/admin/answer.ts";
import { filled, same, type Text } from "#shared/platform/text.ts";
import type { Context } from "../context.ts";
import { EXIT, Failure } from "../failure.ts";
import { told } from "../language/told.ts";
import { tableOf } from "../output.ts";
import { COLUMNS } from "../words/columns.ts";
import { PIPELINES } from "../words/pipelines.ts";

const TYPES: Readonly<Record<string, Text>> = {
  open: PIPELINES.open,
  won: PIPELINES.won,
  lost: PIPELINES.lost,
  unsorted: PIPELINES.unsorted,
};

type Pipeline = NonNullable<PipelinesAnswer["pipelines"]>[number];

/** `pipelines`: what there is to choose from. */
export async function runPipelines(_flags: object, context: Context): Promise<number> {
  const { askAdmin, output } = context;
  const { pipelines, reason } = await askAdmin({ action: "pipelines" }, PipelinesAnswer);
  if (pipelines === null) {
    throw new Failure(
      "not_answered",
      filled(PIPELINES.unasked, { reason: told(reason ?? "") }),
      same("npm run amocrm -- doctor"),
      EXIT.unreached,
    );
  }
  output.document({ pipelines });
  for (const [index, pipeline] of pipelines.entries()) {
    if (index > 0) output.line();
    print(pipeline, context);
  }
  return EXIT.ok;
}

function print(pipeline: Pipeline, { output, say }: Context): void {
  const { id, name, is_main: isMain, is_archive: isArchive, used_by: usedBy, stages } = pipeline;
  const remarks = [
    isMain ? say(PIPELINES.main) : "",
    isArchive ? say(PIPELINES.archived) : "",
    ...usedBy,
  ].filter((text) => text !== "");
  const head = say(PIPELINES.pipeline, { id, name });
  output.line(`${head}${remarks.length === 0 ? "" : `: ${remarks.join(", ")}`}`);
  const rows = stages.map((stage) => [
    stage.id,
    stage.name,
    say(TYPES[stage.type] ?? same(stage.type)),
    stage.used_by.join(", "),
  ]);
  const columns = [COLUMNS.stage, COLUMNS.name, COLUMNS.type, COLUMNS.usedBy].map((column) => say(column));
  for (const line of tableOf(columns, rows)) output.line(`  ${line}`);
}
