import type { LoggedRequest, RequestLog } from "#shared/amocrm/api/request-log.ts";

/** A request log that keeps what was noted, for a test to look at. */
export function createFakeRequestLog(): RequestLog & { requests: LoggedRequest[] } {
  const requests: LoggedRequest[] = [];
  return { requests, note: (request) => void requests.push(request), flush: async () => {} };
}
