/** What a drain keeps in the database. Apart from `adapters.ts`: each function loads only what its call uses. */
export { createOutboxStore } from "./drain/store.ts";
