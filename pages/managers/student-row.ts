import { make } from "./element.ts";
import type { StudentOverview } from "./student-list.ts";
import type { DateWords, Texts } from "./texts.ts";

type Tone = "good" | "wait" | "bad" | "none";

/** How a state of a message looks to a manager: whatever is under way is one thing. */
function toneOf(state: string | null): Tone {
  if (state === "delivered") return "good";
  if (state === "dead" || state === "uncertain") return "bad";
  return state === "pending" || state === "leased" ? "wait" : "none";
}

/** One student as a row of the table; on a phone the row is a card and each cell names its column. */
export function studentRow(row: StudentOverview, texts: Texts, date: DateWords): HTMLElement {
  const who = make("div", "who", make("b", "", row.full_name || row.email || "—"));
  for (const line of [row.email, row.phone]) if (line) who.append(make("span", "", line));

  const mailTexts = {
    good: texts.mailDelivered,
    wait: texts.mailWaiting,
    bad: texts.mailDead,
    none: texts.mailNone,
  };
  const syncTexts = {
    good: texts.syncDelivered,
    wait: texts.syncWaiting,
    bad: texts.syncDead,
    none: texts.syncNone,
  };
  const amocrm = badge(toneOf(row.sync_state), syncTexts, row.sync_error_code);
  if (row.amocrm_deal_id !== null) amocrm.push(make("span", "small", `${texts.deal} ${row.amocrm_deal_id}`));

  const element = make("tr", "");
  element.role = "row";
  element.append(
    cell(texts.student, who),
    cell(texts.progress, ...progress(row, texts)),
    cell(texts.lastActivity, ...when(row.last_activity_at, date, texts.never)),
    cell(texts.mail, ...badge(toneOf(row.mail_state), mailTexts, row.mail_error_code)),
    cell(texts.amocrm, ...amocrm),
    cell(texts.added, ...when(row.created_at, date, "—")),
  );
  return element;
}

function cell(column: string, ...content: (string | Node)[]): HTMLElement {
  const element = make("td", "", ...content);
  element.role = "cell";
  element.dataset["column"] = column;
  return element;
}

function progress({ completed_count, lesson_count }: StudentOverview, texts: Texts): Node[] {
  const [done, all] = [completed_count ?? 0, lesson_count ?? 0];
  const words = `${done} ${texts.of} ${all}`;
  const bar = document.createElement("progress");
  bar.className = all > 0 && done === all ? "bar done" : "bar";
  bar.max = Math.max(all, 1);
  bar.value = done;
  bar.ariaLabel = `${texts.progress}: ${words}`;
  return [make("span", "", words), bar];
}

/** A state in words, and below it the code that an administrator needs if it is a bad one. */
function badge(tone: Tone, words: Readonly<Record<Tone, string>>, errorCode: string | null): Node[] {
  const element = make("span", `badge ${tone}`, words[tone]);
  return errorCode !== null && tone === "bad" ? [element, make("span", "small", errorCode)] : [element];
}

function when(iso: string | null, date: DateWords, otherwise: string): (string | Node)[] {
  if (iso === null) return [otherwise];
  const { day, time } = date(iso);
  return [make("span", "day", day), make("span", "small", time)];
}
