import { composeAlertOpened, composeAlertResolved } from "./alert.ts";
import type { Compose } from "./compose.ts";
import { composeWelcome } from "./welcome.ts";

/** Which kind is composed by what; a new kind is a line here. */
export const composers: Readonly<Record<string, Compose>> = {
  "alert.opened": composeAlertOpened,
  "alert.resolved": composeAlertResolved,
  "student.welcome": composeWelcome,
};
