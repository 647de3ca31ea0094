import { z } from "zod";
import { make } from "../kit/element.ts";
import type { Desk } from "./desk.ts";
import { button, card } from "./pieces.ts";
import type { MessageDetail } from "./shapes.ts";
import { reasonWord } from "./words.ts";

/** From here on ids are of what the plan itself would make. */
const PAPER_ID = 9_000_000_000_000;
const PLANNED = ["pending", "uncertain"];

/** What amocrm-admin answers, as far as it is shown; whom it is about is masked there. */
const Plan = z.object({
  requests: z.array(
    z.object({
      method: z.string(),
      path: z.string(),
      query: z.string(),
      entity_ids: z.array(z.number()),
      message_ids: z.array(z.number()),
      body: z.unknown(),
    }),
  ),
  messages: z.array(
    z.object({
      id: z.number(),
      reasons: z.array(
        z.object({
          code: z.string(),
          id: z.number().nullable(),
          source: z.string().nullable(),
          pipeline_id: z.number().nullable(),
          status_id: z.number().nullable(),
        }),
      ),
      verdict: z.string().nullable(),
      code: z.string().nullable(),
    }),
  ),
});

/** What would be sent for a message now. It is asked for, since the drain's own code works it out each time. */
export function planOf(desk: Desk, message: MessageDetail): HTMLElement[] {
  if (message.queue !== "amocrm" || !PLANNED.includes(message.state)) return [];
  const { texts } = desk;
  const place = make("div", "stack");
  const show = async (): Promise<void> => {
    try {
      const plan = await desk.askFunction("amocrm-admin", { action: "plan", lead: message.subject_id }, Plan);
      place.replaceChildren(...told(desk, plan, message.id));
    } catch (error) {
      place.replaceChildren(make("p", "notice bad", error instanceof Error ? error.message : String(error)));
    }
  };
  return [
    card(
      texts.planTitle,
      [button(texts.planShow, "", () => void show())],
      make("p", "soft", texts.planLead),
      place,
    ),
  ];
}

function told(desk: Desk, plan: z.infer<typeof Plan>, id: number): HTMLElement[] {
  const { texts } = desk;
  const message = plan.messages.find((one) => one.id === id);
  if (message === undefined) return [make("p", "notice", texts.planLater)];
  const requests = plan.requests.filter(({ message_ids: ids }) => ids.includes(id));
  return [
    make("h3", "", texts.planWhy),
    ...message.reasons.map((reason) => make("p", "", reasonWord(desk.language, reason))),
    ...(message.code === null
      ? []
      : [make("p", "notice bad", texts.planEnds.replace("{code}", message.code))]),
    make("h3", "", texts.planRequests),
    ...(requests.length === 0 ? [make("p", "soft", texts.planNone)] : []),
    ...requests.map(({ method, path, query, entity_ids: ids, body }) =>
      make(
        "div",
        "stack",
        make("code", "", `${method} ${path}${query === "" ? "" : `?${query}`}`),
        make(
          "span",
          "small soft",
          ids.map((one) => (one >= PAPER_ID ? texts.planNew : String(one))).join(", "),
        ),
        ...(body === null || body === undefined ? [] : [make("pre", "", JSON.stringify(body, onPaper, 2))]),
      ),
    ),
  ];
}

const onPaper = (_: string, value: unknown): unknown =>
  typeof value === "number" && value >= PAPER_ID ? "(new)" : value;

const PARTS = ["deal", "contactUpdated", "note", "task", "moved", "written"] as const;
const PART_TEXTS = {
  deal: "partDeal",
  contactUpdated: "partContact",
  note: "partNote",
  task: "partTask",
  moved: "partMoved",
  written: "partWritten",
} as const;

/** The parts of a message that are in amoCRM already, and those that are known to be missing. */
export function partsOf(desk: Desk, { progress, state }: MessageDetail): HTMLElement[] {
  const { texts } = desk;
  const known = PARTS.filter((part) => progress[part] !== undefined);
  if (Object.keys(progress).length === 0) {
    return state === "delivered" ? [] : [card(texts.progress, [], make("p", "soft", texts.partsNone))];
  }
  return [
    card(
      texts.progress,
      [],
      make(
        "div",
        "row",
        ...known.map((part) => {
          const isDone = progress[part] !== false;
          const words = `${isDone ? "✓" : "…"} ${texts[PART_TEXTS[part]]}: ${isDone ? texts.partDone : texts.partOpen}`;
          return make("span", `badge ${isDone ? "good" : "wait"}`, words);
        }),
      ),
      make("pre", "", JSON.stringify(progress, null, 2)),
    ),
  ];
}
