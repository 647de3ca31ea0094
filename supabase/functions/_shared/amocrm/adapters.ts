/** What keeps amoCRM's data in the database and asks amoCRM, for the functions to wire. */
export { createOutboxStore } from "./drain/store.ts";
export { createConsentAccount } from "./oauth/consent-connection.ts";
export { createConnectionReader, createConnectionStore, createConsentStore } from "./oauth/store.ts";
export { queueOf } from "./plan/queue-connection.ts";
export { createPlanStore } from "./plan/store.ts";
export { createPullStore } from "./pull/store.ts";
export { createHookStore } from "./webhook/store.ts";
export { createSubscriptionStore } from "./webhook/subscription-store.ts";
