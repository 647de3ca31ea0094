/** The pull of contacts and deals. */
export { type PullReport, pull } from "./pull/pull.ts";
