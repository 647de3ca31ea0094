import { z } from "zod";
import { make, tell } from "../kit/element.ts";
import type { Desk } from "./desk.ts";
import { Preview } from "./shapes.ts";
import { counted } from "./texts.ts";

/** From so many on, the number is typed: a click does not retry thousands. */
const TYPED_FROM = 100;

/** Shows what a bulk action would touch, and starts it if that is confirmed. */
export async function offerBulk(desk: Desk, action: "requeue" | "cancel", filter: object): Promise<void> {
  const { texts, format } = desk;
  const words = action === "requeue" ? texts.bulkRetry : texts.bulkCancel;
  const outcome = document.getElementById("outcome");
  try {
    const preview = await desk.call("amocrm_bulk_preview", { p_action: action, p_filter: filter }, Preview);
    const typed = document.createElement("input");
    typed.inputMode = "numeric";
    typed.autocomplete = "off";
    const mustType = preview.count > TYPED_FROM;
    const isReady = (): boolean =>
      preview.count > 0 && (!mustType || typed.value.replace(/\s/g, "") === String(preview.count));
    const isAgreed = await desk.ask({
      title: texts.bulkTitle.replace("{action}", words),
      yes: `${texts.bulkStart}: ${counted(desk.language, "messages", preview.count)}`,
      isReady,
      body: [
        make(
          "p",
          "",
          preview.count === 0
            ? texts.bulkNone
            : counted(desk.language, "messages", preview.count, preview.is_more),
        ),
        make(
          "p",
          "",
          Object.entries(preview.kinds)
            .map(([kind, count]) => `${kind}: ${format.number(count)}`)
            .join(", "),
        ),
        ...(preview.oldest_at === null
          ? []
          : [make("p", "soft", texts.bulkOldest.replace("{at}", format.ago(preview.oldest_at)))]),
        ...preview.samples.map((one) =>
          make(
            "p",
            "small",
            `№ ${one.id} · ${one.kind} · ${one.who ?? "—"} · ${one.error_code ?? ""} ${one.error_message ?? ""}`,
          ),
        ),
        make("p", "soft small", texts.bulkFrozen),
        ...(mustType ? [make("label", "", texts.bulkType.replace("{n}", String(preview.count)), typed)] : []),
      ],
    });
    if (!isAgreed) return;
    await desk.call(
      "amocrm_bulk_start",
      { p_action: action, p_filter: filter, p_confirmed_count: preview.count },
      z.number(),
    );
    desk.go({ screen: "bulk", filter: {} });
  } catch (error) {
    if (outcome !== null) tell(outcome, error instanceof Error ? error.message : String(error), "bad");
  }
}
