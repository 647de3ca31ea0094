import type { ChoicesAnswer } from "#shared/admin/answers.ts";
import type { Say } from "#shared/platform/text.ts";
import type { Prompts } from "../prompts.ts";
import type { RouteInput } from "../setup-rows.ts";
import { QUESTIONS } from "../words/setup-questions.ts";
import { type Account, askFirstStage, askPipeline } from "./ask-place.ts";

type Route = ChoicesAnswer["configured"]["routes"][number];

/** A source is at most as long as the column allows. */
const SOURCE_MAX_LENGTH = 200;
/** More sources than this are not typed in one after the other; amocrm_routes takes any number. */
const MAX_SOURCES = 50;

const ON_REPEAT = [
  { name: QUESTIONS.note, value: "note" },
  { name: QUESTIONS.noteAndTask, value: "note_and_task" },
  { name: QUESTIONS.ownDeal, value: "deal" },
] as const;

/** Asks where leads go: all, and those of single sources. Rows that stay as they are are left out. */
export async function askRoutes(
  prompts: Prompts,
  account: Account,
  present: readonly Route[],
  presetPipelineId: number | null,
  say: Say,
): Promise<RouteInput[]> {
  const rest = present.find(({ source }) => source === "*");
  const routes: RouteInput[] = [];
  const isNew = rest === undefined || (await prompts.confirm(changeQuestion(rest, account, say), false));
  if (isNew) routes.push(await askRoute(prompts, "*", account, rest, presetPipelineId, say));
  for (let count = 0; count < MAX_SOURCES; count += 1) {
    const further = say(count === 0 ? QUESTIONS.elsewhere : QUESTIONS.anotherSource);
    if (!(await prompts.confirm(further, false))) break;
    const source = await prompts.input(say(QUESTIONS.source), {
      fault: (text) => sourceFault(text, routes, say),
    });
    routes.push(
      await askRoute(
        prompts,
        source,
        account,
        present.find((route) => route.source === source),
        null,
        say,
      ),
    );
  }
  return routes;
}

async function askRoute(
  prompts: Prompts,
  source: string,
  account: Account,
  before: Route | undefined,
  presetPipelineId: number | null,
  say: Say,
): Promise<RouteInput> {
  const whose = source === "*" ? say(QUESTIONS.whereRest) : say(QUESTIONS.whereSource, { source });
  const pipeline = await askPipeline(prompts, whose, account, before?.pipeline_id ?? presetPipelineId, say);
  const statusId = await askFirstStage(prompts, pipeline, before?.status_id ?? null, say);
  const responsibleId = await askResponsible(prompts, account, before?.responsible_user_id ?? null, say);
  const onRepeat = await prompts.select(
    say(QUESTIONS.repeat),
    ON_REPEAT.map(({ name, value }) => ({ name: say(name), value })),
    before?.on_repeat ?? "note",
  );
  const tags = await prompts.input(say(QUESTIONS.tags), {
    preset: before?.tags.join(", ") ?? "",
  });
  return {
    source,
    pipeline_id: pipeline.id,
    status_id: statusId,
    responsible_user_id: responsibleId,
    on_repeat: onRepeat,
    tags: tags
      .split(",")
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ""),
    // A row is replaced as a whole; this column is not asked for.
    ...(before === undefined ? {} : { deal_name: before.deal_name }),
  };
}

async function askResponsible(
  prompts: Prompts,
  { users }: Account,
  presetId: number | null,
  say: Say,
): Promise<number | null> {
  if (users === null || users.length === 0) return presetId;
  return await prompts.select<number | null>(
    say(QUESTIONS.responsible),
    [
      { name: say(QUESTIONS.asAmocrm), value: null },
      ...users.map(({ id, name }) => ({ name: `${name} ${id}`, value: id })),
    ],
    users.some(({ id }) => id === presetId) ? presetId : null,
  );
}

function changeQuestion({ pipeline_id: id }: Route, { pipelines }: Account, say: Say): string {
  const pipeline = pipelines.find((one) => (id === null ? one.is_main : one.id === id));
  const place =
    pipeline === undefined ? say(QUESTIONS.lostPipeline, { id: id ?? "?" }) : `«${pipeline.name}»`;
  return say(QUESTIONS.changePlace, { place });
}

function sourceFault(text: string, routes: readonly RouteInput[], say: Say): string | null {
  if (text === "" || text === "*") return say(QUESTIONS.sourceNamed);
  if (text.length > SOURCE_MAX_LENGTH) return say(QUESTIONS.tooLong, { max: SOURCE_MAX_LENGTH });
  return routes.some(({ source }) => source === text) ? say(QUESTIONS.justAsked) : null;
}
