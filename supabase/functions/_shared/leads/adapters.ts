/** What stores a form's lead and asks about its captcha, for the function to wire. */
export { createFormStore } from "./form/store.ts";
export { createTurnstile } from "./form/turnstile-connection.ts";
export { createIntakeStore } from "./intake/store.ts";
