/** What a pull keeps in the database, and by which it mends the hooks. */
export { createPullStore } from "./pull/store.ts";
export { createSubscriptionStore } from "./webhook/subscription-store.ts";
