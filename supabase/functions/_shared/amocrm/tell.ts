import type { Handler } from "./handler.ts";
import { contactFields } from "./tell/contact-fields.ts";
import { dealFields } from "./tell/deal-fields.ts";
import { dealMove } from "./tell/deal-move.ts";
import { dealNote } from "./tell/deal-note.ts";
import { dealTags } from "./tell/deal-tags.ts";
import { dealTask } from "./tell/deal-task.ts";

/** What the messages of amocrm_tell do, by kind. A new kind is a line here, its handler, and a row of amocrm.kinds. */
export const tellHandlers: Readonly<Record<string, Handler>> = {
  "deal.note": dealNote,
  "deal.task": dealTask,
  "deal.move": dealMove,
  "deal.fields": dealFields,
  "deal.tags": dealTags,
  "contact.fields": contactFields,
};
