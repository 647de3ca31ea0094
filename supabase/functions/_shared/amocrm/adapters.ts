/** What keeps amoCRM's data in the database and asks amoCRM, for the functions to wire. */
export { createConsentAccount } from "./oauth/consent-connection.ts";
export { createConnectionReader, createConnectionStore, createConsentStore } from "./oauth/store.ts";
export { queueOf } from "./plan/queue-connection.ts";
export { createPlanStore } from "./plan/store.ts";
