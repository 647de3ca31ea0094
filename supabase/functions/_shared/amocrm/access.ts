/** How amoCRM is asked outside of a drain. */
export { type AccountAccess, type Asked, createAccountAccess } from "./api/account-access.ts";
