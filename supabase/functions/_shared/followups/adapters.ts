/** What withdraws a recipient by a token, for the function to wire. */
export { createWayOut } from "./unsubscribe/store.ts";
