import type { Compose } from "../mail/compose.ts";
import { composeAlertOpened, composeAlertResolved } from "./mails/alert.ts";

/** The mails about incidents, by kind. */
export const alertComposers: Readonly<Record<string, Compose>> = {
  "alert.opened": composeAlertOpened,
  "alert.resolved": composeAlertResolved,
};
