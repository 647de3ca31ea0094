import { make } from "../kit/element.ts";
import type { StudentActions } from "./student-actions.ts";
import type { StudentOverview } from "./student-list.ts";
import type { DateWords, Texts } from "./texts.ts";

type Tone = "good" | "wait" | "bad" | "none";

/** How a state of a message looks to a manager: whatever is under way is one thing. */
function toneOf(state: string | null): Tone {
  if (state === "delivered") return "good";
  if (state === "dead" || state === "uncertain") return "bad";
  return state === "pending" || state === "leased" ? "wait" : "none";
}

/** How the welcome mail stands, as a manager needs to know it: what came back is for him to mend. */
function mailBadge({ mail_state: state, mail_error_code: reason }: StudentOverview, texts: Texts): Node[] {
  switch (state) {
    case "sent":
      return badge("good", texts.mailSent, null);
    case "delivered":
      return badge("good", texts.mailDelivered, null);
    case "waiting":
    case "delayed":
      return badge("wait", texts.mailWaiting, reason);
    case "bounced":
      return badge("bad", texts.mailBounced, reason);
    case "complained":
      return badge("bad", texts.mailComplained, null);
    case "failed":
      return badge("bad", texts.mailFailed, reason);
    default:
      return badge("none", texts.mailNone, null);
  }
}

/** What a row needs beside its student. */
export interface RowOptions {
  texts: Texts;
  date: DateWords;
  actions: StudentActions;
  /** Where the certificate with a code is. */
  certificateUrl: (code: string) => string;
}

/** One student as a row of the table; on a phone the row is a card and each cell names its column. */
export function studentRow(row: StudentOverview, options: RowOptions): HTMLElement {
  const { texts, date, actions } = options;
  const name = row.full_name || row.email || "—";
  const who = make("div", "who", make("b", "", row.full_name || row.email || "—"));
  for (const line of [row.email, row.phone]) if (line) who.append(make("span", "", line));

  const syncTexts = {
    good: texts.syncDelivered,
    wait: texts.syncWaiting,
    bad: texts.syncDead,
    none: texts.syncNone,
  };
  const tone = toneOf(row.sync_state);
  const amocrm = badge(tone, syncTexts[tone], row.sync_error_code);
  if (tone === "wait" && row.sync_error_code !== null)
    amocrm.push(
      make("span", "small", row.sync_error_code === "no_stage" ? texts.waitStage : texts.waitRetry),
    );
  if (row.amocrm_deal_url !== null)
    amocrm.push(link(`${texts.deal} ${row.amocrm_deal_id}`, row.amocrm_deal_url, texts.openDeal, texts));
  who.append(button(texts.correct, `${texts.correctFor} ${name}`, () => actions.correct(row)));
  const mail = mailBadge(row, texts);
  if (!["waiting", "delayed"].includes(row.mail_state ?? ""))
    mail.push(button(texts.resend, `${texts.resendFor} ${name}`, () => actions.resend(row)));
  const lessons = progress(row, texts);
  if (row.certificate_code !== null) {
    const url = options.certificateUrl(row.certificate_code);
    lessons.push(link(texts.certificate, url, `${texts.certificate}: ${name}`, texts));
  }

  const element = make("tr", "");
  element.role = "row";
  element.append(
    cell(texts.student, who),
    cell(texts.progress, ...lessons),
    cell(texts.lastActivity, ...when(row.last_activity_at, date, texts.never)),
    cell(texts.mail, ...mail),
    cell(texts.amocrm, ...amocrm),
    cell(texts.added, ...when(row.created_at, date, "—")),
  );
  return element;
}

function button(words: string, label: string, onClick: () => void): HTMLElement {
  const element = make("button", "", words) as HTMLButtonElement;
  element.type = "button";
  element.ariaLabel = label;
  element.addEventListener("click", onClick);
  return element;
}

function link(words: string, url: string, label: string, texts: Texts): HTMLElement {
  const element = make("a", "", words) as HTMLAnchorElement;
  element.href = url;
  element.target = "_blank";
  element.rel = "noopener noreferrer";
  element.ariaLabel = `${label} (${texts.newTab})`;
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
function badge(tone: Tone, words: string, errorCode: string | null): Node[] {
  const element = make("span", `badge ${tone}`, words);
  return errorCode !== null && (tone === "bad" || tone === "wait")
    ? [element, make("span", "small", errorCode)]
    : [element];
}

function when(iso: string | null, date: DateWords, otherwise: string): (string | Node)[] {
  if (iso === null) return [otherwise];
  const { day, time } = date(iso);
  return [make("span", "day", day), make("span", "small", time)];
}
