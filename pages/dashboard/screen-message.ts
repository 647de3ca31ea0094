import { z } from "zod";
import { make } from "../kit/element.ts";
import type { Desk } from "./desk.ts";
import { partsOf, planOf } from "./message-plan.ts";
import { button, card, facts, table, wayTo } from "./pieces.ts";
import type { Route } from "./route.ts";
import { MessageDetail } from "./shapes.ts";
import { actionWord } from "./words-of-actions.ts";

const REQUEUED = ["dead", "cancelled", "pending"];
const CANCELLED = ["pending", "uncertain", "dead"];

/** One message: what became of it, what stands in its way, and what can be done. */
export async function showMessage(desk: Desk, { filter }: Route): Promise<Node[]> {
  const { texts, format } = desk;
  const id = Number(filter["id"]);
  const message = await desk.call("amocrm_message", { p_id: id, p_language: desk.language }, MessageDetail);
  const revealed = make("div", "");
  const host = message.account_host;
  const blocked =
    message.blocked_by === null
      ? []
      : [
          make(
            "p",
            "notice",
            wayTo(
              desk,
              { screen: "message", filter: { id: String(message.blocked_by) } },
              texts.blockedBy.replace("{id}", String(message.blocked_by)),
            ),
          ),
        ];
  const error =
    message.error_code === null
      ? []
      : [
          make("p", "notice bad", `${message.error_code}: ${message.error_message ?? ""}`),
          ...(message.explanation === null
            ? []
            : [make("p", "", `${texts.explanation}: ${message.explanation}`)]),
        ];
  return [
    make("p", "", wayTo(desk, { screen: "messages", filter: {} }, texts.back)),
    card(
      `${texts.message} № ${message.id}`,
      [desk.badge(message.state), ...actionsOn(desk, message)],
      ...blocked,
      ...error,
      facts(
        [texts.kind, message.kind],
        [texts.who, message.who ?? "—"],
        [texts.source, message.source ?? "—"],
        [texts.created, format.time(message.created_at)],
        [texts.tries, format.number(message.attempt_count)],
        [texts.next, format.ago(message.next_attempt_at)],
        [texts.delivered, format.time(message.delivered_at)],
      ),
      make(
        "div",
        "row",
        wayTo(desk, { screen: "person", filter: { subject_id: message.subject_id } }, texts.openPerson),
        ...(message.error_group === null
          ? []
          : [
              wayTo(
                desk,
                { screen: "messages", filter: { error_group: message.error_group } },
                texts.sameError,
              ),
            ]),
        // A route, a stage or a field is what a refusal is about most often.
        ...(message.error_code === null || message.queue !== "amocrm"
          ? []
          : [wayTo(desk, { screen: "settings", filter: {} }, texts.toSettings)]),
        ...(message.deal_id === null
          ? []
          : [desk.link(host, `/leads/detail/${message.deal_id}`, texts.openDeal)]),
        ...(message.contact_id === null
          ? []
          : [desk.link(host, `/contacts/detail/${message.contact_id}`, texts.openContact)]),
      ),
    ),
    card(texts.attempts, [], attempts(desk, message)),
    ...(message.warnings.length === 0
      ? []
      : [
          card(
            texts.warnings,
            [],
            ...message.warnings.map(({ code, message: words }) =>
              make("p", "", `${code ?? ""}: ${words ?? ""}`),
            ),
          ),
        ]),
    ...(message.requests.length === 0 ? [] : [card(texts.requests, [], requests(desk, message))]),
    ...planOf(desk, message),
    ...partsOf(desk, message),
    card(
      texts.personData,
      [
        ...(desk.mayChange
          ? [button(texts.reveal, "", () => void desk.attempt(() => reveal(desk, id, revealed)))]
          : []),
      ],
      make("p", "soft", desk.mayChange ? texts.revealNote : texts.viewerOnly),
      revealed,
    ),
    ...(message.actions.length === 0
      ? []
      : [
          card(
            texts.actions,
            [],
            ...message.actions.map(({ at, action, actor }) =>
              make("p", "", `${format.time(at)} · ${actionWord(desk.language, action)} · ${actor}`),
            ),
          ),
        ]),
  ];
}

function actionsOn(desk: Desk, message: MessageDetail): HTMLElement[] {
  if (!desk.mayChange) return [];
  const { texts } = desk;
  return [
    ...(REQUEUED.includes(message.state)
      ? [button(texts.retry, "main", () => void retry(desk, message))]
      : []),
    ...(CANCELLED.includes(message.state)
      ? [button(texts.cancel, "danger", () => void cancel(desk, message))]
      : []),
  ];
}

async function retry(desk: Desk, { id, error_code: code }: MessageDetail): Promise<void> {
  const { texts } = desk;
  // Sent again blindly, it could stand in amoCRM twice.
  const mustLook = code === "look_unclear";
  if (
    mustLook &&
    !(await desk.ask({ title: texts.retry, body: [make("p", "", texts.lookFirst)], yes: texts.retry }))
  )
    return;
  await desk.act("amocrm_requeue", { p_id: id });
}

async function cancel(desk: Desk, { id }: MessageDetail): Promise<void> {
  const { texts } = desk;
  if (await desk.ask({ title: texts.cancel, body: [make("p", "", texts.cancelSure)], yes: texts.cancel })) {
    await desk.act("amocrm_cancel", { p_id: id });
  }
}

async function reveal(desk: Desk, id: number, place: HTMLElement): Promise<void> {
  const data = await desk.call("amocrm_message_reveal", { p_id: id }, z.unknown());
  place.replaceChildren(make("pre", "", JSON.stringify(data, null, 2)));
}

function attempts(desk: Desk, message: MessageDetail): HTMLElement {
  const { texts, format } = desk;
  if (message.attempts.length === 0) return make("p", "soft", texts.noAttempts);
  const columns = [
    { name: texts.when },
    { name: texts.result },
    { name: texts.error },
    { name: texts.took },
    { name: texts.waitsFor },
  ];
  return table(
    texts.attempts,
    columns,
    message.attempts.map((one) => [
      format.time(one.started_at),
      desk.badge(one.state),
      one.error_code ?? "",
      format.duration(new Date(one.ended_at).getTime() - new Date(one.started_at).getTime()),
      one.wait_ms === null ? "" : format.duration(one.wait_ms),
    ]),
  );
}

function requests(desk: Desk, message: MessageDetail): HTMLElement {
  const { texts, format } = desk;
  const columns = [
    { name: texts.when },
    { name: texts.requestsWord, isWhole: true },
    { name: texts.result },
    { name: texts.took },
  ];
  return table(
    texts.requests,
    columns,
    message.requests.map((one) => [
      format.time(one.at),
      make("code", "", `${one.method} ${one.path}`),
      `${one.http_status ?? "—"} ${one.verdict}`,
      format.duration(one.duration_ms),
    ]),
  );
}
