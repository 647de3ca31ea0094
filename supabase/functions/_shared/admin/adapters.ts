/** What the actions ask the database with, for the function to wire. */

export { createDecisionStore } from "./decisions/store.ts";
export { createDoctorStore } from "./doctor/store.ts";
export { createFindStore } from "./find/store.ts";
export { createFormsStore } from "./forms/store.ts";
export { createLinksStore } from "./links/store.ts";
export { createMessageStore } from "./messages/store.ts";
export { createSequencesStore } from "./sequences/store.ts";
export { createSmsStore } from "./sms/store.ts";
export { createAdminStore } from "./store.ts";
export { createHookReport } from "./webhook/store.ts";
