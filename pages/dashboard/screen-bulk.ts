import { make } from "../kit/element.ts";
import type { Desk } from "./desk.ts";
import { button, card } from "./pieces.ts";
import { BulkJob } from "./shapes.ts";
import type { Texts } from "./texts.ts";

const TONES = { running: "wait", stopped: "bad", done: "good" } as const;

/** Bulk actions: how far each is, how it ended, what it left alone. */
export async function showBulk(desk: Desk): Promise<Node[]> {
  const { texts, format } = desk;
  const jobs = await desk.view("amocrm_bulk_jobs", BulkJob);
  if (jobs.length === 0) return [card(texts.bulk, [], make("p", "soft", texts.noneYet))];
  return jobs.map((job) => {
    const progress = document.createElement("progress");
    progress.max = Math.max(job.message_count, 1);
    progress.value = job.done_count + job.left_count;
    const words = texts.bulkOf
      .replace("{done}", format.number(job.done_count))
      .replace("{all}", format.number(job.message_count))
      .replace("{left}", format.number(job.left_count));
    progress.ariaLabel = words;
    const state = { running: texts.running, stopped: texts.stopped, done: texts.doneWord }[job.state];
    const left = make("ul", "todo");
    for (const one of job.left_alone)
      left.append(make("li", "", `№ ${one.id}: ${texts[one.result as keyof Texts] ?? one.result}`));
    return card(
      `${job.action === "requeue" ? texts.bulkRetry : texts.bulkCancel} № ${job.id}`,
      [
        make("span", `badge ${TONES[job.state]}`, state),
        ...(desk.mayChange && job.state === "running"
          ? [button(texts.stop, "danger", () => void desk.act("amocrm_bulk_stop", { p_job: job.id }))]
          : []),
      ],
      progress,
      make("p", "", words),
      make(
        "p",
        "soft small",
        `${format.time(job.created_at)} · ${Object.entries(job.filter)
          .map(([name, value]) => `${name}: ${value}`)
          .join(", ")}`,
      ),
      ...(job.left_alone.length === 0 ? [] : [make("h3", "", texts.leftAlone), left]),
    );
  });
}
