import type { SupabaseClient } from "@supabase/supabase-js";
import { part, tell } from "./element.ts";

/** The texts of signing in, in the language of the moment. */
interface SignInTexts {
  faultMissing: string;
  faultCredentials: string;
  faultConnection: string;
  faultOther: string;
  faultPassword: string;
  forgotEmail: string;
  forgotSent: string;
}

const PASSWORD_MIN_LENGTH = 8;

/** Wires the sign-in form; who is signed in then comes by the client's auth events. */
export function wireSignIn(supabase: SupabaseClient, texts: () => SignInTexts): { tell(text: string): void } {
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

  part("forgot", HTMLButtonElement).addEventListener("click", async () => {
    const address = email.value.trim();
    if (address === "") {
      tell(fault, texts().forgotEmail);
      return email.focus();
    }
    // The link leads back to this page, which must be one of the project's redirect URLs.
    const { error } = await supabase.auth.resetPasswordForEmail(address, {
      redirectTo: location.href.replace(/#.*$/, ""),
    });
    if (error === null) tell(fault, texts().forgotSent, "good");
    else
      tell(
        fault,
        error.status ? `${texts().faultOther} ${error.code ?? error.status}` : texts().faultConnection,
      );
  });
  return { tell: (text) => tell(fault, text) };
}

/** Puts in and wires the form that the link in a letter about a forgotten password leads to. */
export function askNewPassword(supabase: SupabaseClient, texts: () => SignInTexts, onDone: () => void): void {
  const view = part("password-view", HTMLElement);
  view.replaceChildren(part("password-form", HTMLTemplateElement).content.cloneNode(true));
  const form = part("new-password", HTMLFormElement);
  const password = part("new-password-value", HTMLInputElement);
  const fault = part("new-password-fault", HTMLParagraphElement);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const isLong = password.value.length >= PASSWORD_MIN_LENGTH;
    const { error } = isLong
      ? await supabase.auth.updateUser({ password: password.value })
      : { error: { code: "weak_password", status: 422 } };
    const isOfPassword = error?.code === "weak_password" || error?.code === "same_password";
    fault.textContent =
      error === null ? "" : isOfPassword ? texts().faultPassword : `${texts().faultOther} ${error.code}`;
    password.ariaInvalid = String(error !== null);
    if (error !== null) return password.focus();
    view.replaceChildren();
    onDone();
  });
}
