import type { SupabaseClient } from "@supabase/supabase-js";
import { part, tell } from "./element.ts";
import type { Texts } from "./texts.ts";

/** Wires the sign-in form; who is signed in then comes by the client's auth events. */
export function wireSignIn(supabase: SupabaseClient, texts: () => Texts): { tell(text: string): void } {
  const form = part("sign-in", HTMLFormElement);
  const email = part("sign-in-email", HTMLInputElement);
  const password = part("sign-in-password", HTMLInputElement);
  const fault = part("sign-in-fault", HTMLParagraphElement);
  const button = form.querySelector("button");

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const credentials = { email: email.value.trim(), password: password.value };
    if (credentials.email === "" || credentials.password === "") return tell(fault, texts().faultMissing);
    tell(fault, "");
    if (button) button.disabled = true;
    const { error } = await supabase.auth.signInWithPassword(credentials);
    if (button) button.disabled = false;
    if (error === null) {
      form.reset();
    } else if (error.code === "invalid_credentials") {
      tell(fault, texts().faultCredentials);
      password.select();
    } else {
      tell(
        fault,
        error.status ? `${texts().faultOther} ${error.code ?? error.status}` : texts().faultConnection,
      );
    }
  });
  return { tell: (text) => tell(fault, text) };
}
