/** A lead from a form that posts by itself. */
export { answerIntake } from "./intake/endpoint.ts";
