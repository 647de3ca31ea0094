/** What amoCRM's hooks are answered with, and the subscription to them. */
export { answerHook } from "./webhook/endpoint.ts";
export type { SubscriptionStore } from "./webhook/port.ts";
export { heal, lookAtSubscription, type Managed, rotate, switchOff } from "./webhook/subscription.ts";
