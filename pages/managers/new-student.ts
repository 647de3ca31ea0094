import type { SupabaseClient } from "@supabase/supabase-js";
import { createStudent, type StudentResult } from "#client/tripwire-students.ts";
import { part, tell } from "../kit/element.ts";
import type { DateWords, Texts } from "./texts.ts";

const FIELDS = ["full_name", "email", "phone"] as const;
type Field = (typeof FIELDS)[number];

export interface NewStudentOptions {
  texts: () => Texts;
  date: DateWords;
  /** Called after a student was created or found. */
  onDone: () => void;
  onSignedOut: () => void;
}

/** Wires the form that makes a student. */
export function wireNewStudent(supabase: SupabaseClient, options: NewStudentOptions): { clear(): void } {
  const form = part("new-student", HTMLFormElement);
  const outcome = part("new-outcome", HTMLParagraphElement);
  const button = form.querySelector("button");
  const input = (field: Field): HTMLInputElement => part(field, HTMLInputElement);

  const showFaults = (faulty: readonly Field[]): void => {
    const texts = options.texts();
    const told: Record<Field, string> = {
      full_name: texts.faultName,
      email: texts.faultEmail,
      phone: texts.faultPhone,
    };
    for (const field of FIELDS) {
      const isFaulty = faulty.includes(field);
      input(field).ariaInvalid = String(isFaulty);
      part(`${field}-fault`, HTMLParagraphElement).textContent = isFaulty ? told[field] : "";
    }
    const [first] = faulty;
    if (first !== undefined) input(first).focus();
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const empty = (["full_name", "email"] as const).filter((field) => input(field).value.trim() === "");
    showFaults(empty);
    tell(outcome, "");
    if (empty.length > 0) return;
    if (button) button.disabled = true;
    const result = await createStudent(supabase.functions, {
      full_name: input("full_name").value,
      email: input("email").value,
      phone: input("phone").value,
    });
    if (button) button.disabled = false;
    if (result.ok) {
      form.reset();
      input("full_name").focus();
      tell(outcome, successText(result, options), "good");
      options.onDone();
      return;
    }
    const faulty = FIELDS.filter((field) => result.issues.some((issue) => issue.startsWith(`${field}:`)));
    showFaults(faulty);
    if (result.code === "not_signed_in") options.onSignedOut();
    else if (faulty.length === 0) tell(outcome, faultText(result.code, options.texts()));
  });

  return {
    clear() {
      form.reset();
      showFaults([]);
      tell(outcome, "");
    },
  };
}

function successText(result: StudentResult & { ok: true }, { texts, date }: NewStudentOptions): string {
  const { full_name, email, created_at } = result.student;
  return result.isNew
    ? `${full_name}: ${texts().created} ${email}`
    : `${full_name ?? email}: ${texts().there} ${date(created_at).day}`;
}

function faultText(code: string, texts: Texts): string {
  if (code === "no_connection") return texts.faultConnection;
  if (code === "auth_unavailable") return texts.faultBusy;
  if (code === "not_manager") return texts.faultManager;
  return `${texts.faultOther} ${code}`;
}
