import type { ChoicesAnswer } from "../../supabase/functions/_shared/admin/choices/answer.ts";
import type { Prompts } from "../prompts.ts";
import type { RouteInput } from "../setup-rows.ts";
import { type Account, askFirstStage, askPipeline } from "./ask-place.ts";

type Route = ChoicesAnswer["configured"]["routes"][number];

/** A source is at most as long as the column allows. */
const SOURCE_MAX_LENGTH = 200;
/** More sources than this are not typed in one after the other; amocrm_routes takes any number. */
const MOST_SOURCES = 50;

const ON_REPEAT = [
  { name: "A note on that deal", value: "note" },
  { name: "A note and a task on that deal", value: "note_and_task" },
  { name: "A deal of its own", value: "deal" },
] as const;

/** Asks where leads go: all, and those of single sources. Rows that stay as they are are left out. */
export async function askRoutes(
  prompts: Prompts,
  account: Account,
  present: readonly Route[],
  presetPipelineId: number | null,
): Promise<RouteInput[]> {
  const rest = present.find(({ source }) => source === "*");
  const routes: RouteInput[] = [];
  const isNew = rest === undefined || (await prompts.confirm(changeQuestion(rest, account), false));
  if (isNew) routes.push(await askRoute(prompts, "*", account, rest, presetPipelineId));
  for (let count = 0; count < MOST_SOURCES; count += 1) {
    const further = count === 0 ? "Do leads of some source go elsewhere?" : "Another source?";
    if (!(await prompts.confirm(further, false))) break;
    const source = await prompts.input("Which source? As forms send it in `source`:", {
      fault: (text) => sourceFault(text, routes),
    });
    routes.push(
      await askRoute(
        prompts,
        source,
        account,
        present.find((route) => route.source === source),
        null,
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
): Promise<RouteInput> {
  const whose =
    source === "*" ? "Where do leads go that have no place of their own?" : `Where do leads of ${source} go?`;
  const pipeline = await askPipeline(prompts, whose, account, before?.pipeline_id ?? presetPipelineId);
  const statusId = await askFirstStage(prompts, pipeline, before?.status_id ?? null);
  const responsibleId = await askResponsible(prompts, account, before?.responsible_user_id ?? null);
  const onRepeat = await prompts.select(
    "What becomes of a further lead of somebody with an open deal?",
    ON_REPEAT,
    before?.on_repeat ?? "note",
  );
  const tags = await prompts.input("Tags for the deals, with commas between (Enter for none):", {
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
): Promise<number | null> {
  if (users === null || users.length === 0) return presetId;
  return await prompts.select<number | null>(
    "Who is responsible for the deals?",
    [
      { name: "As amoCRM decides", value: null },
      ...users.map(({ id, name }) => ({ name: `${name} ${id}`, value: id })),
    ],
    users.some(({ id }) => id === presetId) ? presetId : null,
  );
}

function changeQuestion({ pipeline_id: id }: Route, { pipelines }: Account): string {
  const pipeline = pipelines.find((one) => (id === null ? one.is_main : one.id === id));
  return `Leads without a place of their own go to ${pipeline === undefined ? `pipeline ${id}, which is not there` : `«${pipeline.name}»`}. Change that?`;
}

function sourceFault(text: string, routes: readonly RouteInput[]): string | null {
  if (text === "" || text === "*") return "A source has a name of its own";
  if (text.length > SOURCE_MAX_LENGTH) return `At most ${SOURCE_MAX_LENGTH} characters`;
  return routes.some(({ source }) => source === text) ? "That one was just asked for" : null;
}
