/** What reads and counts short links, for the function to wire. */
export { createLinkStore } from "./go/store.ts";
