import { make } from "./element.ts";
import type { StudentOverview } from "./student-list.ts";
import type { Texts } from "./texts.ts";

type Tone = "good" | "wait" | "bad" | "none";

/** How a state of a message looks to a manager: whatever is under way is one thing. */
function toneOf(state: string | null): Tone {
  if (state === "delivered") return "good";
  if (state === "dead" || state === "uncertain") return "bad";
  return state === "pending" || state === "leased" ? "wait" : "none";
}

/** One student as a row of the table; on a phone the row is a card and each cell names its column. */
export function studentRow(row: StudentOverview, texts: Texts, date: (iso: string) => string): HTMLElement {
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
  const amocrm: Node[] = [badge(toneOf(row.sync_state), syncTexts, row.sync_error_code)];
  if (row.amocrm_deal_id !== null) amocrm.push(make("span", "small", `${texts.deal} ${row.amocrm_deal_id}`));

  const element = make("tr", "");
  element.role = "row";
  element.append(
    cell(texts.student, who),
    cell(texts.progress, ...progress(row, texts)),
    cell(texts.lastActivity, row.last_activity_at === null ? texts.never : date(row.last_activity_at)),
    cell(texts.mail, badge(toneOf(row.mail_state), mailTexts, row.mail_error_code)),
    cell(texts.amocrm, ...amocrm),
    cell(texts.added, row.created_at === null ? "—" : date(row.created_at)),
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

function badge(tone: Tone, words: Readonly<Record<Tone, string>>, errorCode: string | null): HTMLElement {
  const element = make("span", `badge ${tone}`, words[tone]);
  if (errorCode !== null && tone === "bad") element.append(` · ${errorCode}`);
  return element;
}
