/** What keeps the school's data and asks the auth service, for the functions to wire. */
export { createCertificateFinder } from "./certificate/store.ts";
export { createAccounts } from "./students/account-store.ts";
export { createStudentStore } from "./students/store.ts";
export { createRecovery, createWelcomeLinks } from "./welcome/store.ts";
