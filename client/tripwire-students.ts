import type { FunctionsClient, FunctionsHttpError } from "@supabase/functions-js";
import { z } from "zod";

/** What a manager fills in. The phone may be left out or empty. */
export interface NewStudent {
  full_name: string;
  email: string;
  phone?: string | null | undefined;
}

const Student = z.object({
  id: z.string(),
  user_id: z.string(),
  full_name: z.string().nullable(),
  email: z.string(),
  phone: z.string().nullable(),
  status: z.string(),
  granted_by: z.string().nullable(),
  created_at: z.string(),
});
/** A student as `tripwire-students` tells it. */
export type Student = z.infer<typeof Student>;

const Refusal = z.object({ code: z.string(), message: z.string(), issues: z.array(z.string()).optional() });

/** The codes that the function answers; `no_connection` and `unexpected` are this helper's own. */
export const REFUSALS = [
  "invalid_request",
  "invalid_json",
  "not_signed_in",
  "not_manager",
  "method_not_allowed",
  "body_too_large",
  "not_created",
  "auth_unavailable",
  "no_connection",
  "unexpected",
] as const;
export type RefusalCode = (typeof REFUSALS)[number];

export type StudentResult =
  /** `isNew` is false when the student was there already. */
  | { ok: true; isNew: boolean; student: Student }
  /** `issues`: what is wrong with the request, as `field: fault`. */
  | { ok: false; code: RefusalCode; message: string; issues: readonly string[] };

/**
 * Makes somebody a student, with the session of the signed-in manager: `createStudent(supabase.functions, student)`.
 * Never throws. After `no_connection`, `auth_unavailable` or `not_created` simply call it again: an address has one
 * student, however often it is asked for.
 */
export async function createStudent(functions: FunctionsClient, student: NewStudent): Promise<StudentResult> {
  const { data, error, response } = await functions.invoke<unknown>("tripwire-students", {
    body: { ...student },
  });
  if (error === null) {
    const made = Student.safeParse(data);
    if (!made.success)
      return refused("unexpected", "The answer is not a student: is the function's version another one?");
    return { ok: true, isNew: response?.status === 201, student: made.data };
  }
  // By name: a bundle may hold the class twice, and instanceof would then miss it.
  if (!(error instanceof Error && error.name === "FunctionsHttpError")) {
    return refused("no_connection", "The function could not be reached");
  }
  const answer = (error as FunctionsHttpError).context as Response;
  const refusal = Refusal.safeParse(await answer.json().catch(() => null));
  const message = refusal.data?.message ?? `The function answered ${answer.status}`;
  // The platform and the token check have codes of their own for a missing, wrong or expired token.
  if (answer.status === 401) return refused("not_signed_in", message);
  const code = REFUSALS.find((known) => known === refusal.data?.code) ?? "unexpected";
  return refused(code, message, refusal.data?.issues);
}

function refused(code: RefusalCode, message: string, issues: readonly string[] = []): StudentResult {
  return { ok: false, code, message, issues };
}
