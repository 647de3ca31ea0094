/** The steps that handlers are made of, and the requests that they perform. */
export type { Perform } from "./drain/batch.ts";
export type { Operation } from "./drain/operation.ts";
export { readDeal, searchContacts } from "./drain/operations.ts";
export { addNote } from "./steps/add-note.ts";
export { addTask } from "./steps/add-task.ts";
export { ChangedColumns, changeKeys } from "./steps/changed-keys.ts";
export { checkDealDeleted } from "./steps/deleted-deal.ts";
export { findContact, keysOf, type Sought } from "./steps/find-contact.ts";
export { type Moved, moveDeal } from "./steps/move-deal.ts";
export { DEAL_STEPS, type PlacedDeal, placeDeal } from "./steps/place-deal.ts";
export { nameOf, phoneWarning, textOf, unownedKeys } from "./steps/subject.ts";
