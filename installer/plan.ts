/** One file that is written or taken away. `was` is what planning saw there: null for nothing. */
export interface Change {
  /** Under the supabase folder, with slashes. */
  place: string;
  was: string | null;
  /** Null: the file goes. */
  text: string | null;
}

/** Something to be said, by code: words-en.ts and words-ru.ts have the sentences. */
export interface Remark {
  code: string;
  facts: Readonly<Record<string, string | number>>;
}

/** What would be done. With a refusal nothing is. */
export interface Plan {
  changes: Change[];
  notices: Remark[];
  refusals: Remark[];
}

export const remark = (code: string, facts: Remark["facts"] = {}): Remark => ({ code, facts });
