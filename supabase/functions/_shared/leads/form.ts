/** A lead from a form with a captcha. */
export { answerForm } from "./form/endpoint.ts";
export { parseFormSettings } from "./form/settings.ts";
