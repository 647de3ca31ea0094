/** Connecting an account by a consent. */
export { answerBrowser, routeOf } from "./oauth/endpoint.ts";
export { type Integration, integrationOf } from "./oauth/integration.ts";
export type { Connections, Consents } from "./oauth/port.ts";
export { runRefresh } from "./oauth/refresh-call.ts";
