/**
 * What the functions and the session service (session-service/) say to each other beside amoCRM's own API: the service
 * passes amoCRM's answers on as they come, and marks its own, so that neither is taken for the other.
 */

/** On each answer of the service: `passed` for one of amoCRM's, else the code of its own refusal. */
export const SESSION_HEADER = "x-amocrm-session";
/** In a request: the account that it is meant for. In an answer: the account that the session is of. */
export const ACCOUNT_HEADER = "x-amocrm-account";
/** In an answer: where the account is, such as https://company.amocrm.ru. */
export const ORIGIN_HEADER = "x-amocrm-origin";
/** In a request, `wait=8`: for how many seconds a call may wait for a sign-in that is under way (RFC 7240). */
export const WAIT_HEADER = "prefer";
export const PASSED = "passed";

/** Why the service did not pass a call on. All but the last say that certainly nothing reached amoCRM. */
const SESSION_REFUSALS = [
  /** There is no session just now; the service signs in again by itself. */
  "signed_out",
  /** It has stopped trying: a person has to look, and then POST /resume. */
  "needs_person",
  /** The session is of another account than the call is meant for. */
  "other_account",
  "wrong_secret",
  /** The service is about to end. */
  "stopping",
  "path_refused",
  "method_refused",
  "body_too_large",
  "amocrm_unreachable",
  /** The call left, and no answer came. */
  "amocrm_lost",
] as const;

export type SessionRefusal = (typeof SESSION_REFUSALS)[number];

/** The refusal that an answer's mark names; null for an answer of amoCRM, undefined for one of somebody else. */
export function sessionRefusalOf(mark: string | null): SessionRefusal | null | undefined {
  if (mark === PASSED) return null;
  return SESSION_REFUSALS.find((known) => known === mark);
}
