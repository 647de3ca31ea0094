import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "#shared/platform/database.types.ts";
import { part, tell } from "../kit/element.ts";
import type { StudentActions } from "./student-actions.ts";
import { studentRow } from "./student-row.ts";
import type { DateWords, Texts } from "./texts.ts";

/** A row of the view that managers may read. */
export type StudentOverview = Database["public"]["Views"]["tripwire_students_overview"]["Row"];

export interface StudentListOptions {
  texts: () => Texts;
  date: DateWords;
  actions: StudentActions;
  certificateUrl: (code: string) => string;
  onSignedOut: () => void;
}

const PAGE_ROWS = 50;
const SEARCH_DELAY_MS = 250;

/** The list of students, newest first, with search and further pages. */
export function wireStudentList(
  supabase: SupabaseClient,
  options: StudentListOptions,
): { load(): Promise<void>; draw(): void; clear(): void } {
  const search = part("search", HTMLInputElement);
  const more = part("more", HTMLButtonElement);
  const body = part("rows", HTMLTableSectionElement);
  const fault = part("list-fault", HTMLParagraphElement);
  const empty = part("list-empty", HTMLParagraphElement);
  let rows: StudentOverview[] = [];
  let total = 0;
  let lastLoad = 0;

  const draw = (): void => {
    const texts = options.texts();
    body.replaceChildren(...rows.map((row) => studentRow(row, { ...options, texts })));
    part("list", HTMLTableElement).hidden = rows.length === 0;
    part("list-count", HTMLSpanElement).textContent = String(total);
    empty.textContent = search.value.trim() === "" ? texts.noStudents : texts.noMatches;
    empty.hidden = rows.length > 0 || !fault.hidden;
    more.hidden = rows.length >= total;
  };

  const load = async (from = 0): Promise<void> => {
    // An answer that was overtaken by a later question is dropped.
    const thisLoad = ++lastLoad;
    const question = supabase
      .from("tripwire_students_overview")
      .select("*", { count: "exact" })
      .order("created_at", { ascending: false })
      .order("id")
      .range(from, from + PAGE_ROWS - 1);
    const words = search.value.trim();
    const { data, count, error, status } = await (words === "" ? question : question.or(matching(words)));
    if (thisLoad !== lastLoad) return;
    if (status === 401) return options.onSignedOut();
    tell(
      fault,
      error === null ? "" : `${options.texts().faultList} ${error.code || options.texts().faultConnection}`,
    );
    if (error === null) {
      rows = from === 0 ? data : [...rows, ...data];
      total = count ?? rows.length;
    }
    draw();
  };

  let delay: ReturnType<typeof setTimeout> | undefined;
  search.addEventListener("input", () => {
    clearTimeout(delay);
    delay = setTimeout(() => void load(), SEARCH_DELAY_MS);
  });
  part("refresh", HTMLButtonElement).addEventListener("click", () => void load());
  more.addEventListener("click", () => void load(rows.length));

  return {
    load: () => load(),
    draw,
    clear() {
      // What the last manager saw is not the next one's.
      lastLoad += 1;
      rows = [];
      total = 0;
      search.value = "";
      draw();
    },
  };
}

/** A filter of the Data API: any of the three contains the words, taken literally. */
function matching(words: string): string {
  const pattern = `%${words.replace(/[\\%_]/g, "\\$&")}%`;
  const quoted = `"${pattern.replace(/[\\"]/g, "\\$&")}"`;
  return ["full_name", "email", "phone"].map((column) => `${column}.ilike.${quoted}`).join(",");
}
