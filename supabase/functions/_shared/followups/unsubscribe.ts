/** The way out of sequences, for mailboxes' buttons and the page. */
export { answerUnsubscribe } from "./unsubscribe/endpoint.ts";
