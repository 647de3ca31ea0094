/** The button of the welcome page. */
export { answerPress } from "./welcome/press.ts";
