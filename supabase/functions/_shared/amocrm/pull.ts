/** The pull of contacts and deals. */
export { pull } from "./pull/pull.ts";
