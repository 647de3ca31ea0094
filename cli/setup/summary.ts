import type { SetupRequestInput } from "#shared/admin/request.ts";
import type { Say, Text } from "#shared/platform/text.ts";
import { tableOf } from "../output.ts";
import { COLUMNS } from "../words/columns.ts";
import { QUESTIONS } from "../words/setup-questions.ts";
import { type Account, named } from "./ask-place.ts";

/** What a setup is about to write, in words, one line each. */
export function summaryOf(request: SetupRequestInput, account: Account, say: Say): string[] {
  const rows = [
    ...(request.routes ?? []).map((route) => [
      say(QUESTIONS.rowRoute, { name: route.source }),
      [
        placeWords(route.pipeline_id ?? null, route.status_id ?? null, account, say),
        responsibleWords(route.responsible_user_id ?? null, account, say),
        say(QUESTIONS.onRepeat, { what: route.on_repeat ?? "note" }),
        route.tags === undefined || route.tags.length === 0
          ? ""
          : say(QUESTIONS.withTags, { tags: route.tags.join(", ") }),
      ]
        .filter((text) => text !== "")
        .join("; "),
    ]),
    ...(request.stages ?? []).map((stage) => [
      say(QUESTIONS.rowStage, { name: stage.event }),
      placeWords(stage.pipeline_id, stage.status_id, account, say),
    ]),
    ...(request.fields ?? []).map((field) => [
      say(QUESTIONS.rowField, { name: `${field.entity}.${field.path}` }),
      fieldWords(field.field_id ?? null, account, say),
    ]),
    ...(request.marker === true ? [[say(QUESTIONS.rowMarker), say(QUESTIONS.markerHow)]] : []),
    ...(request.utm === true ? [["utm", say(QUESTIONS.utmHow)]] : []),
    ...roadRows(request.alerts ?? {}, say),
    ...(request.vault === undefined
      ? []
      : [["vault", say(QUESTIONS.vaultHow, { url: request.vault.functionsUrl })]]),
  ];
  return tableOf([say(COLUMNS.what), say(COLUMNS.how)], rows);
}

/** Hosts only: what is behind them is often a token. */
function roadRows({ alertUrl, deadManUrl }: NonNullable<SetupRequestInput["alerts"]>, say: Say): string[][] {
  const row = (what: Text, url: string | undefined): string[][] =>
    url === undefined ? [] : [[say(what), URL.canParse(url) ? new URL(url).host : say(QUESTIONS.none)]];
  return [...row(QUESTIONS.alertAddress, alertUrl), ...row(QUESTIONS.deadManAddress, deadManUrl)];
}

function placeWords(
  pipelineId: number | null,
  statusId: number | null,
  { pipelines }: Account,
  say: Say,
): string {
  const pipeline = pipelines.find(({ id }) => id === pipelineId);
  if (pipeline === undefined) return say(QUESTIONS.pipeline, { id: pipelineId ?? "?" });
  const stage = pipeline.stages.find(({ id }) => id === statusId);
  return `${named(pipeline)}, ${stage === undefined ? say(QUESTIONS.first) : named(stage)}`;
}

function responsibleWords(userId: number | null, { users }: Account, say: Say): string {
  if (userId === null) return "";
  return say(QUESTIONS.responsibleIs, { name: users?.find(({ id }) => id === userId)?.name ?? userId });
}

function fieldWords(fieldId: number | null, { fields }: Account, say: Say): string {
  const field = fields.find(({ id }) => id === fieldId);
  return field === undefined ? say(QUESTIONS.fieldId, { id: fieldId ?? "?" }) : named(field);
}
