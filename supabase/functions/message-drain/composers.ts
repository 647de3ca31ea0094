import { followupComposers } from "../_shared/followups/composers.ts";
import type { Compose } from "../_shared/mail/compose.ts";
import { schoolComposers } from "../_shared/school/composers.ts";
import { alertComposers } from "../_shared/watch/composers.ts";

/** Which kind of mail is composed by what, as the areas bring them. */
export const composers: Readonly<Record<string, Compose>> = {
  ...alertComposers,
  ...schoolComposers,
  ...followupComposers,
};
