import type { SupabaseClient } from "@supabase/supabase-js";
import { part, tell } from "../kit/element.ts";
import type { StudentOverview } from "./student-list.ts";
import type { Texts } from "./texts.ts";

/** What a manager may do about one student. */
export interface StudentActions {
  resend(student: StudentOverview): void;
  correct(student: StudentOverview): void;
}

export interface StudentActionsOptions {
  texts: () => Texts;
  /** Called after something was changed. */
  onDone: () => void;
  onSignedOut: () => void;
}

/** Wires the buttons of the list. Whether this manager may do it is decided in the database. */
export function wireStudentActions(
  supabase: SupabaseClient,
  options: StudentActionsOptions,
): StudentActions & { clear(): void } {
  const outcome = part("list-outcome", HTMLParagraphElement);
  const dialog = part("correct", HTMLDialogElement);
  const form = part("correct-form", HTMLFormElement);
  const email = part("correct-email", HTMLInputElement);
  const fault = part("correct-fault", HTMLParagraphElement);
  const button = form.querySelector("button");
  let corrected: StudentOverview | undefined;

  const showFault = (text: string): void => {
    fault.textContent = text;
    email.ariaInvalid = String(text !== "");
    if (text !== "") email.focus();
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const texts = options.texts();
    if (corrected === undefined) return;
    if (!/^\S+@\S+$/.test(email.value.trim())) return showFault(texts.faultEmail);
    if (button) button.disabled = true;
    const answer = await supabase.rpc("tripwire_correct_email", {
      p_id: corrected.id,
      p_email: email.value.trim(),
    });
    if (button) button.disabled = false;
    if (answer.status === 401) {
      dialog.close();
      return options.onSignedOut();
    }
    if (answer.error === null) {
      dialog.close();
      tell(outcome, `${texts.corrected} ${email.value.trim()}`, "good");
      return options.onDone();
    }
    const { code } = answer.error;
    if (code === "23505") showFault(texts.faultTaken);
    else if (code === "22023") showFault(texts.faultEmail);
    else showFault(faultText(code, texts));
  });
  part("correct-cancel", HTMLButtonElement).addEventListener("click", () => dialog.close());

  return {
    async resend(student) {
      const texts = options.texts();
      const { error, status } = await supabase.rpc("message_resend_welcome", { p_student_id: student.id });
      if (status === 401) return options.onSignedOut();
      if (error === null) {
        tell(outcome, `${texts.resent} ${student.email}`, "good");
        return options.onDone();
      }
      tell(outcome, error.code === "22023" ? texts.faultOnItsWay : faultText(error.code, texts));
    },
    correct(student) {
      corrected = student;
      form.reset();
      showFault("");
      email.value = student.email ?? "";
      part("correct-who", HTMLSpanElement).textContent = student.full_name || student.email || "";
      // Takes the focus and gives it back to the button at the end; Escape closes it.
      dialog.showModal();
      email.select();
    },
    clear() {
      dialog.close();
      tell(outcome, "");
    },
  };
}

function faultText(code: string, texts: Texts): string {
  if (code === "42501") return texts.faultManager;
  return code ? `${texts.faultOther} ${code}` : texts.faultConnection;
}
