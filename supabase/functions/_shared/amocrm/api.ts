/** amoCRM's API as other areas may know it: what its answers hold, and the log of its requests. */
export { allPages } from "./api/all-pages.ts";
export {
  type Account,
  type Collection,
  type Contact,
  type CustomField,
  type Deal,
  LOST_STATUS_ID,
  type Pipeline,
  type Stage,
  type User,
  WON_STATUS_ID,
} from "./api/entities.ts";
export type { RequestLog } from "./api/request-log.ts";
export type { Answer, Failed, FaultCode } from "./api/verdict.ts";
