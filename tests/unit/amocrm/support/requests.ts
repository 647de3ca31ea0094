import type { AmocrmRequest } from "#shared/amocrm/api/transport.ts";

/** A search as the client would send it. */
export const READ: AmocrmRequest = {
  method: "GET",
  methodClass: "read",
  path: "/api/v4/contacts",
  query: [],
  body: null,
  requestIds: [],
  itemCount: 1,
  timeoutMs: 10_000,
  purpose: "search_contacts",
};

/** A create of one contact. */
export const CREATE: AmocrmRequest = {
  ...READ,
  method: "POST",
  methodClass: "create",
  body: [{ name: "Anna" }],
  requestIds: ["m-1"],
  purpose: "create_contacts",
};
