import type { Page } from "playwright-core";

/** What a page of the account is, as far as a reader can tell. */
export type Seen =
  | "desk"
  | "form"
  /** The form, and an error beside it. */
  | "refused_form"
  | "robot_check"
  | "second_factor"
  | "account_choice"
  | "unknown";

/** The form's own names; the others are for the day on which amoCRM renames an id. */
export const FORM = {
  login: '#session_end_login, input[name="username"]',
  password: '#password, input[name="password"]',
  submit: '#auth_submit, .auth_form__submit, form button[type="submit"]',
} as const;

/**
 * Looked for within the page, in the order in which one hides another. Told as text, since what a test's compiler makes of
 * a function does not run there.
 */
const LOOK = `(() => {
  const shown = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && getComputedStyle(element).visibility !== "hidden";
  };
  const any = (selector) => [...document.querySelectorAll(selector)].some(shown);
  if (document.querySelector("#left_menu") !== null) return "desk";
  if (any('input[autocomplete="one-time-code"], input[name="code"], input[name*="otp" i], input[name*="2fa" i]'))
    return "second_factor";
  const checks = [...document.querySelectorAll('#captcha, [class*="captcha" i], iframe[src*="captcha" i]')];
  const isAsked = checks.some((one) => {
    // A badge in the corner asks nothing of anybody.
    if (one.closest(".grecaptcha-badge") !== null) return false;
    const box = one.getBoundingClientRect();
    return shown(one) && box.width >= 100 && box.height >= 40;
  });
  if (isAsked) return "robot_check";
  if (any("#accounts_list, [class*='accounts_list'], [class*='accounts-list'], [class*='account-list']"))
    return "account_choice";
  if (any(${JSON.stringify(FORM.login)}) && any(${JSON.stringify(FORM.password)})) {
    const errors = [...document.querySelectorAll("[class*='error' i]")];
    return errors.some((one) => shown(one) && one.textContent.trim() !== "") ? "refused_form" : "form";
  }
  return "unknown";
})()`;

const SEEN: readonly string[] = [
  "desk",
  "form",
  "refused_form",
  "robot_check",
  "second_factor",
  "account_choice",
] satisfies readonly Seen[];

/** Looks at the page as it is now; in the middle of going elsewhere it is nothing known. */
export async function look(page: Page): Promise<Seen> {
  const seen: unknown = await page.evaluate(LOOK).catch(() => "unknown");
  return SEEN.includes(String(seen)) ? (seen as Seen) : "unknown";
}
