import type { Text } from "../platform/text.ts";
import { FAULTS } from "./words/faults.ts";
import { FOLLOWUPS } from "./words/followups.ts";
import { PROBLEMS } from "./words/health.ts";
import { LOYALTY } from "./words/loyalty.ts";
import { NOTICES } from "./words/notices.ts";
import { POLICIES } from "./words/policies.ts";
import { REFUSALS } from "./words/refusals.ts";
import { REMEDIES } from "./words/remedies.ts";
import { createRecogniser } from "./words/said.ts";
import { SESSION } from "./words/session.ts";
import { SETUP_STEPS } from "./words/setup-steps.ts";
import { SMS } from "./words/sms.ts";
import { TELL } from "./words/tell.ts";
import { UNISENDER } from "./words/unisender.ts";
import { WEBHOOK } from "./words/webhook.ts";

/** The tables of what the database and the functions say in English and keep, by the file of SQL that has them as rows. */
export const TABLES = {
  health: [PROBLEMS, NOTICES, REMEDIES],
  answers: [FAULTS, POLICIES, SETUP_STEPS, REFUSALS],
  parts: [TELL, SESSION, WEBHOOK, SMS, LOYALTY, FOLLOWUPS, UNISENDER],
} as const;

export const SAID: readonly Text[] = Object.values(TABLES)
  .flat()
  .flatMap((texts) => Object.values(texts));

/** A sentence of the database or the functions in every language. */
export const recognise = createRecogniser(SAID);
