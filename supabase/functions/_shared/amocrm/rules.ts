/** The rules about contacts, deals, fields and notes that other areas go by. */
export { chooseDeal } from "./rules/choose-deal.ts";
export { isFillable } from "./rules/field-values.ts";
export { LEAD_DATA_COLUMNS, type LeadRow, type Leftover } from "./rules/lead-fields.ts";
export { matchContact, searchQueries } from "./rules/match-contact.ts";
export type { NoteContent } from "./rules/note-text.ts";
export { PLAN_REASON_CODES } from "./rules/plan-reasons.ts";
