/** What a short link is answered with, and what counts its openings. */
export { createCounter } from "./go/counter.ts";
export { answerGo } from "./go/endpoint.ts";
