import type { Handler } from "../_shared/amocrm/handler.ts";
import { tellHandlers } from "../_shared/amocrm/tell.ts";
import { leadHandlers } from "../_shared/leads/handlers.ts";
import { schoolHandlers } from "../_shared/school/handlers.ts";

/** The handler of each kind, as the areas bring them. */
export const handlers: Readonly<Record<string, Handler>> = {
  ...leadHandlers,
  ...schoolHandlers,
  ...tellHandlers,
};
