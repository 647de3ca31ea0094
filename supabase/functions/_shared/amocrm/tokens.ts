/** Access tokens: which one is used, and what it tells of itself. */
export { claimsOf } from "./tokens/claims.ts";
export { switchToLongLived } from "./tokens/long-lived-tokens.ts";
export { switchToSession } from "./tokens/session-admission.ts";
export { tokensFor } from "./tokens/tokens-for.ts";
