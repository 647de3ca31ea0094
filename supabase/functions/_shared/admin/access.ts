/** How the actions ask amoCRM. */
export { createAccountAccess } from "./account/account-access.ts";
