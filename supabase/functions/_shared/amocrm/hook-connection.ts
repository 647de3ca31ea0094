/** Where a hook of amoCRM is kept. */
export { createHookStore } from "./webhook/store.ts";
