/** One request to somebody's server, and what came of it. */
export { readBody } from "./http/answer-body.ts";
export { exchange, type Fetch, type HttpParts, USER_AGENT } from "./http/exchange.ts";
export { networkFailure } from "./http/network-failure.ts";
export { oneShotBody } from "./http/one-shot-body.ts";
export type { AnsweredOutcome, BodyFault, FailedOutcome, OutcomeTimes } from "./http/outcome.ts";
export { retryWaitMs } from "./http/retry-wait.ts";
