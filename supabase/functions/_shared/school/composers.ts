import type { Compose } from "../mail/compose.ts";
import { composeWelcome } from "./welcome/welcome.ts";

/** The mails to students, by kind. */
export const schoolComposers: Readonly<Record<string, Compose>> = {
  "student.welcome": composeWelcome,
};
