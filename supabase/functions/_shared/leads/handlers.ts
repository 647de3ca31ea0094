import type { Handler } from "../amocrm/handler.ts";
import { leadCreated } from "./lead-created.ts";
import { leadUpdated } from "./lead-updated.ts";

/** What the messages about leads do in amoCRM, by kind. A new kind is a line here, its handler, and a row of amocrm.kinds. */
export const leadHandlers: Readonly<Record<string, Handler>> = {
  "lead.created": leadCreated,
  "lead.updated": leadUpdated,
};
