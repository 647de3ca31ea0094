/** The other way round: how events from outside are taken in, kept, claimed and settled. */
export type { Inbox } from "./inbox/port.ts";
export { type Delivery, type Read, receive, refuseDelivery, type Source } from "./inbox/receive.ts";
