/** The inbox of a source, for functions and connections to wire. */
export { createInbox } from "./inbox/store.ts";
