import type { Handler } from "./handler.ts";
import { leadCreated } from "./lead-created.ts";
import { leadUpdated } from "./lead-updated.ts";

/** The handler of each kind. A new kind is a line here, its handler, and has_handler in amocrm.kinds. */
export const handlers: Readonly<Record<string, Handler>> = {
  "lead.created": leadCreated,
  "lead.updated": leadUpdated,
};
