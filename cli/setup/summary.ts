import type { SetupRequestInput } from "../../supabase/functions/_shared/admin/request.ts";
import { tableOf } from "../output.ts";
import { type Account, named } from "./ask-place.ts";

/** What a setup is about to write, in words, one line each. */
export function summaryOf(request: SetupRequestInput, account: Account): string[] {
  const rows = [
    ...(request.routes ?? []).map((route) => [
      `route ${route.source}`,
      [
        placeWords(route.pipeline_id ?? null, route.status_id ?? null, account),
        responsibleWords(route.responsible_user_id ?? null, account),
        `on repeat ${route.on_repeat}`,
        route.tags === undefined || route.tags.length === 0 ? "" : `tags ${route.tags.join(", ")}`,
      ]
        .filter((text) => text !== "")
        .join("; "),
    ]),
    ...(request.stages ?? []).map((stage) => [
      `stage ${stage.event}`,
      placeWords(stage.pipeline_id, stage.status_id, account),
    ]),
    ...(request.fields ?? []).map((field) => [
      `field ${field.entity}.${field.path}`,
      fieldWords(field.field_id ?? null, account),
    ]),
    ...(request.marker === true
      ? [["marker", "the deal field with the lead's id, made if it is missing"]]
      : []),
    ...(request.utm === true ? [["utm", "utm_source … utm_term into the deal fields of those codes"]] : []),
    ...roadRows(request.alerts ?? {}),
    ...(request.vault === undefined ? [] : [["vault", `${request.vault.functionsUrl} and a secret key`]]),
  ];
  return tableOf(["what", "how"], rows);
}

/** Hosts only: what is behind them is often a token. */
function roadRows({ alertUrl, deadManUrl }: NonNullable<SetupRequestInput["alerts"]>): string[][] {
  const row = (what: string, url: string | undefined): string[][] =>
    url === undefined ? [] : [[what, URL.canParse(url) ? new URL(url).host : "none"]];
  return [...row("alert address", alertUrl), ...row("dead-man address", deadManUrl)];
}

function placeWords(pipelineId: number | null, statusId: number | null, { pipelines }: Account): string {
  const pipeline = pipelines.find(({ id }) => id === pipelineId);
  if (pipeline === undefined) return `pipeline ${pipelineId}`;
  const stage = pipeline.stages.find(({ id }) => id === statusId);
  return `${named(pipeline)}, ${stage === undefined ? "first stage" : named(stage)}`;
}

function responsibleWords(userId: number | null, { users }: Account): string {
  if (userId === null) return "";
  return `responsible ${users?.find(({ id }) => id === userId)?.name ?? userId}`;
}

function fieldWords(fieldId: number | null, { fields }: Account): string {
  const field = fields.find(({ id }) => id === fieldId);
  return field === undefined ? `field ${fieldId}` : named(field);
}
