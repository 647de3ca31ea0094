/** A place whose forms post, as its key names it. */
export interface FormSource {
  id: string;
  kind: "tilda" | "taplink" | "generic";
}

/** A posted form as the inbox keeps it. */
export interface PostedForm {
  /** What the sender gave the submission for a number, as a UUID; null for a form that has none. */
  key: string | null;
  /** Of the body, by which a repeated delivery without a number is known. */
  hash: string;
  body:
    | {
        fields: Record<string, unknown>;
        utm: Record<string, string>;
        cookies?: Record<string, string>;
        submission_id: string | null;
      }
    /** What could not be taken apart, cut. */
    | { raw: string };
}

/** Port: forms in the database. Throws if it cannot be asked. */
export interface IntakeStore {
  sourceOfKey(keyHash: string): Promise<FormSource | null>;
  keep(sourceId: string, form: PostedForm): Promise<"stored" | "duplicate" | "full" | "unknown">;
}
